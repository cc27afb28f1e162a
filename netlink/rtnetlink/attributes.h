// The parts that every rtnetlink message is made of: a fixed part, then attributes,
// then attributes inside of attributes. What the decoders of this folder are written
// with; pure functions, any thread. Every length is checked; an error begins with
// `what`, the message that it is about.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace mcast::netlink {

using Bytes = std::span<const std::uint8_t>;

// The caller has checked that so much is there.
template <typename T>
[[nodiscard]] T load(Bytes bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// The fixed part at the front.
template <typename T>
[[nodiscard]] Result<T> header_of(Bytes message, std::string_view what) {
  if (message.size() < sizeof(T)) {
    return fail(std::string(what) + ": " + std::to_string(message.size()) +
                " bytes, too short for its header");
  }
  return load<T>(message);
}

// What is behind the fixed part: its attributes.
template <typename T>
[[nodiscard]] Bytes behind(Bytes message) {
  return message.subspan(std::min<std::size_t>(message.size(), NLMSG_ALIGN(sizeof(T))));
}

// Calls on_attribute(type, value) for each attribute; its error ends the reading. Bytes
// that are left over at the end are an error, as for the kernel's strict parser
// (NL_VALIDATE_TRAILING in lib/nlattr.c); the padding of the last attribute may be
// missing (nla_next()).
//
// A template, since 10,000 memberships are 10,000 messages.
template <typename OnAttribute>
[[nodiscard]] Result<void> for_each_attribute(Bytes attributes, std::string_view what,
                                              OnAttribute&& on_attribute) {
  while (attributes.size() >= sizeof(rtattr)) {
    const auto header = load<rtattr>(attributes);
    if (header.rta_len < sizeof header || header.rta_len > attributes.size()) {
      return fail(std::string(what) + ": attribute " + std::to_string(header.rta_type) +
                  " claims " + std::to_string(header.rta_len) + " bytes, " +
                  std::to_string(attributes.size()) + " are there");
    }
    const auto value = attributes.subspan(sizeof header, header.rta_len - sizeof header);
    const auto type = static_cast<std::uint16_t>(header.rta_type & NLA_TYPE_MASK);
    if (Result<void> taken = on_attribute(type, value); !taken) return taken;
    attributes =
        attributes.subspan(std::min<std::size_t>(attributes.size(), RTA_ALIGN(header.rta_len)));
  }
  if (!attributes.empty()) {
    return fail(std::string(what) + ": " + std::to_string(attributes.size()) +
                " bytes left over behind its attributes");
  }
  return {};
}

// An attribute that is a value of one size.
template <typename T>
[[nodiscard]] Result<T> value_of(Bytes value, std::string_view what) {
  if (value.size() != sizeof(T)) {
    return fail(std::string(what) + ": a number of " + std::to_string(value.size()) + " bytes");
  }
  return load<T>(value);
}

// An address attribute of a family as the kernel numbers it.
[[nodiscard]] inline Result<IpAddress> address_of(Bytes value, std::uint8_t family,
                                                  std::string_view what) {
  const std::size_t expected = family == AF_INET ? 4 : 16;
  if ((family != AF_INET && family != AF_INET6) || value.size() != expected) {
    return fail(std::string(what) + ": an address of " + std::to_string(value.size()) +
                " bytes in family " + std::to_string(family));
  }
  return IpAddress::from_bytes(value);
}

// Text that ends in a zero and is shorter than `capacity` with it.
[[nodiscard]] inline Result<std::string> text_of(Bytes value, std::size_t capacity,
                                                 std::string_view what) {
  const auto end = std::ranges::find(value, 0);
  if (end == value.end() || static_cast<std::size_t>(end - value.begin()) >= capacity) {
    return fail(std::string(what) + " that does not end");
  }
  return std::string(value.begin(), end);
}

// For requests.
template <typename T>
[[nodiscard]] std::vector<std::uint8_t> bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::vector<std::uint8_t> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

// `value` is a multiple of four bytes long, so that no padding is needed.
inline void append_attribute(std::vector<std::uint8_t>& message, std::uint16_t type, Bytes value) {
  rtattr header{};
  header.rta_type = type;
  header.rta_len = static_cast<std::uint16_t>(sizeof header + value.size());
  const auto bytes = bytes_of(header);
  message.insert(message.end(), bytes.begin(), bytes.end());
  message.insert(message.end(), value.begin(), value.end());
}

}  // namespace mcast::netlink
