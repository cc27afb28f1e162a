// What was built, from what, by what.
#pragma once

#include <string_view>

namespace mcast {

[[nodiscard]] std::string_view version();   // "0.1.0"
[[nodiscard]] std::string_view revision();  // of the sources, "unknown" outside a checkout
[[nodiscard]] std::string_view compiler();  // "gcc 12.2.0"

}  // namespace mcast
