// Sending rates as people write them: "25pps", "1.5 kpps", "64000bps", "1Gbps".
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace mcast {

// Packets a second. A number without unit is pps; units take any case and may
// stand behind white space; decimal fractions but no exponent, no sign. Bits
// are of the UDP payload (`datagram_size` bytes a packet), and a bit rate that
// comes to less than one packet a second is an error. 0 is an error.
[[nodiscard]] Result<double> parse_rate(std::string_view text, std::size_t datagram_size);

}  // namespace mcast
