// What mcast-status --json prints. Pure. Names that are not UTF-8 come out with
// U+FFFD in the place of the bytes that are none.
#pragma once

#include <string>

#include "base/clock.h"
#include "cli/status/membership_watch.h"
#include "streams/membership_report.h"

namespace mcast::cli {

enum class JsonForm : std::uint8_t {
  kIndented,
  kOneLine,
};

// {tool, version, interfaces: [{name, ifindex, igmp_version, forced_version,
//   memberships: [{group, family, class, users, filter_mode, sources,
//                  joined_sources, streams: [{program, pid, stream, source, port}]}]}],
//  unreadable_programs}
// and a newline. Versions are 0 for none; `source` is null for (*,G).
[[nodiscard]] std::string status_json(const MembershipReport& report, JsonForm form);

// {time, event: "join"|"leave"|"change", interface, ifindex} and the keys of a
// membership, in one line. The time is RFC 3339, UTC.
[[nodiscard]] std::string change_json(const MembershipChange& change);

// "2025-11-24T12:34:56.789Z"
[[nodiscard]] std::string utc_time(Nanoseconds realtime);

}  // namespace mcast::cli
