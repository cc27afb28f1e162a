// The page at "/".
#pragma once

#include <string_view>

#include "agent/http_routes.h"

namespace mcast::agent {

// `version` comes from the build and is not escaped.
[[nodiscard]] HttpResponse landing_page(std::string_view version);

}  // namespace mcast::agent
