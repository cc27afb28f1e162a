#include "tests/netns/json_schema.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

using nlohmann::json;

bool is_of_type(const json& value, const std::string& type) {
  if (type == "null") return value.is_null();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  fail_with("a schema of the type " + type);
}

bool is_of_a_type(const json& value, const json& types) {
  if (types.is_string()) return is_of_type(value, types.get<std::string>());
  return std::ranges::any_of(
      types, [&](const json& type) { return is_of_type(value, type.get<std::string>()); });
}

bool is_time(const std::string& text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  return text.size() == kForm.size() && std::ranges::equal(text, kForm, [](char c, char form) {
           return form == '0' ? c >= '0' && c <= '9' : c == form;
         });
}

void refuse_unknown_keywords(const json& schema, const std::string& place) {
  constexpr std::array<std::string_view, 15> kKnown{
      "type",    "enum",  "required", "properties",  "additionalProperties",
      "items",   "oneOf", "minimum",  "maximum",     "format",
      "default", "$ref",  "examples", "description", "title"};
  for (const auto& [keyword, rest] : schema.items()) {
    if (std::ranges::find(kKnown, keyword) == kKnown.end()) {
      fail_with(place + ": the schema has the keyword " + keyword);
    }
  }
}

std::string misfit_of_object(const json& value, const json& schema, const json& description,
                             const std::string& place) {
  for (const json& key : schema.value("required", json::array())) {
    if (!value.contains(key.get<std::string>())) {
      return place + "." + key.get<std::string>() + ": missing";
    }
  }
  const json properties = schema.value("properties", json::object());
  const json others = schema.value("additionalProperties", json(true));
  for (const auto& [key, member] : value.items()) {
    const std::string where = place + "." + key;
    std::string found;
    if (properties.contains(key)) {
      found = misfit(member, properties.at(key), description, where);
    } else if (others.is_object()) {
      found = misfit(member, others, description, where);
    } else if (!others.get<bool>()) {
      found = where + ": not in the description";
    }
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace

std::string misfit(const json& value, const json& schema, const json& description,
                   const std::string& place) {
  if (schema.contains("$ref")) {
    const std::string ref = schema.at("$ref").get<std::string>();
    return misfit(value, description.at(json::json_pointer(ref.substr(1))), description, place);
  }
  refuse_unknown_keywords(schema, place);
  if (schema.contains("oneOf")) {
    const auto fitting = std::ranges::count_if(schema.at("oneOf"), [&](const json& choice) {
      return misfit(value, choice, description, place).empty();
    });
    return fitting == 1 ? "" : place + ": fits " + std::to_string(fitting) + " of the choices";
  }
  if (schema.contains("type") && !is_of_a_type(value, schema.at("type"))) {
    return place + ": " + value.dump().substr(0, 80) + " is not of type " +
           schema.at("type").dump();
  }
  if (schema.contains("enum") && !value.is_null() &&
      std::ranges::find(schema.at("enum"), value) == schema.at("enum").end()) {
    return place + ": " + value.dump() + " is not one of " + schema.at("enum").dump();
  }
  if (value.is_number()) {
    if (schema.contains("minimum") && value < schema.at("minimum")) return place + ": too small";
    if (schema.contains("maximum") && value > schema.at("maximum")) return place + ": too large";
  }
  if (value.is_string() && schema.value("format", "") == "date-time" &&
      !is_time(value.get<std::string>())) {
    return place + ": " + value.dump() + " is no time";
  }
  if (value.is_object()) return misfit_of_object(value, schema, description, place);
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      std::string found =
          misfit(value[i], schema.at("items"), description, place + "[" + std::to_string(i) + "]");
      if (!found.empty()) return found;
    }
  }
  return "";
}

json answer_schema(const json& description, const std::string& path, const std::string& method,
                   const std::string& status) {
  return description.at("paths")
      .at(path)
      .at(method)
      .at("responses")
      .at(status)
      .at("content")
      .at("application/json")
      .at("schema");
}

}  // namespace mcast::test
