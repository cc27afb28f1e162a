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

bool IpAddress::is_link_local_multicast() const {
  if (is_v4()) return bytes_[0] == 224 && bytes_[1] == 0 && bytes_[2] == 0;
  return bytes_[0] == 0xFF && (bytes_[1] & 0x0FU) == 0x02U;
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

std::string_view multicast_class(const IpAddress& group) {
  if (!group.is_multicast()) return "not multicast";
  const auto bytes = group.bytes();
  const unsigned scope = group.is_v4() ? 0U : bytes[1] & 0x0FU;
  if (scope == 1) return "interface-local";
  if (group.is_link_local_multicast()) return "link-local";
  if (group.is_ssm()) return "SSM";
  if (group.is_v4()) {
    if (bytes[0] == 233) return "GLOP";
    return bytes[0] == 239 ? "admin-scoped" : "any-source";
  }
  switch (scope) {
    case 3:
      return "realm-local";
    case 4:
      return "admin-local";
    case 5:
      return "site-local";
    case 8:
      return "organization-local";
    case 0:
    case 14:
    case 15:
      return "any-source";
    default:
      return "admin-scoped";
  }
}

}  // namespace mcast

std::size_t std::hash<mcast::IpAddress>::operator()(
    const mcast::IpAddress& address) const noexcept {
  const auto bytes = address.bytes();
  return std::hash<std::string_view>{}(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}
