#include "api/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "api/json_values.h"

namespace mcast::api {

void JsonWriter::begin_value() {
  if (!first_ && !has_key_) out_ += ',';
  first_ = false;
  has_key_ = false;
}

void JsonWriter::open(char bracket) {
  begin_value();
  out_ += bracket;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
}

void JsonWriter::key(std::string_view name) {
  if (!first_) out_ += ',';
  out_ += '"';
  out_ += name;
  out_ += "\":";
  first_ = false;
  has_key_ = true;
}

void JsonWriter::quoted(std::string_view value) {
  out_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') out_ += '\\';
    out_ += c;
  }
  out_ += '"';
}

void JsonWriter::text(std::string_view value) {
  begin_value();
  const auto plain = [](char c) { return c >= ' ' && c < 0x7f; };
  bool all_plain = true;
  for (const char c : value) all_plain = all_plain && plain(c);
  if (all_plain) {
    quoted(value);
  } else {
    quoted(valid_utf8(value));
  }
}

void JsonWriter::integer(std::uint64_t bits, bool negative) {
  begin_value();
  std::array<char, 24> digits{};
  char* const begin = digits.data();
  char* const end = begin + digits.size();
  const auto written = negative ? std::to_chars(begin, end, static_cast<std::int64_t>(bits))
                                : std::to_chars(begin, end, bits);
  out_.append(begin, written.ptr);
}

void JsonWriter::number(double value) {
  // JSON has no word for these.
  if (!std::isfinite(value)) return null();
  begin_value();
  std::array<char, 32> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out_.append(digits.data(), written.ptr);
}

void JsonWriter::null() {
  begin_value();
  out_ += "null";
}

void JsonWriter::boolean(bool value) {
  begin_value();
  out_ += value ? "true" : "false";
}

void JsonWriter::time(Nanoseconds realtime) {
  if (realtime == 0) return null();
  begin_value();
  out_ += '"';
  out_ += time_text(realtime);
  out_ += '"';
}

void JsonWriter::address(const IpAddress& value) {
  begin_value();
  quoted(value.to_string());
}

void JsonWriter::labels(const Labels& value) {
  begin_object();
  for (const auto& [name, label] : value) {
    key(name);
    text(label);
  }
  end_object();
}

}  // namespace mcast::api
