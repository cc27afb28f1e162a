// Reads what an agent answered: each value is asked for by its key and checked. Faults
// leave the reading function as an exception of this file and become an error in
// read_json(), the only way in. Pure.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "probe/stream_spec.h"

namespace mcast::api {

class JsonReader {
 public:
  // Caught by read_json().
  struct Fault : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

  // `json` outlives it; `place` names it in errors: "receivers[3].senders[0]".
  JsonReader(const nlohmann::json& json, std::string place)
      : json_(&json), place_(std::move(place)) {}

  // All throw Fault where the key is missing or its value is of another kind.
  [[nodiscard]] JsonReader object(const char* key) const;
  [[nodiscard]] std::vector<JsonReader> list(const char* key) const;
  [[nodiscard]] std::string text(const char* key) const;
  [[nodiscard]] bool boolean(const char* key) const;
  [[nodiscard]] std::uint64_t count(const char* key) const;
  [[nodiscard]] int integer(const char* key, int low, int high) const;
  [[nodiscard]] double number(const char* key) const;
  [[nodiscard]] std::vector<double> numbers(const char* key) const;
  [[nodiscard]] std::vector<std::uint64_t> counts(const char* key) const;
  [[nodiscard]] std::vector<std::string> texts(const char* key) const;
  // Of a number of seconds.
  [[nodiscard]] Nanoseconds duration(const char* key) const;
  // Since 1970; nothing where there is null.
  [[nodiscard]] std::optional<Nanoseconds> time(const char* key) const;
  [[nodiscard]] IpAddress address(const char* key) const;
  [[nodiscard]] std::optional<IpAddress> optional_address(const char* key) const;
  [[nodiscard]] std::uint32_t sender_id(const char* key) const;
  [[nodiscard]] StreamOrigin origin(const char* key) const;
  [[nodiscard]] Labels labels(const char* key) const;
  // "" where there is null.
  [[nodiscard]] std::string optional_text(const char* key) const;
  // The value of a key; nothing where it is missing or null.
  [[nodiscard]] std::optional<JsonReader> optional(const char* key) const;

  // The one whose to_string() is the text there.
  template <typename Enum>
  [[nodiscard]] Enum one_of(const char* key, std::initializer_list<Enum> all) const {
    const std::string found = text(key);
    for (const Enum candidate : all) {
      if (to_string(candidate) == found) return candidate;
    }
    fault(key, "is not one of the words that this version knows");
  }

  [[nodiscard]] const nlohmann::json& json() const { return *json_; }

 private:
  [[nodiscard]] const nlohmann::json& at(const char* key) const;
  [[noreturn]] void fault(const char* key, const char* what) const;
  [[nodiscard]] std::string place_of(const char* key) const;

  const nlohmann::json* json_;
  std::string place_;
};

// Larger answers are refused before they are read.
inline constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 20U;

// `read` gets a reader of the text's object.
template <typename T, typename Read>
[[nodiscard]] Result<T> read_json(std::string_view text, Read read) {
  if (text.size() > kMaxAnswerBytes) return fail("the answer is too large");
  try {
    const auto json = nlohmann::json::parse(text);
    return read(JsonReader(json, ""));
  } catch (const JsonReader::Fault& fault) {
    return fail(fault.what());
  } catch (const nlohmann::json::exception& error) {
    return fail(std::string("the answer is not JSON: ") + error.what());
  }
}

}  // namespace mcast::api
