#include "api/json_reader.h"

#include <charconv>
#include <cmath>

#include "api/json_values.h"
#include "base/text.h"

namespace mcast::api {

std::string JsonReader::place_of(const char* key) const {
  return place_.empty() ? std::string(key) : place_ + "." + key;
}

void JsonReader::fault(const char* key, const char* what) const {
  throw Fault("'" + place_of(key) + "' " + what);
}

const nlohmann::json& JsonReader::at(const char* key) const {
  if (!json_->is_object()) throw Fault("'" + place_ + "' is not an object");
  const auto found = json_->find(key);
  if (found == json_->end()) fault(key, "is missing");
  return *found;
}

JsonReader JsonReader::object(const char* key) const {
  const auto& value = at(key);
  if (!value.is_object()) fault(key, "is not an object");
  return {value, place_of(key)};
}

std::vector<JsonReader> JsonReader::list(const char* key) const {
  const auto& value = at(key);
  if (!value.is_array()) fault(key, "is not a list");
  std::vector<JsonReader> result;
  result.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    result.emplace_back(value[i], place_of(key) + "[" + std::to_string(i) + "]");
  }
  return result;
}

std::string JsonReader::text(const char* key) const {
  const auto& value = at(key);
  if (!value.is_string()) fault(key, "is not a text");
  return value.get<std::string>();
}

bool JsonReader::boolean(const char* key) const {
  const auto& value = at(key);
  if (!value.is_boolean()) fault(key, "is neither true nor false");
  return value.get<bool>();
}

std::uint64_t JsonReader::count(const char* key) const {
  const auto& value = at(key);
  if (!value.is_number_unsigned()) fault(key, "is not a whole number");
  return value.get<std::uint64_t>();
}

int JsonReader::integer(const char* key, int low, int high) const {
  const auto& value = at(key);
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() ||
                     value.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)) &&
                    value.get<std::int64_t>() >= low && value.get<std::int64_t>() <= high;
  if (!fits) fault(key, "is not a whole number of its range");
  return value.get<int>();
}

double JsonReader::number(const char* key) const {
  const auto& value = at(key);
  if (!value.is_number()) fault(key, "is not a number");
  return value.get<double>();
}

std::vector<double> JsonReader::numbers(const char* key) const {
  std::vector<double> result;
  for (const JsonReader& entry : list(key)) {
    if (!entry.json().is_number()) fault(key, "is not a list of numbers");
    result.push_back(entry.json().get<double>());
  }
  return result;
}

std::vector<std::uint64_t> JsonReader::counts(const char* key) const {
  std::vector<std::uint64_t> result;
  for (const JsonReader& entry : list(key)) {
    if (!entry.json().is_number_unsigned()) fault(key, "is not a list of whole numbers");
    result.push_back(entry.json().get<std::uint64_t>());
  }
  return result;
}

std::vector<std::string> JsonReader::texts(const char* key) const {
  std::vector<std::string> result;
  for (const JsonReader& entry : list(key)) {
    if (!entry.json().is_string()) fault(key, "is not a list of texts");
    result.push_back(entry.json().get<std::string>());
  }
  return result;
}

Nanoseconds JsonReader::duration(const char* key) const {
  constexpr double kMost = 9e9;  // seconds: what 64 bits of nanoseconds hold
  const double seconds = number(key);
  if (!std::isfinite(seconds) || seconds < -kMost || seconds > kMost) {
    fault(key, "is no duration");
  }
  return static_cast<Nanoseconds>(std::llround(seconds * static_cast<double>(kSecond)));
}

std::optional<Nanoseconds> JsonReader::time(const char* key) const {
  const auto& value = at(key);
  if (value.is_null()) return std::nullopt;
  const auto parsed = parse_time(text(key));
  if (!parsed) fault(key, "is no time (RFC 3339, UTC)");
  return *parsed;
}

IpAddress JsonReader::address(const char* key) const {
  const auto parsed = IpAddress::parse(text(key));
  if (!parsed) fault(key, "is no IP address");
  return *parsed;
}

std::optional<IpAddress> JsonReader::optional_address(const char* key) const {
  if (at(key).is_null()) return std::nullopt;
  return address(key);
}

std::uint32_t JsonReader::sender_id(const char* key) const {
  const std::string found = text(key);
  std::uint32_t id = 0;
  const char* const end = found.data() + found.size();
  const bool right =
      found.size() > 2 && found.starts_with("0x") &&
      std::from_chars(found.data() + 2, end, id, 16) == std::from_chars_result{end, std::errc{}};
  if (!right) fault(key, "is no sender ID");
  return id;
}

StreamOrigin JsonReader::origin(const char* key) const {
  return one_of(key, {StreamOrigin::kConfigured, StreamOrigin::kClient, StreamOrigin::kDetached});
}

Labels JsonReader::labels(const char* key) const {
  Labels labels;
  const JsonReader found = object(key);
  for (const auto& [name, value] : found.json().items()) {
    if (!value.is_string()) fault(key, "has a value that is not a text");
    labels.emplace(name, value.get<std::string>());
  }
  return labels;
}

std::string JsonReader::optional_text(const char* key) const {
  return at(key).is_null() ? std::string() : text(key);
}

std::optional<JsonReader> JsonReader::optional(const char* key) const {
  if (!json_->is_object()) throw Fault("'" + place_ + "' is not an object");
  const auto found = json_->find(key);
  if (found == json_->end() || found->is_null()) return std::nullopt;
  return JsonReader(*found, place_of(key));
}

}  // namespace mcast::api
