// One entry of `senders:` or `receivers:` (or `defaults:`) -> what it asks for.
// Defaults are read once and copied into every stream, which then overwrites
// what it gives itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/configuration_errors.h"
#include "agent/configuration_yaml.h"
#include "probe/stream_spec.h"

namespace mcast::agent {

inline constexpr std::size_t kMaxLabels = 32;

enum class Section : std::uint8_t { kDefaults, kSender, kReceiver };

template <typename T>
struct Setting {
  std::optional<T> value;      // none: not given, or wrong and reported already
  std::optional<Place> place;  // of the value; none: not given
  bool from_defaults = false;
};

struct StreamSettings {
  Place place;  // of the entry
  Setting<std::string> name;
  Setting<IpAddress> group;
  Setting<std::uint64_t> count;
  Setting<std::string> interface;
  Setting<IpAddress> source;
  Setting<std::uint64_t> port;
  Setting<std::string> rate;
  Setting<std::uint64_t> size;
  Setting<std::uint64_t> ttl;
  Setting<std::uint8_t> dscp;
  Setting<bool> loopback;
  Setting<Nanoseconds> stall_timeout;
  Setting<Nanoseconds> loss_timeout;
  Setting<std::uint64_t> igmp_version;
  Labels labels;
};

// Each value is checked alone; faults go to `errors`. For Section::kDefaults
// `defaults` is an empty StreamSettings.
[[nodiscard]] StreamSettings read_stream(const YamlNode& node, Section section,
                                         const StreamSettings& defaults, ErrorList& errors);

// Check what the values mean together and fill in what was not given. The group
// and the name are those of the entry: `count` is not expanded. No spec where
// the name or the group is missing or wrong; otherwise a spec, which is of no use
// once there are errors.
[[nodiscard]] std::optional<SenderSpec> make_sender(const StreamSettings& settings,
                                                    ErrorList& errors, ErrorList& warnings);
[[nodiscard]] std::optional<ReceiverSpec> make_receiver(const StreamSettings& settings,
                                                        ErrorList& errors, ErrorList& warnings);

}  // namespace mcast::agent
