// What mcast-status prints for people: the table, and a line for each join and leave
// while it watches. Pure; names from outside come out without control characters.
#pragma once

#include <string>

#include "base/clock.h"
#include "cli/status/membership_watch.h"
#include "cli/terminal/screen.h"
#include "streams/membership_report.h"

namespace mcast::cli {

// A title and a row for each membership, with its interface in every row, so that
// grep finds all of it; an interface without any has one row that says "none". Lists
// of more than four sources or streams are cut: the JSON has them all.
[[nodiscard]] Screen status_table(const MembershipReport& report);

// "12:34:56.789 join   eth1       239.1.1.1       users 1  any  mcast-agent[17] video".
// `local_time` is the time of day as its reader's clock shows it.
[[nodiscard]] Line change_line(const MembershipChange& change, const std::string& local_time);

// "12:34:56.789", in the time zone of the process.
[[nodiscard]] std::string local_time_of_day(Nanoseconds realtime);

}  // namespace mcast::cli
