// What a stream should do: one configured (or ad hoc) sender or receiver. Plain
// values; ranges have been checked by whoever fills them in.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/clock.h"

namespace mcast {

inline constexpr std::uint16_t kDefaultPort = 19779;
inline constexpr std::size_t kMinDatagramSize = 32;
inline constexpr std::size_t kMaxDatagramSize = 65'500;

using Labels = std::map<std::string, std::string>;

// Who asked for a stream, and so what ends it: the configuration; a client of the API
// that renews it, or one that has left it to itself.
enum class StreamOrigin : std::uint8_t { kConfigured, kClient, kDetached };
inline constexpr std::array kStreamOrigins{StreamOrigin::kConfigured, StreamOrigin::kClient,
                                           StreamOrigin::kDetached};
// "configured", "client", "detached"
[[nodiscard]] constexpr std::string_view to_string(StreamOrigin origin) {
  switch (origin) {
    case StreamOrigin::kConfigured:
      return "configured";
    case StreamOrigin::kClient:
      return "client";
    case StreamOrigin::kDetached:
      return "detached";
  }
  return "unknown";
}

// How long a receiver waits, for any packet and for a missing one. Both are above 0.
struct Timeouts {
  Nanoseconds stall = 0;
  Nanoseconds loss = 0;

  friend bool operator==(const Timeouts&, const Timeouts&) = default;
};

// How many packets are left of a limit when `counted` of them are counted; the largest number
// where there is no limit.
inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
[[nodiscard]] constexpr std::uint64_t packets_left(std::uint64_t limit, std::uint64_t counted) {
  return limit == 0 ? kNoLimit : limit - std::min(limit, counted);
}

struct ReceiverSpec {
  std::string name;
  IpAddress group;
  std::optional<IpAddress> source;  // given: an SSM join (S,G)
  std::string interface;            // empty: the routing table chooses
  std::uint16_t port = kDefaultPort;
  Nanoseconds stall_timeout = 3 * kSecond;
  Nanoseconds loss_timeout = 1 * kSecond;
  // 1 to 3, and 1 or 2; given: forced through sysctl. Of the two only the one of the group's
  // family means something.
  std::optional<int> igmp_version;
  std::optional<int> mld_version;
  std::uint64_t packet_limit = 0;  // count no more than so many packets; 0: no limit
  StreamOrigin origin = StreamOrigin::kConfigured;
  Labels labels;

  // Of IGMP or MLD, whichever the group's family has.
  [[nodiscard]] const std::optional<int>& wanted_version() const {
    return group.is_v4() ? igmp_version : mld_version;
  }
  [[nodiscard]] Timeouts timeouts() const { return {.stall = stall_timeout, .loss = loss_timeout}; }
  [[nodiscard]] std::uint64_t left_of_limit(std::uint64_t counted = 0) const {
    return packets_left(packet_limit, counted);
  }

  friend bool operator==(const ReceiverSpec&, const ReceiverSpec&) = default;
};

struct SenderSpec {
  std::string name;
  IpAddress group;
  std::string interface;            // empty: the routing table chooses
  std::optional<IpAddress> source;  // local address to send from
  double packets_per_second = 25;
  std::size_t size = 200;  // bytes of UDP payload, header included
  std::uint8_t ttl = 100;  // the hop limit of IPv6
  std::uint8_t dscp = 0;
  std::uint16_t port = kDefaultPort;
  bool loopback = true;            // IP_MULTICAST_LOOP
  std::uint64_t packet_limit = 0;  // stop after so many; 0: no limit
  Nanoseconds duration = 0;        // stop after so long; 0: no limit
  StreamOrigin origin = StreamOrigin::kConfigured;
  Labels labels;

  [[nodiscard]] std::uint64_t left_of_limit(std::uint64_t sent = 0) const {
    return packets_left(packet_limit, sent);
  }

  friend bool operator==(const SenderSpec&, const SenderSpec&) = default;
};

}  // namespace mcast
