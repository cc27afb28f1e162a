// Writes the fields of json_fields.h: as text without a tree in between, because lists of
// thousands of streams are asked for once a second; or as a tree, for what becomes a part of
// another document. Pure.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/json_fields.h"
#include "api/json_values.h"
#include "base/address.h"
#include "base/clock.h"

namespace mcast::api {

// The caller closes what it opens.
class JsonText {
 public:
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  // The next value is this member's. `name` needs no escapes.
  void key(std::string_view name);
  // What is not UTF-8, or a control character, is replaced (valid_utf8).
  void text(std::string_view value);
  void number(double value);
  void null();
  void boolean(bool value);
  template <std::integral T>
  void number(T value) {
    integer(static_cast<std::uint64_t>(value), std::signed_integral<T> && value < T{});
  }

  // Leaves it empty.
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void open(char bracket);
  void close(char bracket);
  void begin_value();
  void integer(std::uint64_t bits, bool negative);
  void quoted(std::string_view value);

  std::string out_;
  bool first_ = true;  // nothing stands before the next member or element
  bool has_key_ = false;
};

// The same calls. Its numbers look as the library writes them: 10.0 for ten seconds.
class JsonTree {
 public:
  using Json = nlohmann::ordered_json;

  void begin_object() { open(Json::object()); }
  void end_object() { open_.pop_back(); }
  void begin_array() { open(Json::array()); }
  void end_array() { open_.pop_back(); }
  void key(std::string_view name) { key_ = name; }
  void text(std::string_view value) { add(valid_utf8(value)); }
  void number(auto value) { add(value); }
  void null() { add(nullptr); }
  void boolean(bool value) { add(value); }

  [[nodiscard]] Json take() { return std::move(root_); }

 private:
  Json& add(Json value);
  void open(Json container) { open_.push_back(&add(std::move(container))); }

  Json root_;
  std::vector<Json*> open_;  // outermost first; only the last one grows
  std::string key_;
};

template <typename Sink>
class JsonWriter {
 public:
  explicit JsonWriter(Sink& out, Detail detail = Detail::kFull) : out_(out), detail_(detail) {}

  template <typename T>
  void operator()(std::string_view key, const T& value) {
    out_.key(key);
    write(value);
  }
  template <typename T>
  void written(std::string_view key, const T& value) {
    (*this)(key, value);
  }
  template <typename T>
  void detail(std::string_view key, const T& value) {
    if (detail_ == Detail::kFull) (*this)(key, value);
  }

  template <typename T>
  void write(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      out_.boolean(value);
    } else if constexpr (std::is_arithmetic_v<T>) {
      out_.number(value);
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      out_.text(value);
    } else {
      out_.begin_object();
      fields(*this, value);
      out_.end_object();
    }
  }
  void write(const IpAddress& value) { out_.text(value.to_string()); }
  template <typename T>
  void write(const std::optional<T>& value) {
    value ? write(*value) : out_.null();
  }
  template <typename T>
  void write(const std::vector<T>& values) {
    out_.begin_array();
    for (const T& value : values) write(value);
    out_.end_array();
  }
  template <typename T>
  void write(const std::map<std::string, T>& values) {
    out_.begin_object();
    for (const auto& [name, value] : values) (*this)(name, value);
    out_.end_object();
  }
  template <typename T>
  void write(const Within<T>& form) {
    write(form.value);
  }
  void write(const Seconds<const Nanoseconds>& form) {
    form.or_null&& form.value < 0 ? out_.null() : out_.number(to_seconds(form.value));
  }
  void write(const Seconds<const std::optional<Nanoseconds>>& form) {
    form.value ? out_.number(to_seconds(*form.value)) : out_.null();
  }
  void write(const Time<const Nanoseconds>& form) {
    form.or_null&& form.value == 0 ? out_.null() : out_.text(time_text(form.value));
  }
  template <typename T>
  void write(const TextOrNull<T>& form) {
    form.value.empty() ? out_.null() : out_.text(form.value);
  }
  template <typename T>
  void write(const SenderId<T>& form) {
    out_.text(sender_id_text(static_cast<std::uint32_t>(form.value)));
  }
  template <typename T>
  void write(const OneOf<T>& form) {
    out_.text(to_string(form.value));
  }
  template <typename T>
  void write(const Known<T>& form) {
    write(form.values);
  }
  template <typename List>
  void write(const Object<List>& form) {
    out_.begin_object();
    form.list(*this);
    out_.end_object();
  }

 private:
  Sink& out_;
  Detail detail_;
};

// One line of text.
template <typename T>
[[nodiscard]] std::string text_of(const T& value, Detail detail) {
  JsonText out;
  JsonWriter<JsonText>(out, detail).write(value);
  return out.take();
}

template <typename T>
[[nodiscard]] nlohmann::ordered_json tree_of(const T& value) {
  JsonTree out;
  JsonWriter<JsonTree>(out).write(value);
  return out.take();
}

}  // namespace mcast::api
