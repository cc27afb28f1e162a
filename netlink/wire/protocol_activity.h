// What IGMP and MLD say on the wire, interface by interface: who asks, and what this host
// answers. Pure state, which takes time as an argument. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "netlink/wire/membership_message.h"

namespace mcast::netlink {

enum class Direction : std::uint8_t { kIncoming, kOutgoing };

struct MessageTimes {
  Nanoseconds monotonic = 0;
  Nanoseconds realtime = 0;

  friend bool operator==(const MessageTimes&, const MessageTimes&) = default;
};

struct Querier {
  IpAddress address;
  int version = 0;  // of its last query
  // Its last query was seen going out. The query of a bridge with a querier of its own
  // comes in on the bridge interface; its address tells.
  bool outgoing = false;
  // Said (QQIC of IGMPv3 and MLDv2), else measured between general queries, else 125 s (RFC 3376
  // section 8.2).
  Nanoseconds query_interval = 0;
  int robustness = 0;  // 0: not said
  std::uint64_t queries = 0;
  MessageTimes last_query;
  // It counts as there until then, CLOCK_MONOTONIC: last query + Other Querier Present
  // Interval (RFC 3376 section 8.5).
  Nanoseconds present_until = 0;

  friend bool operator==(const Querier&, const Querier&) = default;
};

// A query of MLD that no host answers.
struct InvalidQuery {
  IpAddress source;
  std::string_view reason;  // MembershipMessage::why_invalid()
  MessageTimes heard;

  friend bool operator==(const InvalidQuery&, const InvalidQuery&) = default;
};

// Of one protocol on one interface.
struct InterfaceActivity {
  int ifindex = 0;
  Family family = Family::kIpv4;  // IGMP; kIpv6: MLD
  // Heard so far, in the order of election: those that are present first.
  std::vector<Querier> queriers;
  // The first of them, if it is present: RFC 3376 section 6.6.2, RFC 3810 section 7.6.2.
  // 0.0.0.0 (a snooping switch in a router's place) loses to every other.
  std::optional<Querier> querier;
  std::uint64_t queries = 0;  // without those that no host answers
  std::optional<MessageTimes> last_query;
  std::uint64_t invalid_queries = 0;
  std::optional<InvalidQuery> last_invalid;
  std::uint64_t bad_messages = 0;
  // By this host, by version 1 to 3 at 0 to 2, without leaves; MLD has two versions.
  std::array<std::uint64_t, 3> reports_sent{};
  // Outgoing messages are heard, too.
  bool hears_reports = false;
  // General queries of others since this host's newest report, and by when, CLOCK_MONOTONIC, a
  // member had to answer the first of them.
  std::uint64_t unanswered = 0;
  Nanoseconds answer_due = 0;

  [[nodiscard]] bool is_unanswered(Nanoseconds now_monotonic) const {
    return hears_reports && unanswered > 0 && now_monotonic >= answer_due;
  }

  friend bool operator==(const InterfaceActivity&, const InterfaceActivity&) = default;
};

// nullptr: the interface is not watched.
[[nodiscard]] const InterfaceActivity* activity_on(const std::vector<InterfaceActivity>& all,
                                                   int ifindex, Family family);

class ProtocolActivity {
 public:
  static constexpr std::size_t kMaxInterfaces = 256;
  static constexpr std::size_t kMaxQueriers = 16;

  // Is in the snapshot from now on, once for each protocol, with zeros. False: there are too
  // many. `hears_reports`: what goes out is heard, too, from now on.
  bool add(int ifindex, bool hears_reports = false);
  // The interface is gone, and all that was heard there.
  void forget(int ifindex) { interfaces_.erase(ifindex); }

  // Adds the interface when it is new; the protocol is that of the source's family. Reports and
  // leaves of others are not counted.
  void on_message(int ifindex, Direction direction, const MembershipMessage& message,
                  const MessageTimes& times);
  void on_bad_message(int ifindex, Family family);

  // By ifindex, IGMP before MLD. `now_monotonic` says who is present.
  [[nodiscard]] std::vector<InterfaceActivity> snapshot(Nanoseconds now_monotonic) const;

 private:
  struct HeardQuerier {
    Querier shown;
    Nanoseconds said_interval = 0;
    // What general queries say.
    Nanoseconds max_response_time = 0;
    std::optional<Nanoseconds> last_general;
    std::deque<Nanoseconds> intervals;  // the newest last
  };
  struct Interface {
    InterfaceActivity shown;  // without queriers
    std::vector<HeardQuerier> queriers;
  };

  [[nodiscard]] Interface* find_or_add(int ifindex, Family family);
  static void on_query(Interface& interface, Direction direction, const MembershipMessage& message,
                       const MessageTimes& times);
  [[nodiscard]] static HeardQuerier* querier_of(Interface& interface, const IpAddress& address,
                                                Nanoseconds now);
  static void measure(HeardQuerier& querier, Nanoseconds now);
  static void judge(HeardQuerier& querier);

  std::map<int, std::array<Interface, 2>> interfaces_;  // IGMP, MLD
};

}  // namespace mcast::netlink
