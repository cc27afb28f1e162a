// One YAML value -> one checked value. Pure functions; an error's message names
// the key, what is allowed and what stood there, but not the place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/configuration/configuration_yaml.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"

namespace mcast::agent {

inline constexpr std::size_t kMaxNameBytes = 200;
inline constexpr std::size_t kMaxLabelNameBytes = 100;
inline constexpr std::size_t kMaxLabelValueBytes = 1000;

// "ttl must be a whole number from 1 to 255". Digits alone: no sign, no
// exponent, no leading zero, no quotes.
[[nodiscard]] Result<std::uint64_t> parse_whole_number(std::string_view key, const YamlNode& node,
                                                       std::uint64_t low, std::uint64_t high);
// true or false, nothing else that YAML 1.1 takes for it.
[[nodiscard]] Result<bool> parse_boolean(std::string_view key, const YamlNode& node);
// A decimal number and ms, s, m or h; the bounds belong to what is allowed.
[[nodiscard]] Result<Nanoseconds> parse_duration(std::string_view key, const YamlNode& node,
                                                 Nanoseconds low, Nanoseconds high);
// IPv4 multicast.
[[nodiscard]] Result<IpAddress> parse_group(std::string_view key, const YamlNode& node);
// IPv4 unicast.
[[nodiscard]] Result<IpAddress> parse_source(std::string_view key, const YamlNode& node);
// What the kernel takes for a name (dev_valid_name in net/core/dev.c).
[[nodiscard]] Result<std::string> parse_interface(std::string_view key, const YamlNode& node);
// A stream's name: printable, no '/' (it is a part of API paths).
[[nodiscard]] Result<std::string> parse_name(std::string_view key, const YamlNode& node);
// A rate whose form is right; whether it suits a datagram size is known later.
[[nodiscard]] Result<std::string> parse_rate_text(std::string_view key, const YamlNode& node);
[[nodiscard]] Result<std::uint8_t> parse_dscp_value(std::string_view key, const YamlNode& node);

// [a-zA-Z_][a-zA-Z0-9_]*, not "__...", not one of the labels that the agent sets
// on a stream's info metric itself.
[[nodiscard]] Result<std::string> parse_label_name(const YamlNode& node);
// Any UTF-8, also what looks like a number.
[[nodiscard]] Result<std::string> parse_label_value(std::string_view label, const YamlNode& node);

// What stands there, for messages: "a list", "'text'" ...
[[nodiscard]] std::string describe(const YamlNode& node);

}  // namespace mcast::agent
