// Errors of the API: {"error": {"code", "message", "field"}}. Codes: docs/api.md. Pure.
#pragma once

#include <string>
#include <string_view>

namespace mcast::api {

// The code that belongs to a status where nobody has a better one: "not_found" for
// 404; "internal" for what is not in the table.
[[nodiscard]] std::string_view error_code(int status);

// One line of JSON. `field` empty: null. Texts may be any bytes.
[[nodiscard]] std::string error_json(std::string_view code, std::string_view message,
                                     std::string_view field = {});

}  // namespace mcast::api
