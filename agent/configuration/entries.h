// What the mappings of a file or a body mean: keys with their values; and one entry of
// `senders:`, `receivers:` or `defaults:`, or the body of a request, with what it asks of a
// stream. The keys of a stream and their limits are those of probe/stream_settings.h. Defaults
// are read once and copied into every stream, which then overwrites what it gives itself.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/configuration/input_tree.h"
#include "base/result.h"
#include "probe/stream_settings.h"
#include "probe/stream_spec.h"

namespace mcast::agent {

struct KeyedValue {
  Position position;  // of the key
  const InputValue* value = nullptr;

  // False: `key:` with nothing after it, reported already.
  [[nodiscard]] bool has_value() const { return value->kind != InputValue::Kind::kNull; }
};

// The views look into the tree. Of a duplicate the first counts.
using KeyedValues = std::map<std::string_view, KeyedValue>;
// The value of a key that has one, else null.
[[nodiscard]] const KeyedValue* find_value(const KeyedValues& values, std::string_view key);

// May add a word to the refusal of an unknown key ("" adds nothing).
using KeyHint = std::string (*)(std::string_view key);

// `what` names the mapping in messages: "a sender".
struct AllowedKeys {
  std::string_view what;
  std::span<const std::string_view> keys;
  KeyHint hint = nullptr;
};

// Reports what is wrong with the keys (unknown, twice, without a value) and gives those that
// are allowed. A value that is no mapping is reported and gives nothing.
[[nodiscard]] KeyedValues read_keys(const InputValue& value, const AllowedKeys& allowed,
                                    ErrorList& errors);

// A key, and what reads its value if it has one.
struct InputKey {
  std::string_view name;
  std::function<void(const KeyedValue& given)> read;
};
// The same with a table of keys; values are read in its order.
KeyedValues read_keys(const InputValue& value, std::string_view what,
                      std::initializer_list<InputKey> keys, ErrorList& errors,
                      KeyHint hint = nullptr);

// A single value that is not too long, as the key has it; its name may be any words.
[[nodiscard]] Result<SettingValue> read_value(const StreamKey& key, const InputValue& value);

struct Setting {
  SettingValue value;  // not set where it was wrong, which is reported already
  Position position;   // of the value
  bool from_defaults = false;
};

struct StreamEntry {
  Position position;
  std::map<std::string_view, Setting> settings;  // of the keys that are given
  Labels labels;

  [[nodiscard]] const Setting* find(std::string_view key) const;
  // Null where the key is not given, or wrong.
  template <typename T>
  [[nodiscard]] const T* value(std::string_view key) const {
    const Setting* setting = find(key);
    return setting == nullptr ? nullptr : std::get_if<T>(&setting->value);
  }
  [[nodiscard]] std::uint64_t count() const;  // 1 unless it says otherwise
  // In all its streams: each has its own copy.
  [[nodiscard]] std::uint64_t label_bytes() const;
};

// Each value is checked by itself; faults go to `errors`. For kInDefaults `defaults` is
// an empty entry.
[[nodiscard]] StreamEntry read_stream(const InputValue& value, Section section,
                                      const StreamEntry& defaults, ErrorList& errors,
                                      ErrorList& warnings);

// Checks what the values mean together and fills in what was not given. Group and name are
// those of the entry: `count` is not expanded. No spec where the name or the group is missing
// or wrong; a spec is of no use once there are errors.
template <typename Spec>
[[nodiscard]] std::optional<Spec> make_spec(const StreamEntry& entry, ErrorList& errors,
                                            ErrorList& warnings);

}  // namespace mcast::agent
