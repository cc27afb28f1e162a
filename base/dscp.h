// DSCP values and their names (RFC 2474, RFC 2597, RFC 3246).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mcast {

// 0 to 63, from a decimal or 0x number or a name (be, cs0 to cs7, af11 to af43,
// ef) in any case; white space around it is ignored.
[[nodiscard]] Result<std::uint8_t> parse_dscp(std::string_view text);

// "EF (46)", "BE (0)", or just "44" for a value without a name.
[[nodiscard]] std::string describe_dscp(std::uint8_t dscp);

// Every name, as people write it: "be", "cs0", "cs1", "af11", ...
[[nodiscard]] std::vector<std::string> dscp_names();

}  // namespace mcast
