#include "probe/stream_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <type_traits>

#include "base/dscp.h"
#include "base/number.h"
#include "base/rate.h"
#include "base/text.h"

namespace mcast {
namespace {

constexpr std::size_t kMaxLabelNameBytes = 100;
constexpr std::size_t kMaxLabelValueBytes = 1000;
constexpr Nanoseconds kHour = 3600 * kSecond;

// The shortest text that stands for this very number; never with an exponent, which
// StreamKey::parse does not take.
std::string decimal(double value) {
  std::array<char, 512> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return error == std::errc{} ? std::string(text.data(), end) : "0";
}

// Numbers of every size are read as the largest.
template <typename T>
using Held = std::conditional_t<std::is_integral_v<T> && !std::is_same_v<T, bool> &&
                                    !std::is_same_v<T, Nanoseconds>,
                                std::uint64_t, T>;

template <typename T>
void assign(T& into, const SettingValue& value) {
  into = static_cast<T>(std::get<Held<T>>(value));
}
// Its zone goes into the interface: resolve_zone().
void assign(IpAddress& into, const SettingValue& value) {
  const auto* zoned = std::get_if<ZonedAddress>(&value);
  into = zoned != nullptr ? zoned->address : std::get<IpAddress>(value);
}
// A rate is text: what it comes to depends on the size of the packets.
void assign(double& /*packets_per_second*/, const SettingValue& /*rate*/) {}
template <typename T>
void assign(std::optional<T>& into, const SettingValue& value) {
  assign(into.emplace(), value);
}

template <typename T>
ShownSetting shown(const T& value) {
  if constexpr (std::is_same_v<T, Nanoseconds>) {
    const double ms = static_cast<double>(value) / static_cast<double>(kMillisecond);
    return value == 0 ? "" : decimal(ms) + "ms";
  } else if constexpr (std::is_same_v<T, IpAddress>) {
    return value.to_string();
  } else if constexpr (std::is_same_v<T, double>) {
    return decimal(value) + "pps";
  } else {
    return static_cast<Held<T>>(value);
  }
}
template <typename T>
ShownSetting shown(const std::optional<T>& value) {
  return value ? shown(*value) : "";
}

std::unexpected<Error> too_long(const std::string& what, std::string_view text, std::size_t max) {
  return fail(what + " is too long: " + std::to_string(text.size()) + " bytes, at most " +
              std::to_string(max));
}

std::unexpected<Error> refuse(std::string_view what, std::string_view rule, std::string_view text) {
  return fail(std::string(what) + " " + std::string(rule) + ", not " + quote(text));
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Result<SettingValue> parse_whole_number(const StreamKey& key, std::string_view text, bool quoted) {
  const std::string rule =
      "must be a whole number from " + std::to_string(key.low) + " to " + std::to_string(key.high);
  if (is_digits(text) && quoted) {
    return fail(std::string(key.name) + " " + rule + ", not text: remove the quotes around " +
                std::string(text));
  }
  if (is_digits(text) && text.size() > 1 && text.front() == '0') {
    return refuse(key.name, rule + " without leading zeros", text);
  }
  const auto value = parse_number<std::uint64_t>(text);
  if (!value || *value < key.low || *value > key.high) return refuse(key.name, rule, text);
  return *value;
}

Result<SettingValue> parse_time(const StreamKey& key, std::string_view text, bool /*quoted*/) {
  const auto value = parse_duration(text);
  if (!value) {
    return refuse(key.name,
                  "must be a time: a number of seconds, or one with ms, s, m or h, for example "
                  "500ms or 1.5s",
                  text);
  }
  const auto low = static_cast<Nanoseconds>(key.low);
  const auto high = static_cast<Nanoseconds>(key.high);
  if (*value >= low && *value <= high) return *value;
  return refuse(key.name, "must be from " + plain_duration(low) + " to " + plain_duration(high),
                text);
}

Result<SettingValue> parse_group(const StreamKey& key, std::string_view text, bool /*quoted*/) {
  if (const auto range = parse_group_range(text)) {
    return fail("group " + quote(text) + " is a range; give its first group, " +
                range->first.to_string() + ", and use count: " + std::to_string(range->count));
  }
  const auto group = ZonedAddress::parse(text);
  if (group && group->address.is_multicast()) {
    if (group->zone.empty() || is_valid_interface_name(group->zone)) return *group;
    return refuse(key.name, "must have the name of an interface behind the '%'", text);
  }
  if (!group) return refuse(key.name, "must be an IPv4 or IPv6 address", text);
  const bool is_v6 = !group->address.is_v4();
  return refuse(key.name,
                is_v6 ? "must be a multicast address, of ff00::/8"
                      : "must be a multicast address, 224.0.0.0 to 239.255.255.255",
                text);
}

Result<SettingValue> parse_source(const StreamKey& key, std::string_view text, bool /*quoted*/) {
  const auto address = ZonedAddress::parse(text);
  if (!address) return refuse(key.name, "must be an IPv4 or IPv6 address", text);
  if (!address->zone.empty()) {
    return refuse(key.name, "must be without a zone: the interface of the stream says it", text);
  }
  if (address->address.is_unicast()) return address->address;
  return refuse(key.name, "must be the unicast address of a host", text);
}

Result<SettingValue> parse_name(const StreamKey& key, std::string_view text, bool /*quoted*/) {
  const std::string what(key.name);
  if (text.empty()) return fail(what + " is empty");
  if (text.size() > kMaxStreamNameBytes) return too_long(what, text, kMaxStreamNameBytes);
  if (is_stream_name(text)) return std::string(text);
  return refuse(what, "must be printable, without '/' and without white space around it", text);
}

// Its text: what it comes to depends on the size of the packets.
Result<SettingValue> parse_rate_text(const StreamKey& /*key*/, std::string_view text,
                                     bool /*quoted*/) {
  // A rate in bits may be too slow for one size and too fast for another; one that suits
  // neither end suits no size in between.
  const auto smallest = parse_rate(text, kMinDatagramSize);
  if (smallest || parse_rate(text, kMaxDatagramSize)) return std::string(text);
  return std::unexpected(smallest.error());
}

Result<SettingValue> parse_dscp_value(const StreamKey& /*key*/, std::string_view text,
                                      bool /*quoted*/) {
  const auto dscp = parse_dscp(text);
  if (!dscp) return std::unexpected(dscp.error());
  return std::uint64_t{*dscp};
}

using R = ReceiverSpec;
using S = SenderSpec;

// A key whose values are those of members, of one spec or of both.
template <auto... kMembers>
constexpr StreamKey key_of(StreamKey key) {
  const auto put = [&key]<auto kMember, typename Spec, typename T>(T Spec::* /*member*/) {
    std::get<SpecField<Spec>>(key.fields) = {
        .set = [](Spec& spec, const SettingValue& value) { assign(spec.*kMember, value); },
        .copy = [](Spec& spec, const Spec& from) { spec.*kMember = from.*kMember; },
        .show = [](const Spec& spec) { return shown(spec.*kMember); }};
  };
  (put.template operator()<kMembers>(kMembers), ...);
  return key;
}

constexpr unsigned kRequests = kInSenderRequest | kInReceiverRequest;
constexpr unsigned kOneStream = kInSender | kInReceiver | kRequests;
constexpr unsigned kAll = kInDefaults | kOneStream;
constexpr unsigned kSenders = kInDefaults | kInSender | kInSenderRequest;
constexpr unsigned kReceivers = kInDefaults | kInReceiver | kInReceiverRequest;

constexpr std::array kKeys{
    key_of<&R::name, &S::name>({"name", kOneStream, parse_name}),
    key_of<&R::group, &S::group>({"group", kOneStream, parse_group}),
    StreamKey{"count", kAll, parse_whole_number, 1, 100'000},
    key_of<&R::interface, &S::interface>({"interface", kAll, parse_interface}),
    key_of<&R::source, &S::source>({"source", kAll, parse_source}),
    key_of<&R::port, &S::port>({"port", kAll, parse_whole_number, 1, 65'535}),
    key_of<&S::packets_per_second>({"rate", kSenders, parse_rate_text}),
    key_of<&S::size>({"size", kSenders, parse_whole_number, kMinDatagramSize, kMaxDatagramSize}),
    key_of<&S::ttl>({"ttl", kSenders, parse_whole_number, 1, 255}),
    StreamKey{"hop_limit", kSenders, parse_whole_number, 1, 255, false, "ttl"},
    key_of<&S::dscp>({"dscp", kSenders, parse_dscp_value}),
    key_of<&S::loopback>({"loopback", kSenders, parse_boolean}),
    key_of<&R::stall_timeout>(
        {"stall_timeout", kReceivers, parse_time, 100 * kMillisecond, kHour, true}),
    key_of<&R::loss_timeout>(
        {"loss_timeout", kReceivers, parse_time, 10 * kMillisecond, 60 * kSecond, true}),
    key_of<&R::igmp_version>({"igmp_version", kReceivers, parse_whole_number, 1, 3, true}),
    key_of<&R::mld_version>({"mld_version", kReceivers, parse_whole_number, 1, 2, true}),
    StreamKey{"labels", kAll},
    key_of<&R::packet_limit, &S::packet_limit>(
        {"packets", kRequests, parse_whole_number, 1, 1'000'000'000'000'000}),
    // Ten years at the most.
    key_of<&S::duration>({"duration", kInSenderRequest, parse_time, kMillisecond, 87'600 * kHour}),
    StreamKey{"detach", kRequests, parse_boolean}};

}  // namespace

std::span<const StreamKey> stream_keys() {
  return kKeys;
}

const StreamKey& stream_key(std::string_view name) {
  return *std::ranges::find(kKeys, name, &StreamKey::name);
}

Result<SettingValue> parse_interface(const StreamKey& key, std::string_view text, bool /*quoted*/) {
  if (text.empty()) return fail(std::string(key.name) + " is empty; leave it out");
  // It becomes a label and a part of messages.
  if (is_valid_interface_name(text) && !has_control_characters(text) && is_utf8(text)) {
    return std::string(text);
  }
  return refuse(key.name,
                text.size() > 15 ? "must be an interface name of at most 15 bytes"
                                 : "must be an interface name, without '/', ':' and white space",
                text);
}

Result<SettingValue> parse_boolean(const StreamKey& key, std::string_view text, bool quoted) {
  const bool is_one = text == "true" || text == "false";
  if (is_one && !quoted) return text == "true";
  return refuse(key.name, is_one ? "must be true or false without quotes" : "must be true or false",
                text);
}

Result<SettingValue> parse_label_name(const StreamKey& key, std::string_view text,
                                      bool /*quoted*/) {
  // What the metrics of streams have, of which these labels become a part in a query, and what
  // Prometheus needs in histograms and summaries.
  constexpr std::array<std::string_view, 13> kReserved{
      "stream", "group", "source", "interface", "port", "join",    "sender",
      "state",  "check", "reason", "error",     "le",   "quantile"};
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  const std::string name = std::string(key.name) + " " + quote(text);
  if (text.empty() || is_digits(text.substr(0, 1)) ||
      text.find_first_not_of(kAllowed) != std::string_view::npos) {
    return fail(name + " must consist of letters, digits and '_' and not begin with a digit");
  }
  if (text.size() > kMaxLabelNameBytes) {
    return fail(name + " is longer than " + std::to_string(kMaxLabelNameBytes) + " bytes");
  }
  if (text.starts_with("__")) return fail(name + ": '__' is reserved for Prometheus");
  if (std::ranges::find(kReserved, text) != kReserved.end()) {
    return fail(name + " is taken: metrics have it already");
  }
  return std::string(text);
}

Result<std::string> parse_label_value(std::string_view label, std::string_view text) {
  const std::string name = "label " + quote(label);
  if (text.size() > kMaxLabelValueBytes) {
    return too_long(name, text, kMaxLabelValueBytes);
  }
  if (!is_utf8(text)) return fail(name + " is not valid UTF-8");
  return std::string(text);
}

bool is_stream_name(std::string_view text) {
  // "." and ".." would not survive in a path of the API.
  return !text.empty() && text.size() <= kMaxStreamNameBytes && text != "." && text != ".." &&
         !has_control_characters(text) && is_utf8(text) && !text.contains('/') &&
         text.front() != ' ' && text.back() != ' ';
}

std::optional<GroupRange> parse_group_range(std::string_view text) {
  const std::size_t at = std::min(text.find_first_of("-/"), text.size());
  const auto first = IpAddress::parse(text.substr(0, at));
  if (at == text.size() || !first || !first->is_multicast()) return std::nullopt;
  const std::string_view behind = text.substr(at + 1);
  const std::uint32_t from = first->low_bits();
  std::uint64_t to = 0;
  GroupRange range{.first = *first};
  if (text[at] == '/') {
    // Of IPv6 no more than the group ID.
    const std::uint32_t whole = first->is_v4() ? 32 : 128;
    const auto bits = parse_number<std::uint32_t>(behind);
    if (!bits || *bits > whole || whole - *bits > 28) return std::nullopt;
    const auto count = std::uint64_t{1} << (whole - *bits);
    range.first = first->with_low_bits(from - static_cast<std::uint32_t>(from % count));
    to = range.first.low_bits() + count - 1;
  } else if (const auto last = IpAddress::parse(behind);
             last && last->with_low_bits(0) == first->with_low_bits(0)) {
    to = last->low_bits();
  } else if (const auto octet = parse_number<std::uint8_t>(behind); octet && first->is_v4()) {
    to = (from & 0xFFFFFF00U) | *octet;
  }
  if (to < range.first.low_bits()) return std::nullopt;
  range.count = to - range.first.low_bits() + 1;
  return range.count <= stream_key("count").high ? std::optional(range) : std::nullopt;
}

IpAddress last_group_from(const IpAddress& first) {
  return first.with_low_bits(first.is_v4() ? 0xEFFFFFFFU : 0xFFFFFFFFU);
}

std::uint64_t groups_from(const IpAddress& first) {
  return std::uint64_t{last_group_from(first).low_bits()} - first.low_bits() + 1;
}

namespace {

template <typename Spec>
std::optional<Conflict> conflict_of_addresses(const Spec& spec) {
  const std::string group = "group " + spec.group.to_string();
  if (spec.source && spec.source->family() != spec.group.family()) {
    const auto kind = [](const IpAddress& address) { return address.is_v4() ? "IPv4" : "IPv6"; };
    return Conflict{"source", "group",
                    "source " + spec.source->to_string() + " is an " + kind(*spec.source) +
                        " address, and " + group + " is " + kind(spec.group)};
  }
  if (!spec.group.needs_interface() || !spec.interface.empty()) return std::nullopt;
  return Conflict{"interface", "group",
                  group + " is another group on each interface (" +
                      (spec.group.multicast_scope() == 1 ? "interface" : "link") +
                      "-local scope, RFC 4291): name the one that is meant, for example as " +
                      spec.group.to_string() + "%eth1"};
}

}  // namespace

std::optional<Conflict> conflict_in(const SenderSpec& spec) {
  return conflict_of_addresses(spec);
}

std::optional<Conflict> conflict_in(const ReceiverSpec& spec) {
  const bool is_v4 = spec.group.is_v4();
  const auto& other = is_v4 ? spec.mld_version : spec.igmp_version;
  if (other) {
    return Conflict{
        is_v4 ? "mld_version" : "igmp_version", "group",
        std::string(is_v4 ? "MLD" : "IGMP") + " version " + std::to_string(*other) + " for group " +
            spec.group.to_string() + ": hosts ask for groups of " +
            (is_v4 ? "IPv4 in IGMP, version 1, 2 or 3" : "IPv6 in MLD, version 1 or 2")};
  }
  const int newest = is_v4 ? 3 : 2;
  if (const auto& version = spec.wanted_version(); version && spec.source && *version != newest) {
    const std::string key = is_v4 ? "igmp_version" : "mld_version";
    return Conflict{is_v4 ? "igmp_version" : "mld_version", "source",
                    key + " " + std::to_string(*version) + " with source " +
                        spec.source->to_string() + ": only the reports of " +
                        (is_v4 ? "IGMPv3 can carry a source (RFC 3376)"
                               : "MLDv2 can carry a source (RFC 3810)")};
  }
  return conflict_of_addresses(spec);
}

std::string name_in_range(const std::string& name, std::uint64_t number, std::uint64_t count) {
  return count == 1 ? name : name + "-" + std::to_string(number);
}

template <typename Spec>
std::vector<std::pair<std::string_view, ShownSetting>> shown_settings(const Spec& spec) {
  std::vector<std::pair<std::string_view, ShownSetting>> result;
  for (const StreamKey& key : kKeys) {
    const auto show = std::get<SpecField<Spec>>(key.fields).show;
    if (show == nullptr || key.name == "name") continue;
    ShownSetting value = show(spec);
    // What is not set: an empty text, or a number that the key cannot have.
    const auto* text = std::get_if<std::string>(&value);
    const auto* number = std::get_if<std::uint64_t>(&value);
    if (text != nullptr ? text->empty() : number != nullptr && *number < key.low) continue;
    result.emplace_back(key.name, std::move(value));
  }
  return result;
}
template std::vector<std::pair<std::string_view, ShownSetting>> shown_settings(const R& spec);
template std::vector<std::pair<std::string_view, ShownSetting>> shown_settings(const S& spec);

template <typename Spec>
bool differ_in_live_keys_only(const Spec& from, const Spec& to) {
  Spec changed = from;
  for (const StreamKey& key : kKeys) {
    const auto copy = std::get<SpecField<Spec>>(key.fields).copy;
    if (key.live && copy != nullptr) copy(changed, to);
  }
  changed.labels = to.labels;
  changed.origin = to.origin;
  return changed == to;
}
template bool differ_in_live_keys_only(const R& from, const R& to);
template bool differ_in_live_keys_only(const S& from, const S& to);

}  // namespace mcast
