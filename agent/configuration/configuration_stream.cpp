#include "agent/configuration/configuration_stream.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "agent/configuration/configuration_keys.h"
#include "agent/configuration/configuration_values.h"
#include "base/rate.h"

namespace mcast::agent {
namespace {

constexpr std::uint64_t kMaxCount = 100'000;
constexpr std::uint64_t kMaxPackets = 1'000'000'000'000'000;
constexpr Nanoseconds kMaxDuration = 87'600 * 3600 * kSecond;  // ten years
constexpr IpAddress kLastGroup = IpAddress::v4(0xEFFFFFFF);

struct Reading {
  std::string_view key;
  const KeyedValue& entry;
  bool in_defaults;
  ErrorList& errors;
};

template <typename T, typename Parse>
void set(Setting<T>& setting, const Reading& reading, Parse parse) {
  setting = {.value = std::nullopt,
             .place = reading.entry.value->place,
             .from_defaults = reading.in_defaults};
  if (!reading.entry.has_value()) return;
  if (auto value = parse(reading.key, *reading.entry.value)) {
    setting.value = std::move(*value);
  } else {
    reading.errors.add(*setting.place, value.error().message);
  }
}

// A parser of whole numbers, or durations, between two bounds.
auto number(std::uint64_t low, std::uint64_t high) {
  return [=](std::string_view key, const YamlNode& node) {
    return parse_whole_number(key, node, low, high);
  };
}
auto duration(Nanoseconds low, Nanoseconds high) {
  return [=](std::string_view key, const YamlNode& node) {
    return parse_duration(key, node, low, high);
  };
}

// A stream's own labels stand beside those of the defaults and win over them.
void read_labels(Labels& labels, const Reading& reading) {
  const YamlNode& node = *reading.entry.value;
  ErrorList& errors = reading.errors;
  if (!reading.entry.has_value()) return;
  if (node.kind != YamlNode::Kind::kMapping) {
    errors.add(node.place, "labels must be a mapping (name: value), not " + describe(node));
    return;
  }
  Labels own;
  for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const YamlNode& key = *node.children[i];
    const YamlNode& value = *node.children[i + 1];
    const auto name = parse_label_name(key);
    if (!name) {
      errors.add(key.place, name.error().message);
      continue;
    }
    if (value.kind == YamlNode::Kind::kNull) {
      errors.add(key.place, "label " + quoted(*name) + " has no value");
      continue;
    }
    auto text = parse_label_value(*name, value);
    if (!text) {
      errors.add(value.place, text.error().message);
      continue;
    }
    if (!own.emplace(*name, std::move(*text)).second) {
      errors.add(key.place, "duplicate label " + quoted(*name));
    }
  }
  own.merge(labels);
  labels = std::move(own);
  if (labels.size() > kMaxLabels) {
    errors.add(node.place, std::to_string(labels.size()) + " labels, at most " +
                               std::to_string(kMaxLabels) + " are allowed");
  }
}

enum class For : std::uint8_t {
  kOneStream,
  kBoth,
  kSenders,
  kReceivers,
  kRequests,
  kSenderRequests,
};

struct Key {
  std::string_view name;
  For use;
  void (*read)(StreamSettings& into, const Reading& reading);
};

using S = StreamSettings;
using R = Reading;

constexpr std::array kKeys{
    Key{"name", For::kOneStream, [](S& s, const R& r) { set(s.name, r, parse_name); }},
    Key{"group", For::kOneStream, [](S& s, const R& r) { set(s.group, r, parse_group); }},
    Key{"count", For::kBoth, [](S& s, const R& r) { set(s.count, r, number(1, kMaxCount)); }},
    Key{"interface", For::kBoth, [](S& s, const R& r) { set(s.interface, r, parse_interface); }},
    Key{"source", For::kBoth, [](S& s, const R& r) { set(s.source, r, parse_source); }},
    Key{"port", For::kBoth, [](S& s, const R& r) { set(s.port, r, number(1, 65'535)); }},
    Key{"rate", For::kSenders, [](S& s, const R& r) { set(s.rate, r, parse_rate_text); }},
    Key{"size", For::kSenders,
        [](S& s, const R& r) { set(s.size, r, number(kMinDatagramSize, kMaxDatagramSize)); }},
    Key{"ttl", For::kSenders, [](S& s, const R& r) { set(s.ttl, r, number(1, 255)); }},
    Key{"dscp", For::kSenders, [](S& s, const R& r) { set(s.dscp, r, parse_dscp_value); }},
    Key{"loopback", For::kSenders, [](S& s, const R& r) { set(s.loopback, r, parse_boolean); }},
    Key{"stall_timeout", For::kReceivers,
        [](S& s, const R& r) {
          set(s.stall_timeout, r, duration(100 * kMillisecond, 3600 * kSecond));
        }},
    Key{"loss_timeout", For::kReceivers,
        [](S& s, const R& r) {
          set(s.loss_timeout, r, duration(10 * kMillisecond, 60 * kSecond));
        }},
    Key{"igmp_version", For::kReceivers,
        [](S& s, const R& r) { set(s.igmp_version, r, number(1, 3)); }},
    Key{"labels", For::kBoth, [](S& s, const R& r) { read_labels(s.labels, r); }},
    Key{"packets", For::kRequests,
        [](S& s, const R& r) { set(s.packets, r, number(1, kMaxPackets)); }},
    Key{"duration", For::kSenderRequests,
        [](S& s, const R& r) { set(s.duration, r, duration(kMillisecond, kMaxDuration)); }},
    Key{"detach", For::kRequests, [](S& s, const R& r) { set(s.detach, r, parse_boolean); }},
};

bool is_request(Section section) {
  return section == Section::kSenderRequest || section == Section::kReceiverRequest;
}

bool belongs(const Key& key, Section section) {
  const bool of_receiver = section == Section::kReceiver || section == Section::kReceiverRequest;
  const bool of_sender = section == Section::kSender || section == Section::kSenderRequest;
  switch (key.use) {
    case For::kOneStream:
      return section != Section::kDefaults;
    case For::kBoth:
      return true;
    case For::kSenders:
      return !of_receiver;
    case For::kReceivers:
      return !of_sender;
    case For::kRequests:
      return is_request(section);
    case For::kSenderRequests:
      return section == Section::kSenderRequest;
  }
  return false;
}

std::string hint_for_defaults(std::string_view key) {
  const bool own = key == "name" || key == "group";
  return own ? "each stream has its own" : "";
}
std::string hint_for_streams(std::string_view name) {
  const auto* const key = std::ranges::find(kKeys, name, &Key::name);
  if (key == kKeys.end()) return "";
  switch (key->use) {
    case For::kReceivers:
      return "it is for receivers";
    case For::kRequests:
      return "it is for ad hoc streams";
    default:
      return "it is for senders";
  }
}

std::string_view name_of(Section section) {
  switch (section) {
    case Section::kDefaults:
      return "defaults";
    case Section::kSender:
    case Section::kSenderRequest:
      return "a sender";
    case Section::kReceiver:
    case Section::kReceiverRequest:
      break;
  }
  return "a receiver";
}

// Where to report a conflict between two settings: at the one that the stream
// gives itself, so that the place is not far from what has to be changed.
template <typename A, typename B>
Place place_of_conflict(const Setting<A>& first, const Setting<B>& second, Place otherwise) {
  if (first.place && !first.from_defaults) return *first.place;
  if (second.place && !second.from_defaults) return *second.place;
  return first.place.value_or(second.place.value_or(otherwise));
}

void require_name_and_group(const StreamSettings& s, std::string_view what, ErrorList& errors) {
  if (!s.name.place) errors.add(s.place, std::string(what) + " needs the key 'name'");
  if (!s.group.place) errors.add(s.place, std::string(what) + " needs the key 'group'");
}

// Where the range of groups ends, and whether its name with the number fits.
void check_range(const StreamSettings& s, ErrorList& errors, ErrorList& warnings) {
  const std::uint64_t count = s.count.value.value_or(1);
  if (s.name.value && count > 1 &&
      s.name.value->size() + 1 + std::to_string(count).size() > kMaxNameBytes) {
    errors.add(*s.name.place, "name is too long to have -" + std::to_string(count) + " appended");
  }
  if (!s.group.value) return;
  const std::uint64_t last = std::uint64_t{s.group.value->v4_host_order()} + count - 1;
  if (last > kLastGroup.v4_host_order()) {
    errors.add(place_of_conflict(s.count, s.group, s.place),
               "count " + std::to_string(count) + " leaves the multicast range: from " +
                   s.group.value->to_string() + " to " + kLastGroup.to_string() + " there are " +
                   std::to_string(count - (last - kLastGroup.v4_host_order())) + " groups");
  }
  if (s.group.value->is_link_local_multicast()) {
    warnings.add(*s.group.place,
                 "group " + s.group.value->to_string() +
                     " is link-local (224.0.0.0/24): no router forwards it, no switch prunes it");
  }
}

void check_rate(const StreamSettings& s, SenderSpec& spec, ErrorList& errors) {
  if (!s.rate.value || (s.size.place && !s.size.value)) return;
  if (const auto pps = parse_rate(*s.rate.value, spec.size)) {
    spec.packets_per_second = *pps;
  } else {
    errors.add(place_of_conflict(s.rate, s.size, s.place), pps.error().message);
  }
}

}  // namespace

StreamSettings read_stream(const YamlNode& node, Section section, const StreamSettings& defaults,
                           ErrorList& errors) {
  std::vector<std::string_view> allowed;
  for (const Key& key : kKeys) {
    if (belongs(key, section)) allowed.push_back(key.name);
  }
  const bool in_defaults = section == Section::kDefaults;
  const KeyedValues values = read_keys(node,
                                       {.what = name_of(section),
                                        .keys = allowed,
                                        .hint = in_defaults ? hint_for_defaults : hint_for_streams},
                                       errors);
  StreamSettings settings = defaults;
  settings.place = node.place;
  for (const Key& key : kKeys) {
    if (const auto found = values.find(key.name); found != values.end()) {
      key.read(
          settings,
          {.key = key.name, .entry = found->second, .in_defaults = in_defaults, .errors = errors});
    }
  }
  if (!in_defaults && !is_request(section) && node.kind == YamlNode::Kind::kMapping) {
    require_name_and_group(settings, name_of(section), errors);
  }
  return settings;
}

std::string name_in_range(const std::string& name, std::uint64_t number, std::uint64_t count) {
  return count == 1 ? name : name + "-" + std::to_string(number);
}

std::optional<SenderSpec> make_sender(const StreamSettings& settings, ErrorList& errors,
                                      ErrorList& warnings) {
  const StreamSettings& s = settings;
  SenderSpec spec;
  check_range(s, errors, warnings);
  spec.interface = s.interface.value.value_or("");
  spec.source = s.source.value;
  spec.size = s.size.value.value_or(spec.size);
  spec.ttl = static_cast<std::uint8_t>(s.ttl.value.value_or(spec.ttl));
  spec.dscp = s.dscp.value.value_or(spec.dscp);
  spec.port = static_cast<std::uint16_t>(s.port.value.value_or(spec.port));
  spec.loopback = s.loopback.value.value_or(spec.loopback);
  spec.packet_limit = s.packets.value.value_or(0);
  spec.duration = s.duration.value.value_or(0);
  spec.labels = s.labels;
  check_rate(s, spec, errors);
  if (!s.name.value || !s.group.value) return std::nullopt;
  spec.name = *s.name.value;
  spec.group = *s.group.value;
  return spec;
}

std::optional<ReceiverSpec> make_receiver(const StreamSettings& settings, ErrorList& errors,
                                          ErrorList& warnings) {
  const StreamSettings& s = settings;
  ReceiverSpec spec;
  check_range(s, errors, warnings);
  spec.source = s.source.value;
  spec.interface = s.interface.value.value_or("");
  spec.port = static_cast<std::uint16_t>(s.port.value.value_or(spec.port));
  spec.stall_timeout = s.stall_timeout.value.value_or(spec.stall_timeout);
  spec.loss_timeout = s.loss_timeout.value.value_or(spec.loss_timeout);
  spec.packet_limit = s.packets.value.value_or(0);
  spec.labels = s.labels;
  if (s.igmp_version.value) spec.igmp_version = static_cast<int>(*s.igmp_version.value);
  if (spec.source && spec.igmp_version && *spec.igmp_version != 3) {
    errors.add(place_of_conflict(s.igmp_version, s.source, s.place),
               "igmp_version " + std::to_string(*spec.igmp_version) + " with source " +
                   spec.source->to_string() +
                   ": only the reports of IGMPv3 can carry a source (RFC 3376)");
  }
  if (!s.name.value || !s.group.value) return std::nullopt;
  spec.name = *s.name.value;
  spec.group = *s.group.value;
  const IpAddress last =
      spec.group.v4_plus(static_cast<std::uint32_t>(s.count.value.value_or(1) - 1));
  if (!s.source.place && last >= IpAddress::v4(0xE8000000) &&
      spec.group <= IpAddress::v4(0xE8FFFFFF)) {
    warnings.add(*s.group.place,
                 "group " + spec.group.to_string() +
                     " is of the SSM range (232.0.0.0/8), but the receiver has no source: routers "
                     "forward nothing for such a join (RFC 4607)");
  }
  return spec;
}

}  // namespace mcast::agent
