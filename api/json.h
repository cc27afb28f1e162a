// JSON both ways. Each type has one list of fields, which a writer and a reader both visit:
//
//   void fields(auto& io, Like<Gap> auto& gap) {
//     io("time", gap.realtime, kTime);
//     io("lost", gap.lost_packets);
//   }
//
// A plain number's range is that of its type. What the type does not say a form says; that of
// a std::optional is the form of what it holds. A function in place of a value has the fields
// of an object that is no type of its own. `io.written()` is what no reader needs;
// `io.detail()` is written where details are wanted, and need not be there when it is read.
//
// Text is written without a tree in between, because lists of thousands of streams are asked
// for once a second. What an agent answered is checked: faults leave as an exception of this
// file and become an error in read_json(), the only way in. Pure.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "api/json_values.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"

namespace mcast::api {

// A writer visits a const T, a reader one that it fills in.
template <typename T, typename Plain>
concept Like = std::same_as<std::remove_const_t<T>, Plain>;

template <typename T>
inline constexpr bool kIsOptional = requires(T value) { value.has_value(); };

// Makes a plain value of what is written; `from` takes it back, and has nothing for one that
// cannot be.
template <typename To, typename From>
struct Form {
  To to;
  From from;
  const char* fault;
};

[[nodiscard]] constexpr auto within(std::int64_t low, std::int64_t high) {
  const auto from = [=](std::int64_t value) {
    return value >= low && value <= high ? std::optional(value) : std::nullopt;
  };
  return Form{[](auto value) { return static_cast<std::int64_t>(value); }, from,
              "is not a whole number of its range"};
}
// The one of `all` whose to_string() is the text there. `all` outlives the form.
[[nodiscard]] constexpr auto one_of(const auto& all) {
  const auto from = [&all](const std::string& text) {
    const auto* const found = std::ranges::find(all, text, [](auto one) { return to_string(one); });
    return found == all.end() ? std::nullopt : std::optional(*found);
  };
  return Form{[](auto value) { return std::string(to_string(value)); }, from,
              "is not one of the words that this version knows"};
}
// Nanoseconds as a number of seconds, and with null for what is negative.
inline constexpr Form kSeconds{to_seconds, nanoseconds_of, "is no duration"};
inline constexpr Form kSecondsOrNull{
    [](Nanoseconds time) { return time < 0 ? std::nullopt : std::optional(to_seconds(time)); },
    [](std::optional<double> seconds) { return seconds ? nanoseconds_of(*seconds) : -1; },
    "is no duration"};
// Nanoseconds since 1970 in RFC 3339; 0, what has not happened, is null.
inline constexpr Form kTime{
    [](Nanoseconds time) { return time == 0 ? std::nullopt : std::optional(time_text(time)); },
    [](const std::optional<std::string>& text) { return text ? parse_time(*text) : 0; },
    "is no time (RFC 3339, UTC)"};
// A text that is null where it is empty.
inline constexpr Form kTextOrNull{
    [](std::string_view text) {
      return text.empty() ? std::nullopt : std::optional<std::string>(text);
    },
    [](const std::optional<std::string>& text) { return std::optional(text.value_or("")); }, ""};
// "0x0d783390"
inline constexpr Form kSenderId{
    [](auto id) { return sender_id_text(static_cast<std::uint32_t>(id)); }, parse_sender_id,
    "is no sender ID"};

// For a list: the reader leaves out what `is_known` refuses, because it is of a later version.
class JsonReader;
struct Known {
  bool (*is_known)(const JsonReader& element) = [](const JsonReader&) { return true; };
};

// On one line, without an end of line.
class JsonWriter {
 public:
  explicit JsonWriter(Detail detail) : detail_(detail) {}

  void operator()(std::string_view key, const auto& value, const auto&... form) {
    text(key);
    out_.back() = ':';
    write(value, form...);
  }
  void written(std::string_view key, const auto&... value) { (*this)(key, value...); }
  void detail(std::string_view key, const auto&... value) {
    if (detail_ == Detail::kFull) (*this)(key, value...);
  }

  template <typename T>
  void write(const T& value) {
    if constexpr (std::integral<T>) {
      raw(std::to_string(value));
    } else if constexpr (std::convertible_to<const T&, std::string_view>) {
      text(value);
    } else if constexpr (requires { typename T::mapped_type; }) {
      enclose("{}", [&] {
        for (const auto& [name, one] : value) (*this)(name, one);
      });
    } else if constexpr (std::ranges::range<T>) {
      enclose("[]", [&] {
        for (const auto& one : value) write(one);
      });
    } else if constexpr (std::invocable<const T&, JsonWriter&>) {
      enclose("{}", [&] { value(*this); });
    } else {
      enclose("{}", [&] { fields(*this, value); });
    }
  }
  void write(bool value) { raw(value ? "true" : "false"); }
  void write(double value);
  void write(const IpAddress& value) { text(value.to_string()); }
  void write(const ZonedAddress& value) { text(value.to_string()); }
  template <typename T>
  void write(const std::optional<T>& value, const auto&... form) {
    value ? write(*value, form...) : raw("null");
  }
  template <typename T, typename To, typename From>
    requires(!kIsOptional<T>)
  void write(const T& value, const Form<To, From>& form) {
    write(form.to(value));
  }
  void write(const auto& values, const Known& /*form*/) { write(values); }

  // Leaves it empty.
  [[nodiscard]] std::string take();

 private:
  // What is not UTF-8, or a control character, is replaced (valid_utf8).
  void text(std::string_view value);
  void raw(std::string_view value);
  void enclose(std::string_view brackets, const auto& write_all) {
    out_ += brackets.front();
    write_all();
    if (out_.back() == ',') out_.pop_back();
    raw(brackets.substr(1));
  }

  std::string out_;  // each value with a comma behind it
  Detail detail_;
};

[[nodiscard]] std::string text_of(const auto& value, Detail detail = Detail::kFull) {
  JsonWriter out(detail);
  out.write(value);
  return out.take();
}
// For what becomes a part of another document.
[[nodiscard]] nlohmann::ordered_json tree_of(const auto& value, Detail detail = Detail::kFull) {
  return nlohmann::ordered_json::parse(text_of(value, detail));
}

// One value. Everything throws Fault where a key is missing or its value is of another kind.
// Keys that no list of fields names are passed over.
class JsonReader {
 public:
  // Caught by read_json().
  struct Fault {
    std::string what;
    std::string place = {};  // "receivers[3].senders[0]"
  };

  // `json` outlives it.
  explicit JsonReader(const nlohmann::json& json) : json_(json) {}

  void operator()(std::string_view key, auto&& into, const auto&... form) const {
    const auto found = object().find(key);
    if (found == json_.end()) throw Fault{"is missing", std::string(key)};
    read_at(key, *found, into, form...);
  }
  void written(std::string_view /*key*/, const auto&... /*value*/) const {}
  void detail(std::string_view key, auto& into) const {
    if (object().contains(key) && !json_.at(key).is_null()) (*this)(key, into);
  }

  void read(bool& into) const {
    into = expect(json_.is_boolean(), "is neither true nor false").get<bool>();
  }
  void read(double& into) const {
    into = expect(json_.is_number(), "is not a number").get<double>();
  }
  void read(std::uint64_t& into) const {
    into = expect(json_.is_number_unsigned(), "is not a whole number").get<std::uint64_t>();
  }
  void read(std::int64_t& into) const;
  void read(std::string& into) const {
    into = expect(json_.is_string(), "is not a text").get<std::string>();
  }
  void read(IpAddress& into) const;
  void read(ZonedAddress& into) const;
  template <std::integral T>
  void read(T& into) const {
    read(into, within(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
  template <typename T>
  void read(std::optional<T>& into, const auto&... form) const {
    into.reset();
    if (!json_.is_null()) read(into.emplace(), form...);
  }
  template <typename T>
  void read(std::vector<T>& into, const Known& form = {}) const {
    into.clear();
    expect(json_.is_array(), "is not a list");
    for (std::size_t i = 0; i < json_.size(); ++i) {
      if (!form.is_known(JsonReader(json_[i]))) continue;
      read_at("[" + std::to_string(i) + "]", json_[i], into.emplace_back());
    }
  }
  template <typename T>
  void read(std::map<std::string, T>& into) const {
    into.clear();
    for (const auto& [name, value] : object().items()) read_at(name, value, into[name]);
  }
  template <typename T>
    requires std::is_class_v<T>
  void read(T& into) const {
    object();
    if constexpr (std::invocable<T&, const JsonReader&>) {
      into(*this);
    } else {
      fields(*this, into);
    }
  }
  template <typename T, typename To, typename From>
    requires(!kIsOptional<T>)
  void read(T& into, const Form<To, From>& form) const {
    std::remove_const_t<decltype(form.to(into))> plain{};
    read(plain);
    const auto value = form.from(plain);
    expect(value.has_value(), form.fault);
    into = static_cast<T>(*value);
  }

 private:
  static void read_at(std::string_view place, const nlohmann::json& json, auto&... into) {
    try {
      JsonReader(json).read(into...);
    } catch (Fault& fault) {
      const bool inside = !fault.place.empty() && !fault.place.starts_with('[');
      fault.place = std::string(place) + (inside ? "." : "") + fault.place;
      throw;
    }
  }
  const nlohmann::json& expect(bool fits, const char* fault) const {
    if (!fits) throw Fault{fault};
    return json_;
  }
  const nlohmann::json& object() const { return expect(json_.is_object(), "is not an object"); }

  const nlohmann::json& json_;
};

// Larger answers are refused before they are read.
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 20U;

// By the fields of T; or by `fields`, which gets a reader of the text's object and the T.
template <typename T>
[[nodiscard]] Result<T> read_json(std::string_view text, const auto&... fields) {
  if (text.size() > kMaxAnswerBytes) return fail("the answer is too large");
  try {
    const auto json = nlohmann::json::parse(text);
    T result{};
    if constexpr (sizeof...(fields) == 0) JsonReader(json).read(result);
    (fields(JsonReader(json), result), ...);
    return result;
  } catch (const JsonReader::Fault& fault) {
    return fail("'" + fault.place + "' " + fault.what);
  } catch (const nlohmann::json::exception& error) {
    return fail(std::string("the answer is not JSON: ") + error.what());
  }
}

}  // namespace mcast::api
