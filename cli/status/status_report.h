// What mcast-status prints of this host and of an agent: tables and lines for people, JSON for
// programs. Pure, apart from the time zone; names from outside come out without control
// characters, and in JSON with '?' for bytes that are not UTF-8.
#pragma once

#include <string>
#include <vector>

#include "api/agent_json.h"
#include "base/clock.h"
#include "cli/status/membership_watch.h"
#include "cli/terminal/screen.h"
#include "cli/terminal/terminal.h"
#include "findings/stream_findings.h"
#include "probe/snapshot.h"
#include "streams/membership_report.h"

namespace mcast::cli {

// A title and a row for each membership, with its interface in every row, so that
// grep finds all of it; an interface without any has one row that says "none". Lists
// of more than four sources or streams are cut: the JSON has them all.
[[nodiscard]] Screen status_table(const MembershipReport& report);

// {tool, version, interfaces: [{name, ifindex, igmp_version, forced_version,
//   memberships: [{group, family, class, users, filter_mode, sources,
//                  joined_sources, streams: [{program, pid, stream, source, port}]}]}],
//  unreadable_programs}
// in one line, with its newline. Versions are 0 for none; `source` is null for (*,G).
[[nodiscard]] std::string status_json(const MembershipReport& report);

// "12:34:56.789 join   eth1       239.1.1.1       users 1  any  mcast-agent[17] video".
[[nodiscard]] Line change_line(const MembershipChange& change);

// {time, event: "join"|"leave"|"change", interface, ifindex} and the keys of a
// membership, in one line.
[[nodiscard]] std::string change_json(const MembershipChange& change);

// "mcast-agent 0.1.0 on lab1, up 00:12:33, configuration FILE", and what is wrong with the
// latter.
[[nodiscard]] std::vector<Line> agent_lines(const api::AgentStatus& status, const OutputForm& form);

// A title and a row for each stream, receivers first, at most `form.columns` wide; what matters
// least is left out where that is too narrow. `now`: realtime.
[[nodiscard]] std::vector<Line> stream_table(const std::vector<ReceiverSnapshot>& receivers,
                                             const std::vector<SenderSnapshot>& senders,
                                             Nanoseconds now, const OutputForm& form);

// "STREAM gets nothing: SEEN" and "Try REMEDY" for everything that was found.
[[nodiscard]] std::vector<Line> finding_lines(const std::vector<findings::StreamFindings>& streams,
                                              const OutputForm& form);

}  // namespace mcast::cli
