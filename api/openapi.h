// The API's description for programs: api/openapi.json, as a part of the program.
#pragma once

#include <string_view>

namespace mcast::api {

// OpenAPI 3.1.
[[nodiscard]] std::string_view openapi_json();

}  // namespace mcast::api
