#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

namespace mcast {

std::string_view to_string(Family family) {
  return family == Family::kIpv4 ? "ipv4" : "ipv6";
}

Result<IpAddress> IpAddress::from_bytes(std::span<const std::uint8_t> bytes) {
  IpAddress address;
  if (bytes.size() != 4 && bytes.size() != 16) {
    return fail("an address has 4 or 16 bytes, not " + std::to_string(bytes.size()));
  }
  address.family_ = bytes.size() == 4 ? Family::kIpv4 : Family::kIpv6;
  std::ranges::copy(bytes, address.bytes_.begin());
  return address;
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string copy(text);
  IpAddress address;
  if (copy.find('\0') == std::string::npos) {
    if (::inet_pton(AF_INET, copy.c_str(), address.bytes_.data()) == 1) return address;
    if (::inet_pton(AF_INET6, copy.c_str(), address.bytes_.data()) == 1) {
      address.family_ = Family::kIpv6;
      return address;
    }
  }
  return fail("'" + copy + "' is not an IP address");
}

bool IpAddress::is_unspecified() const {
  return std::ranges::all_of(bytes_, [](std::uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_multicast() const {
  return is_v4() ? (bytes_[0] & 0xF0U) == 0xE0U : bytes_[0] == 0xFF;
}

bool IpAddress::is_ssm() const {
  if (is_v4()) return bytes_[0] == 232;
  return bytes_[0] == 0xFF && (bytes_[1] & 0xF0U) == 0x30U && bytes_[2] == 0 && bytes_[3] == 0;
}

unsigned IpAddress::multicast_scope() const {
  return is_v4() ? 14U : bytes_[1] & 0x0FU;
}

bool IpAddress::is_never_routed() const {
  if (is_v4()) return bytes_[0] == 224 && bytes_[1] == 0 && bytes_[2] == 0;
  return needs_interface();
}

bool IpAddress::needs_interface() const {
  return !is_v4() && is_multicast() && (multicast_scope() == 1 || multicast_scope() == 2);
}

bool IpAddress::is_link_local_unicast() const {
  if (is_v4()) return bytes_[0] == 169 && bytes_[1] == 254;
  return bytes_[0] == 0xFE && (bytes_[1] & 0xC0U) == 0x80U;
}

bool IpAddress::is_unicast() const {
  if (is_v4()) return bytes_[0] != 0 && bytes_[0] < 224;
  return !is_multicast() && !is_unspecified();
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

std::string with_port(const IpAddress& address, std::uint16_t port) {
  const std::string text = address.to_string();
  return (address.is_v4() ? text : "[" + text + "]") + ":" + std::to_string(port);
}

std::string with_zone(const IpAddress& address, std::string_view interface) {
  std::string text = address.to_string();
  if (!address.is_v4() && address.is_link_local_unicast() && !interface.empty()) {
    text += '%';
    text += interface;
  }
  return text;
}

Result<ZonedAddress> ZonedAddress::parse(std::string_view text) {
  const std::size_t at = std::min(text.find('%'), text.size());
  const auto address = IpAddress::parse(text.substr(0, at));
  if (!address) return fail("'" + std::string(text) + "' is not an IP address");
  if (at == text.size()) return ZonedAddress(*address);
  if (address->is_v4()) return fail("'" + std::string(text) + "': IPv4 addresses have no zone");
  if (at + 1 == text.size()) return fail("'" + std::string(text) + "': the zone is empty");
  return ZonedAddress(*address, text.substr(at + 1));
}

std::string ZonedAddress::to_string() const {
  return zone.empty() ? address.to_string() : address.to_string() + "%" + zone;
}

std::string_view membership_protocol(Family family) {
  return family == Family::kIpv4 ? "IGMP" : "MLD";
}

namespace {

// The flags are the upper half of the second byte: RFC 7371 section 2.
std::string_view kind_of_ipv6_group(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 13> kSolicitedNode{0xFF, 2, 0, 0, 0, 0,   0,
                                                        0,    0, 0, 0, 1, 0xFF};
  const unsigned flags = bytes[1] >> 4U;
  if (std::ranges::equal(bytes.first(kSolicitedNode.size()), kSolicitedNode)) {
    return "solicited-node";
  }
  if (flags == 3) return "SSM (source-specific)";
  if ((flags & 4U) != 0) return "embedded-RP";
  if ((flags & 2U) != 0) return "unicast-prefix-based";
  return (flags & 1U) != 0 ? "transient" : "well-known";
}

std::string scope_name(unsigned scope) {
  constexpr std::array<const char*, 16> kNames{"",
                                               "interface-local",
                                               "link-local",
                                               "realm-local",
                                               "admin-local",
                                               "site-local",
                                               "",
                                               "",
                                               "organization-local",
                                               "",
                                               "",
                                               "",
                                               "",
                                               "",
                                               "global",
                                               ""};
  if (*kNames[scope] != '\0') return kNames[scope];
  return std::string("scope-") + "0123456789abcdef"[scope];
}

}  // namespace

std::string multicast_class(const IpAddress& group) {
  if (!group.is_multicast()) return "not multicast";
  if (!group.is_v4()) {
    return std::string(kind_of_ipv6_group(group.bytes())) + ", " +
           scope_name(group.multicast_scope()) + " scope" +
           (group.is_never_routed() ? " (not routed)" : "");
  }
  if (group.is_never_routed()) return "link-local";
  if (group.is_ssm()) return "SSM";
  if (group.bytes()[0] == 233) return "GLOP";
  return group.bytes()[0] == 239 ? "admin-scoped" : "any-source";
}

}  // namespace mcast

std::size_t std::hash<mcast::IpAddress>::operator()(
    const mcast::IpAddress& address) const noexcept {
  const auto bytes = address.bytes();
  return std::hash<std::string_view>{}(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}
