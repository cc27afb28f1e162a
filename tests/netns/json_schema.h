// Whether a JSON value fits a schema of an OpenAPI description: type, enum, required,
// properties, additionalProperties, items, oneOf, minimum, maximum, format date-time, and
// $ref within the description. Any other keyword that could refuse a value is a Failure, so
// that no schema promises what this does not check.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mcast::test {

// What does not fit, with its place: "$.receivers[0].name: missing"; "" if all does.
[[nodiscard]] std::string misfit(const nlohmann::json& value, const nlohmann::json& schema,
                                 const nlohmann::json& description, const std::string& place = "$");

// The schema of an answer in the description.
[[nodiscard]] nlohmann::json answer_schema(const nlohmann::json& description,
                                           const std::string& path,
                                           const std::string& method = "get",
                                           const std::string& status = "200");

}  // namespace mcast::test
