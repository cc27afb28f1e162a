#include "api/json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace mcast::api {

void JsonWriter::raw(std::string_view value) {
  out_ += value;
  out_ += ',';
}

void JsonWriter::text(std::string_view value) {
  std::string valid;
  if (!std::ranges::all_of(value, [](char c) { return c >= ' ' && c < 0x7f; })) {
    valid = valid_utf8(value);
    value = valid;
  }
  out_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') out_ += '\\';
    out_ += c;
  }
  raw("\"");
}

void JsonWriter::write(double value) {
  // JSON has no word for what is not finite.
  if (!std::isfinite(value)) return raw("null");
  std::array<char, 32> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  raw({digits.data(), written.ptr});
}

std::string JsonWriter::take() {
  out_.pop_back();
  return std::move(out_);
}

void JsonReader::read(std::int64_t& into) const {
  // What is unsigned and does not fit would come as a negative number.
  const bool fits =
      json_.is_number_integer() && !(json_.is_number_unsigned() && json_.get<std::int64_t>() < 0);
  into = expect(fits, "is not a whole number of its range").get<std::int64_t>();
}

void JsonReader::read(IpAddress& into) const {
  std::string text;
  read(text);
  const auto parsed = IpAddress::parse(text);
  expect(parsed.has_value(), "is no IP address");
  into = *parsed;
}

void JsonReader::read(ZonedAddress& into) const {
  std::string text;
  read(text);
  const auto parsed = ZonedAddress::parse(text);
  expect(parsed.has_value(), "is no IP address");
  into = *parsed;
}

}  // namespace mcast::api
