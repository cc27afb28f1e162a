// One entry of `senders:` or `receivers:` (or `defaults:`) -> what it asks for.
// Defaults are read once and copied into every stream, which then overwrites
// what it gives itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/configuration/configuration_errors.h"
#include "agent/configuration/configuration_yaml.h"
#include "probe/stream_spec.h"

namespace mcast::agent {

inline constexpr std::size_t kMaxLabels = 32;

// The last two are requests of the API: a few more keys, and no name is needed.
enum class Section : std::uint8_t {
  kDefaults,
  kSender,
  kReceiver,
  kSenderRequest,
  kReceiverRequest,
};

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
  Setting<std::uint64_t> packets;
  Setting<Nanoseconds> duration;
  Setting<bool> detach;
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

// The name of group `number` (from 1) of `count`: NAME alone, or NAME-1, NAME-2 ...
[[nodiscard]] std::string name_in_range(const std::string& name, std::uint64_t number,
                                        std::uint64_t count);

// The streams of `count` consecutive groups.
template <typename Spec>
void expand(const Spec& first, std::uint64_t count, std::vector<Spec>& into) {
  for (std::uint32_t i = 0; i < count; ++i) {
    Spec& stream = into.emplace_back(first);
    stream.group = first.group.v4_plus(i);
    stream.name = name_in_range(first.name, i + 1, count);
  }
}

}  // namespace mcast::agent
