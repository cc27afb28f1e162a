// Numbers and times in lines that people read and scripts may search: no separators,
// no changing units. Pure, apart from the time zone.
#pragma once

#include <string>

#include "base/clock.h"

namespace mcast::cli {

// With so many digits behind the point, whatever the locale.
[[nodiscard]] std::string decimal_text(double value, int digits);

// As short as it can be: "25", "0.5", "1234567".
[[nodiscard]] std::string plain_number(double value);

// "22:38:45.123", local time.
[[nodiscard]] std::string local_time_text(Nanoseconds realtime);

}  // namespace mcast::cli
