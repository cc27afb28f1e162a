// What every rtnetlink message is made of: a fixed part, then attributes, then attributes
// inside of attributes. The decoders of this folder are tables, "attribute type -> kind ->
// where it goes", which read_message() walks with libmnl. Pure functions, any thread. Every
// length is checked; an error begins with `what`, the message that it is about.
#pragma once

#include <libmnl/libmnl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

// For IFLA_INFO_KIND: longer than any of the kernel's, which has no bound of its own.
inline constexpr std::size_t kLinkKindCapacity = 64;

// The caller has checked that so much is there.
template <typename T>
[[nodiscard]] T load(Bytes bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// The fixed part at the front; zeros where it is cut, which read_message() refuses.
template <typename T>
[[nodiscard]] T header_of(Bytes message) {
  return message.size() < sizeof(T) ? T{} : load<T>(message);
}

[[nodiscard]] inline Bytes payload_of(const nlattr& attribute) {
  return {static_cast<const std::uint8_t*>(::mnl_attr_get_payload(&attribute)),
          ::mnl_attr_get_payload_len(&attribute)};
}

[[nodiscard]] inline std::unexpected<Error> wrong(const nlattr& attribute, std::string_view what) {
  return fail(std::string(what) + ": attribute " + std::to_string(::mnl_attr_get_type(&attribute)) +
              " makes no sense with " + std::to_string(::mnl_attr_get_payload_len(&attribute)) +
              " bytes");
}

// A row of a table: take(attribute, what) -> Result<void> is for attributes of that type.
template <typename Take>
struct Row {
  std::uint16_t type;
  Take take;
};
template <typename Take>
Row(std::uint16_t, Take) -> Row<Take>;

// Hands each attribute to the row of its type; others are skipped. Bytes that are left over
// at the end are an error, as for the kernel's strict parser (NL_VALIDATE_TRAILING in
// lib/nlattr.c); the padding of the last attribute may be missing (nla_next()).
//
// A template, since 10,000 memberships are 10,000 messages.
template <typename... Rows>
[[nodiscard]] Result<void> read_attributes(Bytes attributes, std::string_view what,
                                           const Rows&... rows) {
  while (attributes.size() >= sizeof(nlattr)) {
    const auto& attribute = *reinterpret_cast<const nlattr*>(attributes.data());
    if (!::mnl_attr_ok(&attribute, static_cast<int>(attributes.size()))) {
      return fail(std::string(what) + ": attribute " +
                  std::to_string(::mnl_attr_get_type(&attribute)) + " claims " +
                  std::to_string(attribute.nla_len) + " bytes, " +
                  std::to_string(attributes.size()) + " are there");
    }
    Result<void> taken;
    [[maybe_unused]] const std::uint16_t type = ::mnl_attr_get_type(&attribute);
    (void)((rows.type == type && (taken = rows.take(attribute, what), true)) || ...);
    if (!taken) return taken;
    attributes = attributes.subspan(
        std::min<std::size_t>(attributes.size(), NLMSG_ALIGN(std::size_t{attribute.nla_len})));
  }
  if (attributes.empty()) return {};
  return fail(std::string(what) + ": " + std::to_string(attributes.size()) +
              " bytes left over behind its attributes");
}

// The attributes behind the fixed part, which must be whole.
template <typename T, typename... Rows>
[[nodiscard]] Result<void> read_message(Bytes message, std::string_view what, const Rows&... rows) {
  if (message.size() < sizeof(T)) {
    return fail(std::string(what) + ": " + std::to_string(message.size()) +
                " bytes, too short for its header");
  }
  const std::size_t fixed = std::min<std::size_t>(message.size(), NLMSG_ALIGN(sizeof(T)));
  return read_attributes(message.subspan(fixed), what, rows...);
}

// take(payload) -> Result<void>.
template <typename Take>
[[nodiscard]] auto each(std::uint16_t type, Take take) {
  return Row{type, [take](const nlattr& attribute, std::string_view /*what*/) {
               return take(payload_of(attribute));
             }};
}

// A number or a struct of one size, `Wire` in the message.
template <typename Wire, typename Out>
[[nodiscard]] auto value(std::uint16_t type, Out& out) {
  return Row{type, [&out](const nlattr& attribute, std::string_view what) -> Result<void> {
               if (::mnl_attr_validate2(&attribute, MNL_TYPE_UNSPEC, sizeof(Wire)) != 0) {
                 return wrong(attribute, what);
               }
               out = static_cast<Out>(load<Wire>(payload_of(attribute)));
               return {};
             }};
}

// An address of a family as the kernel numbers it.
[[nodiscard]] inline auto address(std::uint16_t type, std::uint8_t family,
                                  std::optional<IpAddress>& out) {
  return Row{type, [family, &out](const nlattr& attribute, std::string_view what) -> Result<void> {
               const bool known = family == AF_INET || family == AF_INET6;
               if (!known || ::mnl_attr_validate2(&attribute, MNL_TYPE_UNSPEC,
                                                  family == AF_INET ? 4 : 16) != 0) {
                 return wrong(attribute, what);
               }
               out = *IpAddress::from_bytes(payload_of(attribute));
               return {};
             }};
}

// Text that ends in a zero and is shorter than `capacity` with it.
[[nodiscard]] inline auto text(std::uint16_t type, std::size_t capacity, std::string& out) {
  return Row{type,
             [capacity, &out](const nlattr& attribute, std::string_view what) -> Result<void> {
               if (::mnl_attr_validate(&attribute, MNL_TYPE_NUL_STRING) != 0 ||
                   std::strlen(::mnl_attr_get_str(&attribute)) >= capacity) {
                 return wrong(attribute, what);
               }
               out = ::mnl_attr_get_str(&attribute);
               return {};
             }};
}

// Attributes inside of an attribute.
template <typename... Rows>
[[nodiscard]] auto nested(std::uint16_t type, const Rows&... rows) {
  return Row{type, [=](const nlattr& attribute, std::string_view what) {
               return read_attributes(payload_of(attribute), what, rows...);
             }};
}

// A question, as Socket sends it; attributes without bytes are left out.
template <typename T>
[[nodiscard]] std::vector<std::uint8_t> encode_request(
    std::uint16_t type, const T& fixed,
    std::initializer_list<std::pair<std::uint16_t, Bytes>> attributes = {}) {
  std::vector<std::uint8_t> message(256);
  nlmsghdr* const header = ::mnl_nlmsg_put_header(message.data());
  header->nlmsg_type = type;
  std::memcpy(::mnl_nlmsg_put_extra_header(header, sizeof fixed), &fixed, sizeof fixed);
  for (const auto& [kind, content] : attributes) {
    if (!content.empty()) ::mnl_attr_put(header, kind, content.size(), content.data());
  }
  message.resize(header->nlmsg_len);
  return message;
}

}  // namespace mcast::netlink
