#include "bench/traffic.h"

#include <netinet/in.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <span>

#include "probe/stream_spec.h"
#include "probe/wire.h"

namespace mcast::bench {
namespace {

// Sleeping for less costs more than it spaces.
constexpr Nanoseconds kQuantum = 50 * kMicrosecond;
constexpr std::uint8_t kTtl = 16;

void sleep_until(Nanoseconds time) {
  const timespec until{.tv_sec = time / kSecond, .tv_nsec = time % kSecond};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

}  // namespace

Traffic::Traffic(const Cable& cable, const std::vector<IpAddress>& groups,
                 double packets_per_second, std::size_t size)
    : socket_(cable.sending.socket(groups.front().is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM)),
      interval_(static_cast<double>(kSecond) /
                (packets_per_second * static_cast<double>(groups.size()))),
      size_(size),
      buffers_(kBatch * size) {
  const bool is_v4 = groups.front().is_v4();
  ip_mreqn egress{};
  egress.imr_ifindex = cable.sending_ifindex;
  const int ttl = kTtl;
  const auto set = [&](int level, int option, const auto& value) {
    if (::setsockopt(socket_.get(), level, option, &value, sizeof value) != 0) {
      test::fail_with_errno("set up the traffic's socket", errno);
    }
  };
  if (is_v4) {
    set(IPPROTO_IP, IP_MULTICAST_IF, egress);
    set(IPPROTO_IP, IP_MULTICAST_TTL, ttl);
  } else {
    set(IPPROTO_IPV6, IPV6_MULTICAST_IF, cable.sending_ifindex);
    set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, ttl);
  }
  for (const IpAddress& group : groups) {
    sockaddr_storage& to = groups_.emplace_back();
    if (is_v4) {
      sockaddr_in v4{};
      v4.sin_family = AF_INET;
      v4.sin_port = htons(kDefaultPort);
      v4.sin_addr.s_addr = htonl(group.v4_host_order());
      std::memcpy(&to, &v4, sizeof v4);
    } else {
      sockaddr_in6 v6{};
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(kDefaultPort);
      std::memcpy(&v6.sin6_addr, group.bytes().data(), sizeof v6.sin6_addr);
      std::memcpy(&to, &v6, sizeof v6);
    }
  }
  for (std::size_t i = 0; i < kBatch; ++i) {
    vectors_[i] = {.iov_base = buffers_.data() + i * size, .iov_len = size};
    messages_[i].msg_hdr.msg_iov = &vectors_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_namelen = is_v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  }
}

void Traffic::fill(std::size_t i, std::uint64_t number) {
  const std::size_t group = number % groups_.size();
  messages_[i].msg_hdr.msg_name = &groups_[group];
  SystemClock clock;
  const std::span datagram = std::span(buffers_).subspan(i * size_, size_);
  const auto send_time = static_cast<std::uint64_t>(clock.monotonic());
  encode_probe(ProbeHeader{.sequence = number / groups_.size(),
                           .send_time = send_time,
                           .sender_id = static_cast<std::uint32_t>(group + 1),
                           .payload_length = 0,
                           .ttl = kTtl,
                           .dscp = 0},
               datagram);
  add_extension({.sequence = number / groups_.size(), .send_time = send_time}, datagram);
}

std::uint64_t Traffic::run(Nanoseconds duration) {
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  const SystemClock clock;
  const Nanoseconds start = clock.monotonic();
  const auto total = static_cast<std::uint64_t>(static_cast<double>(duration) / interval_);
  std::uint64_t sent = 0;
  while (sent < total) {
    const auto passed = static_cast<double>(clock.monotonic() - start);
    const auto due = std::min(total, 1 + static_cast<std::uint64_t>(passed / interval_));
    if (sent >= due) {
      const auto next = start + static_cast<Nanoseconds>(static_cast<double>(sent) * interval_);
      sleep_until(std::max(next, clock.monotonic() + kQuantum));
      continue;
    }
    const std::size_t count = std::min<std::uint64_t>(kBatch, due - sent);
    for (std::size_t i = 0; i < count; ++i) fill(i, next_ + i);
    const int taken = ::sendmmsg(socket_.get(), messages_.data(), static_cast<unsigned>(count), 0);
    if (taken < 0) {
      if (errno == ENOBUFS || errno == EINTR) continue;
      test::fail_with_errno("sendmmsg", errno);
    }
    sent += static_cast<std::uint64_t>(taken);
    next_ += static_cast<std::uint64_t>(taken);
  }
  return sent;
}

}  // namespace mcast::bench
