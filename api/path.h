// Names in paths of the API. Pure.
#pragma once

#include <string>
#include <string_view>

namespace mcast::api {

// Everything but the unreserved characters of RFC 3986 as %XX: fit for one segment of a
// path and for a value of a query.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace mcast::api
