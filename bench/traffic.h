// Probe packets to many groups at once, evenly spaced, as many senders on a
// network look to a receiver. Not the send engine: it costs little, and what the
// receive benchmarks see does not depend on it.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/file_descriptor.h"
#include "bench/cable.h"

namespace mcast::bench {

class Traffic {
 public:
  // To each group so many packets a second, of `size` bytes, out of eth1.
  Traffic(const Cable& cable, const std::vector<IpAddress>& groups, double packets_per_second,
          std::size_t size = 200);

  // Sends for so long, in the calling thread, and returns how many packets that
  // were. What is late is sent late; nothing is left out. May be called again.
  std::uint64_t run(Nanoseconds duration);

 private:
  static constexpr std::size_t kBatch = 64;

  void fill(std::size_t i, std::uint64_t number);

  FileDescriptor socket_;
  std::vector<sockaddr_storage> groups_;
  double interval_;
  std::size_t size_;
  std::uint64_t next_ = 0;
  std::vector<std::uint8_t> buffers_;
  std::array<iovec, kBatch> vectors_{};
  std::array<mmsghdr, kBatch> messages_{};
};

}  // namespace mcast::bench
