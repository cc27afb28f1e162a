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
  // 232.0.0.0/8 (RFC 4607), ff3x::/32.
  [[nodiscard]] bool is_ssm() const;
  // 224.0.0.0/24 (RFC 5771), ff02::/16: routers do not forward it.
  [[nodiscard]] bool is_link_local_multicast() const;
  // A host's own address: neither multicast, nor 0.0.0.0/8, nor 240.0.0.0/4.
  [[nodiscard]] bool is_unicast() const;

  [[nodiscard]] std::string to_string() const;

  // The address `n` further on, within IPv4. The caller has checked that it
  // does not leave the range that it wants.
  [[nodiscard]] constexpr IpAddress v4_plus(std::uint32_t n) const {
    return v4(v4_host_order() + n);
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

// The class of a multicast group by its address: "link-local", "SSM", "GLOP" (RFC 3180),
// "admin-scoped" (RFC 2365); of IPv6 below global that scope (RFC 7346: "interface-local",
// "site-local" ...); else "any-source". "not multicast" for any other address.
[[nodiscard]] std::string_view multicast_class(const IpAddress& group);

}  // namespace mcast

template <>
struct std::hash<mcast::IpAddress> {
  std::size_t operator()(const mcast::IpAddress& address) const noexcept;
};
