// Reads the fields of json_fields.h from what an agent answered, and checks each. Faults leave
// as an exception of this file and become an error in read_json(), the only way in. Pure.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_fields.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"

namespace mcast::api {

// One value and its place in the document, which errors name: "receivers[3].senders[0]".
class JsonReader {
 public:
  // Caught by read_json().
  struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  // `json` outlives it.
  explicit JsonReader(const nlohmann::json& json) : json_(&json) {}

  // Below, everything throws Fault where a key is missing or its value is of another kind.
  // Keys that no list of fields names are passed over.
  template <typename T>
  void operator()(const char* key, T&& into) const {
    member(key).read(into);
  }
  template <typename T>
  void written(const char* /*key*/, const T& /*value*/) const {}
  template <typename T>
  void detail(const char* key, T& into) const {
    if (!object().contains(key) || object().at(key).is_null()) return;
    member(key).read(into);
  }

  void read(bool& into) const;
  void read(double& into) const;
  void read(std::uint64_t& into) const;
  void read(std::string& into) const;
  void read(IpAddress& into) const;
  template <std::integral T>
  void read(T& into) const {
    into = static_cast<T>(integer(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
  template <typename T>
  void read(std::optional<T>& into) const {
    into.reset();
    if (!json_->is_null()) read(into.emplace());
  }
  template <typename T>
  void read(std::vector<T>& into) const {
    read(Known<std::vector<T>>{into, [](const JsonReader&) { return true; }});
  }
  template <typename T>
  void read(Known<T> form) const {
    form.values.clear();
    for (std::size_t i = 0; i < list().size(); ++i) {
      const JsonReader element(list()[i], this, nullptr, i);
      if (form.is_known(element)) element.read(form.values.emplace_back());
    }
  }
  template <typename T>
  void read(std::map<std::string, T>& into) const {
    into.clear();
    for (const auto& [name, value] : object().items()) (*this)(name.c_str(), into[name]);
  }
  template <typename T>
  void read(Within<T> form) const {
    form.value = static_cast<T>(integer(form.low, form.high));
  }
  template <typename T>
  void read(Within<std::optional<T>> form) const {
    form.value.reset();
    if (!json_->is_null()) read(Within<T>{form.value.emplace(), form.low, form.high});
  }
  void read(Seconds<Nanoseconds> form) const;
  void read(Seconds<std::optional<Nanoseconds>> form) const;
  void read(Time<Nanoseconds> form) const;  // null: 0
  void read(TextOrNull<std::string> form) const;
  template <typename T>
  void read(SenderId<T> form) const {
    form.value = sender_id();
  }
  template <typename T>
  void read(OneOf<T> form) const {
    std::string found;
    read(found);
    for (const T candidate : form.all) {
      if (to_string(candidate) == found) {
        form.value = candidate;
        return;
      }
    }
    fault("is not one of the words that this version knows");
  }
  template <typename List>
  void read(Object<List> form) const {
    (void)object();
    form.list(*this);
  }
  template <typename T>
    requires std::is_class_v<T>
  void read(T& into) const {
    (void)object();
    fields(*this, into);
  }

  // It lives no longer than this.
  [[nodiscard]] JsonReader member(const char* key) const;
  [[noreturn]] void fault(const std::string& what) const;

 private:
  JsonReader(const nlohmann::json& json, const JsonReader* parent, const char* key,
             std::size_t index)
      : json_(&json), parent_(parent), key_(key), index_(index) {}
  [[nodiscard]] const nlohmann::json& object() const;
  [[nodiscard]] const nlohmann::json& list() const;
  [[nodiscard]] std::int64_t integer(std::int64_t low, std::int64_t high) const;
  [[nodiscard]] std::uint32_t sender_id() const;
  [[nodiscard]] std::string place() const;

  const nlohmann::json* json_;
  const JsonReader* parent_ = nullptr;
  const char* key_ = nullptr;  // in the parent; nullptr: an element of a list
  std::size_t index_ = 0;
};

// Larger answers are refused before they are read.
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 20U;

// `read` gets a reader of the text's object and a T to fill in.
template <typename T, typename Read>
[[nodiscard]] Result<T> read_json(std::string_view text, Read read) {
  if (text.size() > kMaxAnswerBytes) return fail("the answer is too large");
  try {
    const auto json = nlohmann::json::parse(text);
    T result{};
    read(JsonReader(json), result);
    return result;
  } catch (const JsonReader::Fault& fault) {
    return fail(fault.what());
  } catch (const nlohmann::json::exception& error) {
    return fail(std::string("the answer is not JSON: ") + error.what());
  }
}
// By the fields of T.
template <typename T>
[[nodiscard]] Result<T> read_json(std::string_view text) {
  return read_json<T>(text, [](const JsonReader& json, T& into) { json.read(into); });
}

}  // namespace mcast::api
