// The keys of a stream, with the limits of each: once for the configuration file, the bodies
// of the API and the arguments of the commands. A new key is a field in stream_spec.h, a row
// of the table in stream_settings.cpp, and the code that uses it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "probe/stream_spec.h"

namespace mcast {

inline constexpr std::size_t kMaxStreamNameBytes = 200;
inline constexpr std::size_t kMaxLabels = 32;

// A checked value; monostate stands for a value that is not set.
// A group may have a zone, which names the interface.
using SettingValue = std::variant<std::monostate, bool, std::uint64_t, Nanoseconds, std::string,
                                  IpAddress, ZonedAddress>;

// Where streams are described, as bits of StreamKey::sections. Requests are those of the API.
enum Section : std::uint8_t {
  kInDefaults = 1,
  kInSender = 2,
  kInReceiver = 4,
  kInSenderRequest = 8,
  kInReceiverRequest = 16,
};

// In a form that StreamKey::parse takes back: durations, rates and addresses as text, which is
// empty for what is not set.
using ShownSetting = std::variant<bool, std::uint64_t, std::string>;

// A key's value in a spec; null: the spec has no such field.
template <typename Spec>
struct SpecField {
  void (*set)(Spec& spec, const SettingValue& value) = nullptr;
  void (*copy)(Spec& spec, const Spec& from) = nullptr;
  ShownSetting (*show)(const Spec& spec) = nullptr;
};

struct StreamKey {
  // A single value as it stands in a file or a body; `quoted`: as text, whatever it looks
  // like. An error's message begins with the key and ends with what stood there.
  using Parse = Result<SettingValue> (*)(const StreamKey& key, std::string_view text, bool quoted);

  std::string_view name;
  unsigned sections = 0;  // that may have it
  Parse parse = nullptr;  // null for the labels, a mapping, which has rules of its own
  // For whole numbers, and for durations in nanoseconds.
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  // A running stream takes a new value without a restart.
  bool live = false;
  std::string_view stands_for = {};  // another key, of which this is another name
  std::tuple<SpecField<ReceiverSpec>, SpecField<SenderSpec>> fields = {};
};

// Names of keys.
using StreamKeys = std::set<std::string, std::less<>>;

// In the order in which messages list them.
[[nodiscard]] std::span<const StreamKey> stream_keys();
// The key must be one of the table.
[[nodiscard]] const StreamKey& stream_key(std::string_view name);

// Also for values that are no keys of a stream.
[[nodiscard]] Result<SettingValue> parse_interface(const StreamKey& key, std::string_view text,
                                                   bool quoted);
[[nodiscard]] Result<SettingValue> parse_boolean(const StreamKey& key, std::string_view text,
                                                 bool quoted);

// [a-zA-Z_][a-zA-Z0-9_]*, not "__...", and none of the labels that the agent sets itself.
[[nodiscard]] Result<SettingValue> parse_label_name(const StreamKey& key, std::string_view text,
                                                    bool quoted);
[[nodiscard]] Result<std::string> parse_label_value(std::string_view label, std::string_view text);

// Printable, and no more than one step of a path.
[[nodiscard]] bool is_stream_name(std::string_view text);

// What somebody means who writes a range in the place of a group: "239.10.0.1-8",
// "239.10.0.1-239.10.0.8", "239.10.0.0/24" or "ff1e::8000:1-ff1e::8000:8".
struct GroupRange {
  IpAddress first;
  std::uint64_t count = 1;
};
[[nodiscard]] std::optional<GroupRange> parse_group_range(std::string_view text);

// The last group of a range that begins at `first`: 239.255.255.255, or the one with all of the
// last 32 bits set, which are the group ID of an IPv6 group (RFC 4607 section 1).
[[nodiscard]] IpAddress last_group_from(const IpAddress& first);
// How many groups there are from `first` to that one.
[[nodiscard]] std::uint64_t groups_from(const IpAddress& first);

// Two keys whose values do not go together, or one that needs another.
struct Conflict {
  std::string_view key;
  std::string_view with;
  std::string why;
};
[[nodiscard]] std::optional<Conflict> conflict_in(const ReceiverSpec& spec);
[[nodiscard]] std::optional<Conflict> conflict_in(const SenderSpec& spec);

// The name of group `number` (from 1) of `count`: NAME, or NAME-1, NAME-2 ...
[[nodiscard]] std::string name_in_range(const std::string& name, std::uint64_t number,
                                        std::uint64_t count);

// The streams of `count` consecutive groups. Where the first has no name, each has that of its
// group.
template <typename Spec>
void expand(const Spec& first, std::uint64_t count, std::vector<Spec>& into) {
  for (std::uint64_t i = 0; i < count; ++i) {
    Spec& stream = into.emplace_back(first);
    stream.group = first.group.plus(static_cast<std::uint32_t>(i));
    stream.name =
        first.name.empty() ? stream.group.to_string() : name_in_range(first.name, i + 1, count);
  }
}

// What the spec sets, without name and labels.
template <typename Spec>
[[nodiscard]] std::vector<std::pair<std::string_view, ShownSetting>> shown_settings(
    const Spec& spec);

// A running stream can become the other without measuring anew: what differs is of live keys,
// labels or origin.
template <typename Spec>
[[nodiscard]] bool differ_in_live_keys_only(const Spec& from, const Spec& to);

}  // namespace mcast
