// Numbers and times as people read them, always with '.' for the decimal point whatever the
// locale. In views: separators, SI prefixes, few digits; widths stay the same while a value
// wanders, so that columns stand still. In lines, which scripts may search: no separators and
// no changing units. Pure, apart from the time zone; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "probe/snapshot.h"

namespace mcast::cli {

// "12,345"; "12.3 T" where that would be wider than `width` columns.
[[nodiscard]] std::string count_text(std::uint64_t count, int width = 15);
// "12,345"; from 10^12 on "12.3 TB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
// Three digits: "25.0 pps", "1.25 Mbps".
[[nodiscard]] std::string rate_text(double value, std::string_view unit);
// "0.25 %"; "100.00 %" and "0.00 %" only when it is all and nothing.
[[nodiscard]] std::string percent_text(double percent);
// The loss ratio in percent; "-" where nothing was expected.
[[nodiscard]] std::string loss_text(const ReceptionCounters& counters);
// Three digits: "850 ns", "12.3 us", "1.25 s"; from 1000 s on "00:20:34".
[[nodiscard]] std::string duration_text(Nanoseconds duration);
// For a duration that is running: "1.6 s"; from 100 s on "00:01:40".
[[nodiscard]] std::string running_text(Nanoseconds duration);
// "00:01:23", with days "12d 00:01:23".
[[nodiscard]] std::string clock_text(Nanoseconds duration);
// A moment in local time: "15:04:05", with its date ("11-24 15:04:05") when that is
// not the day of `now`.
[[nodiscard]] std::string time_text(Nanoseconds realtime, Nanoseconds now);

// For lines. "1 error", "2 errors".
[[nodiscard]] std::string counted(std::uint64_t count, const std::string& one);
// With so many digits after the point.
[[nodiscard]] std::string decimal_text(double value, int digits);
// As short as it can be: "25", "0.5", "1234567".
[[nodiscard]] std::string plain_number(double value);
// "22:38:45.123", local time.
[[nodiscard]] std::string local_time_text(Nanoseconds realtime);

}  // namespace mcast::cli
