// From two reports and what the kernel said between them to joins, leaves and changes.
// Pure; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "streams/membership_report.h"

namespace mcast::cli {

enum class ChangeKind : std::uint8_t {
  kJoin,
  kLeave,
  kChange,  // other users, sources, or streams of ours
};
// "join", "leave", "change"
[[nodiscard]] std::string_view to_string(ChangeKind kind);

struct MembershipChange {
  ChangeKind kind = ChangeKind::kJoin;
  Nanoseconds realtime = 0;
  int ifindex = 0;
  std::string interface;
  // As it is now; of a leave, as it was last, without users.
  HeldMembership membership;
};

struct TimedEvent {
  Nanoseconds realtime = 0;
  netlink::MembershipEvent event;
};

class MembershipWatch {
 public:
  // `first`: everything that is there at the start, not only what is shown.
  MembershipWatch(MembershipReport first, MembershipSelection selection);

  // `events`: what came since the last call, in order; `now`: read after the last of
  // them. A join that was left before anybody could look is told all the same, both
  // parts of it. Without events (an old kernel, or some were lost) only the two
  // reports are compared.
  //
  // Only what `selection` shows comes out: before or after the change.
  [[nodiscard]] std::vector<MembershipChange> update(const std::vector<TimedEvent>& events,
                                                     MembershipReport now, Nanoseconds realtime);

 private:
  using Key = std::pair<int, IpAddress>;
  // One membership in a report.
  struct Entry {
    const InterfaceMemberships* interface = nullptr;
    const HeldMembership* membership = nullptr;
  };
  using Entries = std::map<Key, Entry>;
  static Entries entries_of(const MembershipReport& report);
  void tell(std::vector<MembershipChange>& changes, ChangeKind kind, Nanoseconds realtime,
            const Key& key, const Entry& before, const Entry& after) const;

  MembershipReport last_;
  MembershipSelection selection_;
};

}  // namespace mcast::cli
