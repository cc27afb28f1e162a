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
#include "cli/status_report.h"
#include "netlink/membership_monitor.h"

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
  StatusMembership membership;
};

struct TimedEvent {
  Nanoseconds realtime = 0;
  netlink::MembershipEvent event;
};

class MembershipWatch {
 public:
  // `first`: everything that is there at the start, not only what is shown.
  MembershipWatch(StatusReport first, StatusSelection selection);

  // `events`: what came since the last call, in order; `now`: read after the last of
  // them. A join that was left before anybody could look is told all the same, both
  // parts of it. Without events (an old kernel, or some were lost) the two reports
  // alone are compared.
  //
  // Only what `selection` shows comes out: before or after the change.
  [[nodiscard]] std::vector<MembershipChange> update(const std::vector<TimedEvent>& events,
                                                     StatusReport now, Nanoseconds realtime);

 private:
  using Key = std::pair<int, IpAddress>;
  // One membership in a report.
  struct Entry {
    const StatusInterface* interface = nullptr;
    const StatusMembership* membership = nullptr;
  };
  using Entries = std::map<Key, Entry>;
  static Entries entries_of(const StatusReport& report);
  void tell(std::vector<MembershipChange>& changes, ChangeKind kind, Nanoseconds realtime,
            const Key& key, const Entry& before, const Entry& after) const;

  StatusReport last_;
  StatusSelection selection_;
};

}  // namespace mcast::cli
