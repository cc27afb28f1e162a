// From two reports and what the kernel said between them to joins, leaves and changes.
// Pure; one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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
[[nodiscard]] constexpr std::string_view to_string(ChangeKind kind) {
  return kind == ChangeKind::kJoin ? "join" : kind == ChangeKind::kLeave ? "leave" : "change";
}

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

// `before` and `now`: everything that is there, not only what is shown. `events`: what came
// between the two readings, in order. A join that was left before anybody could look is told all
// the same, both parts of it. Without events (an old kernel, or some were lost) only the two
// reports are compared; `realtime` is when what they tell has happened.
//
// Only what `selection` shows comes out: before or after the change.
[[nodiscard]] std::vector<MembershipChange> membership_changes(
    const MembershipReport& before, const MembershipReport& now,
    const std::vector<TimedEvent>& events, const MembershipSelection& selection,
    Nanoseconds realtime);

}  // namespace mcast::cli
