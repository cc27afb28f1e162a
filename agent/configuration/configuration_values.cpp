#include "agent/configuration/configuration_values.h"

#include <net/if.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/dscp.h"
#include "base/rate.h"
#include "base/text.h"
#include "probe/stream_spec.h"

namespace mcast::agent {
namespace {

// Nothing but a label's value has a reason to be longer.
constexpr std::size_t kMaxWordBytes = 256;

std::unexpected<Error> refuse(std::string_view key, std::string_view what, const YamlNode& node) {
  return fail(std::string(key) + " " + std::string(what) + ", not " + describe(node));
}

Result<std::string_view> word(std::string_view key, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar) return refuse(key, "must be a single value", node);
  if (node.text.size() > kMaxWordBytes) {
    return fail(std::string(key) + " is too long: " + std::to_string(node.text.size()) +
                " bytes, at most " + std::to_string(kMaxWordBytes));
  }
  return node.text;
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string in_units(Nanoseconds duration) {
  if (duration % (3600 * kSecond) == 0) return std::to_string(duration / (3600 * kSecond)) + "h";
  if (duration % kSecond == 0) return std::to_string(duration / kSecond) + "s";
  return std::to_string(duration / kMillisecond) + "ms";
}

Result<IpAddress> parse_address(std::string_view key, const YamlNode& node) {
  const auto text = word(key, node);
  if (!text) return std::unexpected(text.error());
  const auto address = IpAddress::parse(*text);
  if (!address) return refuse(key, "must be an IPv4 address", node);
  if (!address->is_v4()) {
    return fail(std::string(key) + " " + quoted(*text) + ": IPv6 is not supported yet");
  }
  return *address;
}

}  // namespace

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMapping:
      return "a mapping";
    case YamlNode::Kind::kScalar:
      break;
  }
  return quoted(node.text);
}

Result<std::uint64_t> parse_whole_number(std::string_view key, const YamlNode& node,
                                         std::uint64_t low, std::uint64_t high) {
  const std::string what =
      "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  const auto text = word(key, node);
  if (!text) return std::unexpected(text.error());
  if (is_digits(*text) && node.in_quotes) {
    return fail(std::string(key) + " " + what + ", not text: remove the quotes around " +
                std::string(*text));
  }
  if (is_digits(*text) && text->size() > 1 && text->front() == '0') {
    return fail(std::string(key) + " " + what + " without leading zeros, not " + quoted(*text));
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (!is_digits(*text) || error != std::errc{} || value < low || value > high) {
    return refuse(key, what, node);
  }
  return value;
}

Result<bool> parse_boolean(std::string_view key, const YamlNode& node) {
  const auto text = word(key, node);
  if (!text) return std::unexpected(text.error());
  if (!node.in_quotes && *text == "true") return true;
  if (!node.in_quotes && *text == "false") return false;
  const bool only_quoted = *text == "true" || *text == "false";
  return refuse(key, only_quoted ? "must be true or false without quotes" : "must be true or false",
                node);
}

Result<Nanoseconds> parse_duration(std::string_view key, const YamlNode& node, Nanoseconds low,
                                   Nanoseconds high) {
  struct Unit {
    std::string_view name;
    Nanoseconds length;
  };
  constexpr std::array kUnits{Unit{"ms", kMillisecond}, Unit{"s", kSecond}, Unit{"m", 60 * kSecond},
                              Unit{"h", 3600 * kSecond}};
  constexpr std::string_view kForm =
      "must be a duration: a number and ms, s, m or h, for example 500ms or 1.5s";

  const auto text = word(key, node);
  if (!text) return std::unexpected(text.error());
  const std::size_t number_length = std::min(text->find_first_not_of("0123456789."), text->size());
  const auto number = text->substr(0, number_length);
  const auto unit_name = text->substr(number_length);
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value,
                                            std::chars_format::fixed);
  if (number.empty() || error != std::errc{} || end != number.data() + number.size()) {
    return refuse(key, kForm, node);
  }
  if (unit_name.empty()) {
    return fail(std::string(key) + " needs a unit: " + quoted(std::string(number) + "s") + " or " +
                quoted(std::string(number) + "ms") + ", not " + quoted(*text));
  }
  const auto* const unit = std::ranges::find(kUnits, unit_name, &Unit::name);
  if (unit == kUnits.end()) return refuse(key, kForm, node);

  const double ns = value * static_cast<double>(unit->length);
  if (!(ns >= static_cast<double>(low) && ns <= static_cast<double>(high))) {
    return refuse(key, "must be from " + in_units(low) + " to " + in_units(high), node);
  }
  return static_cast<Nanoseconds>(std::llround(ns));
}

Result<IpAddress> parse_group(std::string_view key, const YamlNode& node) {
  auto address = parse_address(key, node);
  if (address && !address->is_multicast()) {
    return refuse(key, "must be a multicast address, 224.0.0.0 to 239.255.255.255", node);
  }
  return address;
}

Result<IpAddress> parse_source(std::string_view key, const YamlNode& node) {
  auto address = parse_address(key, node);
  if (address && !address->is_unicast()) {
    return refuse(key, "must be the unicast address of a host", node);
  }
  return address;
}

Result<std::string> parse_interface(std::string_view key, const YamlNode& node) {
  const auto text = word(key, node);
  if (!text) return std::unexpected(text.error());
  if (text->empty()) {
    return fail(std::string(key) + " is empty; leave it out");
  }
  if (text->size() >= IFNAMSIZ) {
    return refuse(key, "must be an interface name of at most 15 bytes", node);
  }
  if (*text == "." || *text == ".." || has_control_characters(*text) || !is_utf8(*text) ||
      text->find_first_of("/: ") != std::string_view::npos) {
    return refuse(key, "must be an interface name, without '/', ':' and white space", node);
  }
  return std::string(*text);
}

Result<std::string> parse_name(std::string_view key, const YamlNode& node) {
  const auto text = word(key, node);
  if (!text) return std::unexpected(text.error());
  if (text->empty()) return fail(std::string(key) + " is empty");
  if (text->size() > kMaxNameBytes) {
    return fail(std::string(key) + " is too long: " + std::to_string(text->size()) +
                " bytes, at most " + std::to_string(kMaxNameBytes));
  }
  // "." and ".." would not survive in a path of the API.
  if (*text == "." || *text == ".." || has_control_characters(*text) || !is_utf8(*text) ||
      text->find('/') != std::string_view::npos || text->front() == ' ' || text->back() == ' ') {
    return refuse(key, "must be printable, without '/' and without white space around it", node);
  }
  return std::string(*text);
}

Result<std::string> parse_rate_text(std::string_view key, const YamlNode& node) {
  const auto text = word(key, node);
  if (!text) return std::unexpected(text.error());
  // A rate in bits may be too slow for one size and too fast for another; one
  // that suits neither end suits no size in between.
  const auto smallest = parse_rate(*text, kMinDatagramSize);
  if (!smallest && !parse_rate(*text, kMaxDatagramSize)) {
    return std::unexpected(smallest.error());
  }
  return std::string(*text);
}

Result<std::uint8_t> parse_dscp_value(std::string_view key, const YamlNode& node) {
  const auto text = word(key, node);
  if (!text) return std::unexpected(text.error());
  return parse_dscp(*text);
}

Result<std::string> parse_label_name(const YamlNode& node) {
  // From the agent's own labels of mcast_receiver_info and mcast_sender_info.
  constexpr std::array<std::string_view, 6> kReserved{"stream",    "group", "source",
                                                      "interface", "port",  "join"};
  const auto text = word("label name", node);
  if (!text) return std::unexpected(text.error());
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  if (text->empty() || is_digits(text->substr(0, 1)) || !std::ranges::all_of(*text, allowed)) {
    return fail("label name " + quoted(*text) +
                " must consist of letters, digits and '_' and not begin with a digit");
  }
  if (text->size() > kMaxLabelNameBytes) {
    return fail("label name " + quoted(*text) + " is longer than " +
                std::to_string(kMaxLabelNameBytes) + " bytes");
  }
  if (text->starts_with("__")) {
    return fail("label name " + quoted(*text) + ": '__' is reserved for Prometheus");
  }
  if (std::ranges::find(kReserved, *text) != kReserved.end()) {
    return fail("label name " + quoted(*text) + " is taken: the agent sets it itself");
  }
  return std::string(*text);
}

Result<std::string> parse_label_value(std::string_view label, const YamlNode& node) {
  const std::string key = "label " + quoted(label);
  if (node.kind != YamlNode::Kind::kScalar) return refuse(key, "must be a single value", node);
  if (node.text.size() > kMaxLabelValueBytes) {
    return fail(key + " is too long: " + std::to_string(node.text.size()) + " bytes, at most " +
                std::to_string(kMaxLabelValueBytes));
  }
  if (!is_utf8(node.text)) return fail(key + " is not valid UTF-8");
  return node.text;
}

}  // namespace mcast::agent
