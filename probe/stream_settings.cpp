#include "probe/stream_settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
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

// A member of a spec as the value of a key.
template <auto kMember>
struct Member;
template <typename Spec, typename T, T Spec::* kMember>
struct Member<kMember> {
  template <typename U>
  struct Inner : std::type_identity<U> {};
  template <typename U>
  struct Inner<std::optional<U>> : std::type_identity<U> {};
  using Plain = typename Inner<T>::type;
  // Numbers of every size are read as the largest.
  using Value = std::conditional_t<std::is_integral_v<Plain> && !std::is_same_v<Plain, bool> &&
                                       !std::is_same_v<Plain, Nanoseconds>,
                                   std::uint64_t, Plain>;

  static void set(Spec& spec, const SettingValue& value) {
    const Value* given = std::get_if<Value>(&value);
    spec.*kMember = given == nullptr ? T() : T(static_cast<Plain>(*given));
  }
  static SettingValue get(const Spec& spec) {
    if constexpr (std::is_same_v<T, Plain>) {
      return static_cast<Value>(spec.*kMember);
    } else {
      return spec.*kMember ? SettingValue(static_cast<Value>(*(spec.*kMember))) : SettingValue();
    }
  }
  static constexpr SpecField<Spec> kField{.set = set, .get = get};
};

template <auto... kMembers>
constexpr std::tuple<SpecField<ReceiverSpec>, SpecField<SenderSpec>> fields() {
  std::tuple<SpecField<ReceiverSpec>, SpecField<SenderSpec>> result;
  const auto put = [&]<typename Spec>(const SpecField<Spec>& field) {
    std::get<SpecField<Spec>>(result) = field;
  };
  (put(Member<kMembers>::kField), ...);
  return result;
}

// The shortest text that stands for this very number; never with an exponent, which
// parse_setting() does not take.
std::string decimal(double value) {
  std::array<char, 512> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return error == std::errc{} ? std::string(text.data(), end) : "0";
}

SettingValue rate_text(const SenderSpec& spec) {
  return decimal(spec.packets_per_second) + "pps";
}

using R = ReceiverSpec;
using S = SenderSpec;
using enum KeyType;

constexpr unsigned kRequests = kInSenderRequest | kInReceiverRequest;
constexpr unsigned kOneStream = kInSender | kInReceiver | kRequests;
constexpr unsigned kAll = kInDefaults | kOneStream;
constexpr unsigned kSenders = kInDefaults | kInSender | kInSenderRequest;
constexpr unsigned kReceivers = kInDefaults | kInReceiver | kInReceiverRequest;

constexpr std::array kKeys{
    StreamKey{"name", kOneStream, kName, 0, 0, fields<&R::name, &S::name>()},
    StreamKey{"group", kOneStream, kGroup, 0, 0, fields<&R::group, &S::group>()},
    StreamKey{"count", kAll, kWholeNumber, 1, 100'000},
    StreamKey{"interface", kAll, kInterface, 0, 0, fields<&R::interface, &S::interface>()},
    StreamKey{"source", kAll, kSource, 0, 0, fields<&R::source, &S::source>()},
    StreamKey{"port", kAll, kWholeNumber, 1, 65'535, fields<&R::port, &S::port>()},
    StreamKey{"rate", kSenders, kRate, 0, 0, {{}, {.set = nullptr, .get = rate_text}}},
    StreamKey{"size", kSenders, kWholeNumber, kMinDatagramSize, kMaxDatagramSize,
              fields<&S::size>()},
    StreamKey{"ttl", kSenders, kWholeNumber, 1, 255, fields<&S::ttl>()},
    StreamKey{"dscp", kSenders, kDscp, 0, 0, fields<&S::dscp>()},
    StreamKey{"loopback", kSenders, kBoolean, 0, 0, fields<&S::loopback>()},
    StreamKey{"stall_timeout", kReceivers, kDuration, 100 * kMillisecond, kHour,
              fields<&R::stall_timeout>(), true},
    StreamKey{"loss_timeout", kReceivers, kDuration, 10 * kMillisecond, 60 * kSecond,
              fields<&R::loss_timeout>(), true},
    StreamKey{"igmp_version", kReceivers, kWholeNumber, 1, 3, fields<&R::igmp_version>(), true},
    StreamKey{"labels", kAll, kLabels},
    StreamKey{"packets", kRequests, kWholeNumber, 1, 1'000'000'000'000'000,
              fields<&R::packet_limit, &S::packet_limit>()},
    // Ten years at the most.
    StreamKey{"duration", kInSenderRequest, kDuration, kMillisecond, 87'600 * kHour,
              fields<&S::duration>()},
    StreamKey{"detach", kRequests, kBoolean}};

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

std::string in_units(std::uint64_t duration) {
  if (duration % kHour == 0) return std::to_string(duration / kHour) + "h";
  if (duration % kSecond == 0) return std::to_string(duration / kSecond) + "s";
  return std::to_string(duration / kMillisecond) + "ms";
}

Result<SettingValue> parse_duration(const StreamKey& key, std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Nanoseconds>, 4> kUnits{
      {{"ms", kMillisecond}, {"s", kSecond}, {"m", 60 * kSecond}, {"h", kHour}}};
  constexpr std::string_view kForm =
      "must be a duration: a number and ms, s, m or h, for example 500ms or 1.5s";

  const std::string number(text.substr(0, text.find_first_not_of("0123456789.")));
  const std::string_view unit_name = text.substr(number.size());
  const auto value = parse_decimal(number);
  if (!value) return refuse(key.name, kForm, text);
  if (unit_name.empty()) {
    return fail(std::string(key.name) + " needs a unit: " + quote(number + "s") + " or " +
                quote(number + "ms") + ", not " + quote(text));
  }
  const auto* const unit =
      std::ranges::find(kUnits, unit_name, &std::pair<std::string_view, Nanoseconds>::first);
  if (unit == kUnits.end()) return refuse(key.name, kForm, text);
  const double ns = *value * static_cast<double>(unit->second);
  if (!(ns >= static_cast<double>(key.low) && ns <= static_cast<double>(key.high))) {
    return refuse(key.name, "must be from " + in_units(key.low) + " to " + in_units(key.high),
                  text);
  }
  return static_cast<Nanoseconds>(std::llround(ns));
}

Result<SettingValue> parse_address(const StreamKey& key, std::string_view text) {
  const auto address = IpAddress::parse(text);
  if (!address) return refuse(key.name, "must be an IPv4 address", text);
  if (!address->is_v4()) {
    return fail(std::string(key.name) + " " + quote(text) + ": IPv6 is not supported yet");
  }
  if (key.type == kGroup && !address->is_multicast()) {
    return refuse(key.name, "must be a multicast address, 224.0.0.0 to 239.255.255.255", text);
  }
  if (key.type == kSource && !address->is_unicast()) {
    return refuse(key.name, "must be the unicast address of a host", text);
  }
  return *address;
}

Result<SettingValue> parse_name(const StreamKey& key, std::string_view text) {
  const std::string what(key.name);
  if (text.empty()) return fail(what + " is empty");
  if (text.size() > kMaxStreamNameBytes) {
    return fail(what + " is too long: " + std::to_string(text.size()) + " bytes, at most " +
                std::to_string(kMaxStreamNameBytes));
  }
  if (is_stream_name(text)) return std::string(text);
  return refuse(what, "must be printable, without '/' and without white space around it", text);
}

Result<SettingValue> parse_rate_text(std::string_view text) {
  // A rate in bits may be too slow for one size and too fast for another; one that suits
  // neither end suits no size in between.
  const auto smallest = parse_rate(text, kMinDatagramSize);
  if (smallest || parse_rate(text, kMaxDatagramSize)) return std::string(text);
  return std::unexpected(smallest.error());
}

// Nothing for what is not set: an empty text, or a number that the key cannot have.
std::optional<ShownSetting> shown(const StreamKey& key, const SettingValue& value) {
  if (const auto* choice = std::get_if<bool>(&value)) return *choice;
  if (const auto* address = std::get_if<IpAddress>(&value)) return address->to_string();
  if (const auto* text = std::get_if<std::string>(&value); text != nullptr && !text->empty()) {
    return *text;
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value);
      number != nullptr && *number >= key.low) {
    return *number;
  }
  if (const auto* duration = std::get_if<Nanoseconds>(&value);
      duration != nullptr && *duration >= static_cast<Nanoseconds>(key.low)) {
    return decimal(static_cast<double>(*duration) / static_cast<double>(kMillisecond)) + "ms";
  }
  return std::nullopt;
}

}  // namespace

std::span<const StreamKey> stream_keys() {
  return kKeys;
}

const StreamKey& stream_key(std::string_view name) {
  return *std::ranges::find(kKeys, name, &StreamKey::name);
}

Result<SettingValue> parse_setting(const StreamKey& key, std::string_view text, bool quoted) {
  switch (key.type) {
    case kName:
      return parse_name(key, text);
    case kGroup:
    case kSource:
      return parse_address(key, text);
    case kInterface:
      return parse_interface(key.name, text);
    case kWholeNumber:
      return parse_whole_number(key, text, quoted);
    case kDuration:
      return parse_duration(key, text);
    case kBoolean:
      return parse_boolean(key.name, text, quoted);
    case kRate:
      return parse_rate_text(text);
    case kDscp: {
      const auto dscp = parse_dscp(text);
      if (!dscp) return std::unexpected(dscp.error());
      return std::uint64_t{*dscp};
    }
    case kLabels:
      break;
  }
  return fail(std::string(key.name) + " is no single value");
}

Result<std::string> parse_interface(std::string_view what, std::string_view text) {
  if (text.empty()) return fail(std::string(what) + " is empty; leave it out");
  // It becomes a label and a part of messages.
  if (is_valid_interface_name(text) && !has_control_characters(text) && is_utf8(text)) {
    return std::string(text);
  }
  return refuse(what,
                text.size() > 15 ? "must be an interface name of at most 15 bytes"
                                 : "must be an interface name, without '/', ':' and white space",
                text);
}

Result<bool> parse_boolean(std::string_view what, std::string_view text, bool quoted) {
  const bool is_one = text == "true" || text == "false";
  if (is_one && !quoted) return text == "true";
  return refuse(what, is_one ? "must be true or false without quotes" : "must be true or false",
                text);
}

Result<std::string> parse_label_name(std::string_view text) {
  // From the agent's own labels of mcast_receiver_info and mcast_sender_info.
  constexpr std::array<std::string_view, 6> kReserved{"stream",    "group", "source",
                                                      "interface", "port",  "join"};
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  const std::string name = "label name " + quote(text);
  if (text.empty() || is_digits(text.substr(0, 1)) ||
      text.find_first_not_of(kAllowed) != std::string_view::npos) {
    return fail(name + " must consist of letters, digits and '_' and not begin with a digit");
  }
  if (text.size() > kMaxLabelNameBytes) {
    return fail(name + " is longer than " + std::to_string(kMaxLabelNameBytes) + " bytes");
  }
  if (text.starts_with("__")) return fail(name + ": '__' is reserved for Prometheus");
  if (std::ranges::find(kReserved, text) != kReserved.end()) {
    return fail(name + " is taken: the agent sets it itself");
  }
  return std::string(text);
}

Result<std::string> parse_label_value(std::string_view label, std::string_view text) {
  const std::string name = "label " + quote(label);
  if (text.size() > kMaxLabelValueBytes) {
    return fail(name + " is too long: " + std::to_string(text.size()) + " bytes, at most " +
                std::to_string(kMaxLabelValueBytes));
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

std::uint64_t groups_from(const IpAddress& first) {
  return std::uint64_t{0xF0000000} - first.v4_host_order();
}

std::string name_in_range(const std::string& name, std::uint64_t number, std::uint64_t count) {
  return count == 1 ? name : name + "-" + std::to_string(number);
}

template <typename Spec>
std::vector<std::pair<std::string_view, ShownSetting>> shown_settings(const Spec& spec) {
  std::vector<std::pair<std::string_view, ShownSetting>> result;
  for (const StreamKey& key : kKeys) {
    const auto get = std::get<SpecField<Spec>>(key.fields).get;
    if (get == nullptr || key.type == kName) continue;
    if (auto value = shown(key, get(spec))) result.emplace_back(key.name, std::move(*value));
  }
  return result;
}
template std::vector<std::pair<std::string_view, ShownSetting>> shown_settings(const R& spec);
template std::vector<std::pair<std::string_view, ShownSetting>> shown_settings(const S& spec);

template <typename Spec>
bool differ_in_live_keys_only(const Spec& from, const Spec& to) {
  Spec changed = from;
  for (const StreamKey& key : kKeys) {
    const auto& field = std::get<SpecField<Spec>>(key.fields);
    if (key.live && field.set != nullptr) field.set(changed, field.get(to));
  }
  changed.labels = to.labels;
  changed.origin = to.origin;
  return changed == to;
}
template bool differ_in_live_keys_only(const R& from, const R& to);
template bool differ_in_live_keys_only(const S& from, const S& to);

}  // namespace mcast
