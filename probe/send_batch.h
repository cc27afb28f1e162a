// Hands several packets of one stream to the kernel with one system call. Owns
// the scratch memory; one thread; allocates only when made.
//
// Packets differ only in their header. Sent each by itself, a packet is a header of
// its own and the padding that all share. Sent as one, they lie in one piece: the
// kernel takes longer to copy many small pieces than all of their bytes.
#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "probe/stream_spec.h"
#include "probe/wire.h"

namespace mcast {

class SendBatch {
 public:
  static constexpr std::size_t kSize = 64;  // UDP_MAX_SEGMENTS of older kernels
  // A GSO send may not be larger than an IP packet.
  static constexpr std::size_t kMaxSegmentedBytes = 65'000;

  SendBatch();

  // Of a datagram smaller than this, the whole of it.
  using Header = std::array<std::uint8_t, kMaxHeaderSize>;
  [[nodiscard]] static constexpr std::size_t header_size(std::size_t datagram_size) {
    return std::min(datagram_size, kMaxHeaderSize);
  }
  // Fill `count` of these, then send them.
  [[nodiscard]] Header& header(std::size_t i) { return headers_[i]; }

  struct Outcome {
    std::size_t sent = 0;  // packets the kernel took
    int error = 0;         // errno that stopped it, 0 when all were sent
  };
  // As `count` datagrams of `size` bytes, with sendmmsg.
  Outcome send_each(int socket, std::size_t count, std::size_t size);
  // The same datagrams as one send with UDP_SEGMENT; all or nothing.
  Outcome send_segmented(int socket, std::size_t count, std::size_t size);

 private:
  // Puts the headers of `count` packets of `size` bytes into segments_.
  void lay_out(std::size_t count, std::size_t size);

  std::array<Header, kSize> headers_{};
  std::vector<std::uint8_t> padding_;
  // Not std::vector: resident only once a stream is fast enough to need it.
  std::unique_ptr<std::uint8_t[]> segments_;
  std::size_t padded_for_ = 0;  // the size of packets that segments_ has padding for
  std::array<iovec, kSize * 2> vectors_{};
  std::array<mmsghdr, kSize> messages_{};
};

}  // namespace mcast
