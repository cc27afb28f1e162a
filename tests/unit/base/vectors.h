// The vectors that the original program's parsers were recorded with.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace mcast::test {

// Empty, with a failed expectation, where the file cannot be read.
inline nlohmann::json parse_vectors() {
  std::ifstream file(MCAST_VECTORS "/parse-vectors.json");
  EXPECT_TRUE(file.is_open()) << MCAST_VECTORS "/parse-vectors.json";
  return nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
}

}  // namespace mcast::test
