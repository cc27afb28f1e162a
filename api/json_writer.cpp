#include "api/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

namespace mcast::api {

void JsonText::begin_value() {
  if (!first_ && !has_key_) out_ += ',';
  first_ = false;
  has_key_ = false;
}

void JsonText::open(char bracket) {
  begin_value();
  out_ += bracket;
  first_ = true;
}

void JsonText::close(char bracket) {
  out_ += bracket;
  first_ = false;
}

void JsonText::key(std::string_view name) {
  if (!first_) out_ += ',';
  out_ += '"';
  out_ += name;
  out_ += "\":";
  first_ = false;
  has_key_ = true;
}

void JsonText::quoted(std::string_view value) {
  out_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') out_ += '\\';
    out_ += c;
  }
  out_ += '"';
}

void JsonText::text(std::string_view value) {
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

void JsonText::integer(std::uint64_t bits, bool negative) {
  begin_value();
  std::array<char, 24> digits{};
  char* const begin = digits.data();
  char* const end = begin + digits.size();
  const auto written = negative ? std::to_chars(begin, end, static_cast<std::int64_t>(bits))
                                : std::to_chars(begin, end, bits);
  out_.append(begin, written.ptr);
}

void JsonText::number(double value) {
  // JSON has no word for these.
  if (!std::isfinite(value)) return null();
  begin_value();
  std::array<char, 32> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out_.append(digits.data(), written.ptr);
}

void JsonText::null() {
  begin_value();
  out_ += "null";
}

void JsonText::boolean(bool value) {
  begin_value();
  out_ += value ? "true" : "false";
}

JsonTree::Json& JsonTree::add(Json value) {
  if (open_.empty()) return root_ = std::move(value);
  Json& in = *open_.back();
  if (in.is_array()) return in.emplace_back(std::move(value));
  return in[key_] = std::move(value);
}

}  // namespace mcast::api
