#include "api/json_reader.h"

#include <cmath>

#include "api/json_values.h"
#include "base/number.h"

namespace mcast::api {

std::string JsonReader::place() const {
  if (parent_ == nullptr) return {};
  std::string place = parent_->place();
  if (key_ == nullptr) return place + "[" + std::to_string(index_) + "]";
  if (!place.empty()) place += ".";
  return place + key_;
}

void JsonReader::fault(const std::string& what) const {
  throw Fault("'" + place() + "' " + what);
}

const nlohmann::json& JsonReader::object() const {
  if (!json_->is_object()) fault("is not an object");
  return *json_;
}

const nlohmann::json& JsonReader::list() const {
  if (!json_->is_array()) fault("is not a list");
  return *json_;
}

JsonReader JsonReader::member(const char* key) const {
  const auto found = object().find(key);
  if (found == json_->end()) JsonReader(*json_, this, key, 0).fault("is missing");
  return {*found, this, key, 0};
}

std::int64_t JsonReader::integer(std::int64_t low, std::int64_t high) const {
  const bool fits = json_->is_number_integer() &&
                    (!json_->is_number_unsigned() ||
                     json_->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)) &&
                    json_->get<std::int64_t>() >= low && json_->get<std::int64_t>() <= high;
  if (!fits) fault("is not a whole number of its range");
  return json_->get<std::int64_t>();
}

void JsonReader::read(bool& into) const {
  if (!json_->is_boolean()) fault("is neither true nor false");
  into = json_->get<bool>();
}

void JsonReader::read(double& into) const {
  if (!json_->is_number()) fault("is not a number");
  into = json_->get<double>();
}

void JsonReader::read(std::uint64_t& into) const {
  if (!json_->is_number_unsigned()) fault("is not a whole number");
  into = json_->get<std::uint64_t>();
}

void JsonReader::read(std::string& into) const {
  if (!json_->is_string()) fault("is not a text");
  into = json_->get<std::string>();
}

void JsonReader::read(IpAddress& into) const {
  std::string text;
  read(text);
  const auto parsed = IpAddress::parse(text);
  if (!parsed) fault("is no IP address");
  into = *parsed;
}

void JsonReader::read(Seconds<Nanoseconds> form) const {
  if (form.or_null && json_->is_null()) {
    form.value = -1;
    return;
  }
  constexpr double kMost = 9e9;  // seconds: what 64 bits of nanoseconds hold
  double seconds = 0;
  read(seconds);
  if (!std::isfinite(seconds) || seconds < -kMost || seconds > kMost) fault("is no duration");
  form.value = static_cast<Nanoseconds>(std::llround(seconds * static_cast<double>(kSecond)));
}

void JsonReader::read(Seconds<std::optional<Nanoseconds>> form) const {
  form.value.reset();
  if (!json_->is_null()) read(seconds(form.value.emplace()));
}

void JsonReader::read(Time<Nanoseconds> form) const {
  form.value = 0;
  if (json_->is_null()) return;
  std::string text;
  read(text);
  const auto parsed = parse_time(text);
  if (!parsed) fault("is no time (RFC 3339, UTC)");
  form.value = *parsed;
}

void JsonReader::read(TextOrNull<std::string> form) const {
  form.value.clear();
  if (!json_->is_null()) read(form.value);
}

std::uint32_t JsonReader::sender_id() const {
  std::string text;
  read(text);
  const auto id = text.starts_with("0x")
                      ? parse_number<std::uint32_t>(std::string_view(text).substr(2), 16)
                      : std::nullopt;
  if (!id) fault("is no sender ID");
  return *id;
}

}  // namespace mcast::api
