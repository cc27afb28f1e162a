// Numbers as people read them: separators, SI prefixes, few digits, always '.' for
// the decimal point whatever the locale. Widths stay the same while a value wanders,
// so that columns stand still. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace mcast::cli {

// "12,345"; "12.3 T" where that would be wider than `width` columns.
[[nodiscard]] std::string count_text(std::uint64_t count, int width = 15);
// "12,345"; from 10^12 on "12.3 TB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
// Three digits: "25.0 pps", "1.25 Mbps".
[[nodiscard]] std::string rate_text(double value, std::string_view unit);
// "0.25 %"; "100.00 %" and "0.00 %" only when it is all and nothing.
[[nodiscard]] std::string percent_text(double percent);
// lost / (lost + packets).
[[nodiscard]] std::string loss_text(std::uint64_t lost, std::uint64_t packets);
// Three digits: "850 ns", "12.3 us", "1.25 s"; from 1000 s on "00:20:34".
[[nodiscard]] std::string duration_text(Nanoseconds duration);
// For a duration that is running: "1.6 s"; from 100 s on "00:01:40".
[[nodiscard]] std::string running_text(Nanoseconds duration);
// "00:01:23", with days "12d 00:01:23".
[[nodiscard]] std::string clock_text(Nanoseconds duration);
// "0x0d783390"
[[nodiscard]] std::string sender_id_text(std::uint32_t id);
// A moment in local time: "15:04:05", with its date ("11-24 15:04:05") when that is
// not the day of `now`.
[[nodiscard]] std::string time_text(Nanoseconds realtime, Nanoseconds now);

}  // namespace mcast::cli
