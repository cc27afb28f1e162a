// Reads many datagrams with one system call, with what the kernel knows of each:
// destination, interface, TTL, TOS and receive time. Owns the buffers; one
// thread; allocates only when made.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/address.h"
#include "base/clock.h"

namespace mcast {

// One datagram as it lies in the batch's buffer; or, with UDP_GRO, several of
// `segment_size` bytes (the last may be shorter) that share all the rest.
struct ReceivedDatagram {
  std::span<const std::uint8_t> data;
  std::size_t segment_size = 0;
  IpAddress source;
  IpAddress destination;
  int ifindex = 0;
  Nanoseconds realtime = 0;  // when the kernel took it in; 0: not known
  std::uint8_t ttl = 0;      // or hop limit
  std::uint8_t tos = 0;      // or traffic class
};

class ReceiveBatch {
 public:
  static constexpr std::size_t kSize = 64;

  ReceiveBatch();

  // How many datagrams were read without waiting: 0 to kSize; below kSize the
  // socket was empty.
  std::size_t read(int socket);

  // Datagram `i` of the last read(); valid until the next one.
  [[nodiscard]] ReceivedDatagram datagram(std::size_t i) const;

 private:
  static constexpr std::size_t kBufferSize = 65'536;
  // Buffers a power of two apart would have their headers in the same few lines of
  // every cache, and the batch would not stay in any.
  static constexpr std::size_t kStride = kBufferSize + std::size_t{5} * 64;
  static constexpr std::size_t kControlSize = 256;

  // Not std::vector: its elements would be written, and 4 MiB be resident, before
  // the first datagram comes.
  std::unique_ptr<std::uint8_t[]> buffers_;
  std::array<mmsghdr, kSize> messages_{};
  std::array<iovec, kSize> vectors_{};
  // Large enough for both families; a socket has one of them.
  std::array<sockaddr_in6, kSize> sources_{};
  struct alignas(cmsghdr) Control {
    std::array<std::uint8_t, kControlSize> bytes;
  };
  std::array<Control, kSize> controls_{};
};

}  // namespace mcast
