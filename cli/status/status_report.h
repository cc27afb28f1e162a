// What mcast-status prints of this host and of an agent: tables and lines for people, JSON for
// programs; and what there is to tell between two readings. Pure, apart from the time zone; names
// from outside come out without control characters, and in JSON with '?' for bytes that are not
// UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/agent_json.h"
#include "base/clock.h"
#include "cli/terminal/screen.h"
#include "cli/terminal/terminal.h"
#include "findings/evidence.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "probe/snapshot.h"
#include "streams/membership_report.h"

namespace mcast::cli {

// A title and a row for each membership, with its interface in every row, so that
// grep finds all of it; an interface without any has one row that says "none". Lists
// of more than four sources or streams are cut: the JSON has them all.
[[nodiscard]] Screen status_table(const MembershipReport& report);

// {tool, version, interfaces, unreadable_programs} in one line, with its newline; each interface
// is api::interface_json().
[[nodiscard]] std::string status_json(const MembershipReport& report);

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

// "12:34:56.789 join   eth1       239.1.1.1       users 1  any  mcast-agent[17] video".
[[nodiscard]] Line change_line(const MembershipChange& change);

// {time, event: "join"|"leave"|"change", interface, ifindex} and the keys of a
// membership, in one line.
[[nodiscard]] std::string change_json(const MembershipChange& change);

// "mcast-agent 0.1.0 on lab1, up 00:12:33, configuration FILE", and what is wrong with the
// latter.
[[nodiscard]] std::vector<Line> agent_lines(const api::AgentStatus& status, const OutputForm& form);

// A title and a row for each stream, receivers first, on a terminal at most `output.columns` wide;
// what matters least is left out where that is too narrow. `now`: realtime.
[[nodiscard]] std::vector<Line> stream_table(const std::vector<ReceiverSnapshot>& receivers,
                                             const std::vector<SenderSnapshot>& senders,
                                             Nanoseconds now, const OutputForm& output);

// "STREAM gets nothing: SEEN", of a sender "sender STREAM: SEEN", and "Try REMEDY" for everything
// that was found.
[[nodiscard]] std::vector<Line> finding_lines(const std::vector<findings::StreamFindings>& streams,
                                              const OutputForm& form);

}  // namespace mcast::cli
