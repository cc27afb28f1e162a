// One entry of `senders:`, `receivers:` or `defaults:`, or the body of a request -> what it
// asks of a stream. The keys and their limits are those of probe/stream_settings.h.
// Defaults are read once and copied into every stream, which then overwrites what it gives
// itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "agent/configuration/input_tree.h"
#include "probe/stream_settings.h"
#include "probe/stream_spec.h"

namespace mcast::agent {

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
};

// Each value is checked by itself; faults go to `errors`. For kInDefaults `defaults` is
// an empty entry.
[[nodiscard]] StreamEntry read_stream(const InputValue& value, Section section,
                                      const StreamEntry& defaults, ErrorList& errors);

// Checks what the values mean together and fills in what was not given. Group and name are
// those of the entry: `count` is not expanded. No spec where the name or the group is missing
// or wrong; a spec is of no use once there are errors.
template <typename Spec>
[[nodiscard]] std::optional<Spec> make_spec(const StreamEntry& entry, ErrorList& errors,
                                            ErrorList& warnings);

// The text of a single value that is not too long.
[[nodiscard]] Result<std::string_view> single_value(std::string_view what, const InputValue& value);

}  // namespace mcast::agent
