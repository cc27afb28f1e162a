// What the parsers of /proc text in this folder are written with: lines that know their
// number, words, numbers and the ways in which the kernel prints addresses. Pure, any
// thread.
#pragma once

#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace mcast::netlink {

[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Hands out lines and knows their number.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    ++number_;
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return line;
  }
  // About the line that was handed out last.
  [[nodiscard]] std::unexpected<Error> error(std::string_view what) const {
    return fail("line " + std::to_string(number_) + ": " + std::string(what));
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

// Takes the next word off `line`; "" at its end.
[[nodiscard]] inline std::string_view take_word(std::string_view& line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  std::size_t length = 0;
  while (length < line.size() && !is_blank(line[length])) ++length;
  const std::string_view word = line.substr(0, length);
  line.remove_prefix(length);
  return word;
}

// The whole word is the number.
template <typename T>
[[nodiscard]] std::optional<T> parse_number(std::string_view word, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size()) {
    return std::nullopt;
  }
  return value;
}

// 32 digits, byte by byte in network order.
[[nodiscard]] inline std::optional<IpAddress> parse_v6_hex(std::string_view word) {
  std::array<std::uint8_t, 16> bytes{};
  if (word.size() != bytes.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = parse_number<std::uint8_t>(word.substr(2 * i, 2), 16);
    if (!byte) return std::nullopt;
    bytes[i] = *byte;
  }
  return IpAddress::v6(bytes);
}

// 8 digits, of a number in host byte order; "0x" in front or not.
[[nodiscard]] inline std::optional<IpAddress> parse_v4_hex(std::string_view word) {
  if (word.starts_with("0x")) word.remove_prefix(2);
  const auto value = parse_number<std::uint32_t>(word, 16);
  return value && word.size() == 8 ? std::optional(IpAddress::v4(*value)) : std::nullopt;
}

// Words of 8 digits, each of a number that is in network order in memory and printed as
// if it were in this machine's: 8 digits of IPv4, 32 of IPv6.
[[nodiscard]] inline std::optional<IpAddress> parse_memory_hex(std::string_view word) {
  if (word.size() != 8 && word.size() != 32) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; 8 * i < word.size(); ++i) {
    const auto value = parse_number<std::uint32_t>(word.substr(8 * i, 8), 16);
    if (!value) return std::nullopt;
    std::memcpy(bytes.data() + 4 * i, &*value, 4);
  }
  if (word.size() == 32) return IpAddress::v6(bytes);
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return IpAddress::v4(std::endian::native == std::endian::little ? std::byteswap(value) : value);
}

}  // namespace mcast::netlink
