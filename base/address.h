// An IPv4 or IPv6 address, and what its value says about multicast.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mcast {

enum class Family : std::uint8_t { kIpv4 = 4, kIpv6 = 6 };

// "ipv4" / "ipv6", as metric labels carry it.
[[nodiscard]] std::string_view to_string(Family family);

// A value type: 16 bytes in network order (IPv4 uses the first four, the rest
// is zero) and the family.
class IpAddress {
 public:
  // 0.0.0.0
  constexpr IpAddress() = default;

  // `host_order`: 0x0A000001 is 10.0.0.1.
  [[nodiscard]] static constexpr IpAddress v4(std::uint32_t host_order) {
    IpAddress address;
    address.bytes_[0] = static_cast<std::uint8_t>(host_order >> 24U);
    address.bytes_[1] = static_cast<std::uint8_t>(host_order >> 16U);
    address.bytes_[2] = static_cast<std::uint8_t>(host_order >> 8U);
    address.bytes_[3] = static_cast<std::uint8_t>(host_order);
    return address;
  }
  [[nodiscard]] static constexpr IpAddress v6(const std::array<std::uint8_t, 16>& bytes) {
    IpAddress address;
    address.family_ = Family::kIpv6;
    address.bytes_ = bytes;
    return address;
  }
  // Network-order bytes: 4 make an IPv4 address, 16 an IPv6 one, any other
  // number is an error.
  [[nodiscard]] static Result<IpAddress> from_bytes(std::span<const std::uint8_t> bytes);
  // Text as inet_pton takes it, nothing around it.
  [[nodiscard]] static Result<IpAddress> parse(std::string_view text);

  [[nodiscard]] constexpr Family family() const { return family_; }
  [[nodiscard]] constexpr bool is_v4() const { return family_ == Family::kIpv4; }
  // 4 or 16 bytes, network order.
  [[nodiscard]] constexpr std::span<const std::uint8_t> bytes() const {
    return std::span<const std::uint8_t>(bytes_).first(is_v4() ? 4U : 16U);
  }
  // IPv4 only; 0 for IPv6.
  [[nodiscard]] constexpr std::uint32_t v4_host_order() const {
    if (!is_v4()) return 0;
    return (std::uint32_t{bytes_[0]} << 24U) | (std::uint32_t{bytes_[1]} << 16U) |
           (std::uint32_t{bytes_[2]} << 8U) | std::uint32_t{bytes_[3]};
  }
  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_multicast() const;
  // 232.0.0.0/8, ff3x::/32 (RFC 4607 section 1).
  [[nodiscard]] bool is_ssm() const;
  // The scope of an IPv6 group, 0 to 15 (RFC 7346); 14 of one of IPv4, which says none.
  [[nodiscard]] unsigned multicast_scope() const;
  // 224.0.0.0/24 (RFC 5771), scopes 1 and 2 of IPv6: routers do not forward it.
  [[nodiscard]] bool is_never_routed() const;
  // An interface must be named with it: groups of scope 1 and 2 of IPv6 are others on each.
  [[nodiscard]] bool needs_interface() const;
  // fe80::/10, 169.254.0.0/16: means something together with an interface alone.
  [[nodiscard]] bool is_link_local_unicast() const;
  // A host's own address: neither multicast, nor unspecified, nor 0.0.0.0/8, nor 240.0.0.0/4.
  [[nodiscard]] bool is_unicast() const;

  [[nodiscard]] std::string to_string() const;

  // The last 32 bits as a number: ranges of groups count in them, in both families.
  [[nodiscard]] constexpr std::uint32_t low_bits() const {
    const std::size_t end = bytes().size();
    return (std::uint32_t{bytes_[end - 4]} << 24U) | (std::uint32_t{bytes_[end - 3]} << 16U) |
           (std::uint32_t{bytes_[end - 2]} << 8U) | std::uint32_t{bytes_[end - 1]};
  }
  [[nodiscard]] constexpr IpAddress with_low_bits(std::uint32_t bits) const {
    IpAddress address = *this;
    const std::size_t end = bytes().size();
    for (std::size_t i = 0; i < 4; ++i) {
      address.bytes_[end - 1 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
    }
    return address;
  }
  // The address `n` further on. The caller has checked that it does not leave the range that
  // it wants.
  [[nodiscard]] constexpr IpAddress plus(std::uint32_t n) const {
    return with_low_bits(low_bits() + n);
  }

  // By family, then byte by byte. Both in two words: every packet compares addresses,
  // lists of 10,000 are sorted, and the compiler makes a library call of what the array
  // would do.
  friend constexpr std::strong_ordering operator<=>(const IpAddress& a, const IpAddress& b) {
    if (a.family_ != b.family_) return a.family_ <=> b.family_;
    const auto x = std::bit_cast<Words>(a.bytes_);
    const auto y = std::bit_cast<Words>(b.bytes_);
    const std::size_t word = x[0] != y[0] ? 0 : 1;
    return in_network_order(x[word]) <=> in_network_order(y[word]);
  }
  friend constexpr bool operator==(const IpAddress& a, const IpAddress& b) {
    const auto x = std::bit_cast<Words>(a.bytes_);
    const auto y = std::bit_cast<Words>(b.bytes_);
    return a.family_ == b.family_ && x[0] == y[0] && x[1] == y[1];
  }

 private:
  using Words = std::array<std::uint64_t, 2>;

  // So that the first byte counts most.
  [[nodiscard]] static constexpr std::uint64_t in_network_order(std::uint64_t word) {
    return std::endian::native == std::endian::little ? std::byteswap(word) : word;
  }

  Family family_ = Family::kIpv4;
  std::array<std::uint8_t, 16> bytes_{};
};

// "10.0.0.1:5004", "[ff15::1]:5004"
[[nodiscard]] std::string with_port(const IpAddress& address, std::uint16_t port);
// "fe80::1%eth1" for a link-local address, which may be on several links; others as they are.
[[nodiscard]] std::string with_zone(const IpAddress& address, std::string_view interface);

// An address with the zone of RFC 4007 section 11 behind it, "ff02::1%eth1"; without one the
// zone is empty. Only IPv6 addresses have zones.
struct ZonedAddress {
  IpAddress address;
  std::string zone;

  ZonedAddress() = default;
  // One without a zone is an address.
  ZonedAddress(const IpAddress& plain) : address(plain) {}
  ZonedAddress(const IpAddress& plain, std::string_view where) : address(plain), zone(where) {}

  [[nodiscard]] static Result<ZonedAddress> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;

  friend auto operator<=>(const ZonedAddress&, const ZonedAddress&) = default;
};

// "IGMP", "MLD": what hosts of a family ask routers for groups in.
[[nodiscard]] std::string_view membership_protocol(Family family);

// The class of a multicast group by its address: of IPv4 "link-local", "SSM", "GLOP" (RFC 3180),
// "admin-scoped" (RFC 2365), else "any-source". Of IPv6 kind and scope, "transient, site-local
// scope", "well-known, link-local scope (not routed)" (RFC 4291 section 2.7, RFC 7346).
// "not multicast" for any other address.
[[nodiscard]] std::string multicast_class(const IpAddress& group);

}  // namespace mcast

template <>
struct std::hash<mcast::IpAddress> {
  std::size_t operator()(const mcast::IpAddress& address) const noexcept;
};
