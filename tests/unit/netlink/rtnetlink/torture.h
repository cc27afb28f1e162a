// Messages as recorded, and what any decoder of them has to bear.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::netlink {

inline std::vector<std::uint8_t> bytes(std::string_view hex) {
  std::vector<std::uint8_t> result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    result.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return result;
}

// Every length and every single forged byte: an error or a value, never more.
template <typename Decode>
void torture(std::string_view hex, Decode decode) {
  const auto whole = bytes(hex);
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    // On the heap with its exact length, so that a sanitizer sees one byte too far.
    const std::vector<std::uint8_t> cut(whole.begin(),
                                        whole.begin() + static_cast<std::ptrdiff_t>(length));
    (void)decode(cut);
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int value : {0, 1, 3, 4, 5, 0x7F, 0x80, 0xFF}) {
      auto forged = whole;
      forged[i] = static_cast<std::uint8_t>(value);
      (void)decode(forged);
    }
  }
  // Less than the head of an attribute, which nobody sends.
  for (std::size_t stray = 1; stray < 4; ++stray) {
    auto longer = whole;
    longer.resize(whole.size() + stray, 0);
    const auto refused = decode(longer);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find(std::to_string(stray) + " bytes left over"),
              std::string::npos);
  }
}

}  // namespace mcast::netlink
