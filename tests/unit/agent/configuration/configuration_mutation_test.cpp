// Random damage to a good file: never a crash, always either a configuration or
// errors with a place in the text. The seed is fixed; a failure prints the text.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "agent/configuration/configuration.h"

namespace mcast::agent {
namespace {

constexpr std::string_view kGood = R"(defaults: &d
  stall_timeout: 3s
  labels: {site: lab1}
senders:
  - name: video-a
    group: 239.0.10.101
    count: 2
    interface: eth1
    rate: 25pps
    size: 200
    dscp: "ef"
    loopback: true
    labels: &l {floor: '3', text: ü}
receivers:
  - {name: video-a, group: 232.0.10.101, source: 10.1.1.1, igmp_version: 3}
  - name: video-b
    group: 239.0.10.102   # a comment
    loss_timeout: 1s
    labels:
      text: |
        several
        lines
igmp:
  watch: [eth1]
)";

constexpr std::array<std::string_view, 34> kPieces{
    "\n",     "  ",    "- ", ": ",    ":",       "{",  "}",           "[",    "]",
    ",",      "\"",    "'",  "#",     "&a ",     "*a", "*l",          "*d",   "!!int ",
    "---\n",  "...\n", "? ", "|\n",   "%",       "\t", "~",           "\xFF", "ü",
    "<<: *d", "null",  "-1", "1e999", "\\u0000", "\r", "\xEF\xBB\xBF"};

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  std::string mutate(std::string text) {
    const std::size_t changes = 1 + below(4);
    for (std::size_t i = 0; i < changes; ++i) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }

  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = std::min(below(30), text.size() - at);
    switch (below(5)) {
      case 0:
        text.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(below(text.size() + 1), text.substr(at, length));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      default:
        text.replace(at, length, kPieces[below(kPieces.size())]);
    }
  }

  std::mt19937 random_;
};

TEST(ConfigurationMutation, AlwaysGivesAConfigurationOrErrorsWithAPlace) {
  ASSERT_TRUE(parse_configuration(kGood).has_value());
  Mutator mutator(20240607);
  std::size_t accepted = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = mutator.mutate(std::string(kGood));
    const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
    const auto result = parse_configuration(text);
    if (result.has_value()) {
      ++accepted;
      EXPECT_FALSE(result->senders.empty() && result->receivers.empty()) << text;
      continue;
    }
    ASSERT_FALSE(result.error().empty()) << text;
    EXPECT_LE(result.error().size(), kMaxReportedErrors + 1) << text;
    std::size_t last_line = 1;
    for (const auto& error : result.error()) {
      EXPECT_GE(error.line, last_line) << error.to_string("text") << "\n" << text;
      EXPECT_LE(error.line, lines) << error.to_string("text") << "\n" << text;
      EXPECT_GE(error.column, 1U) << error.to_string("text") << "\n" << text;
      EXPECT_FALSE(error.message.empty()) << text;
      last_line = error.line;
    }
  }
  // Damage inside of names and comments goes unnoticed; most does not.
  EXPECT_GT(accepted, 100U);
  EXPECT_LT(accepted, 4000U);
}

TEST(ConfigurationMutation, EveryPrefixOfAFileGivesAConfigurationOrErrorsWithAPlace) {
  for (std::size_t size = 0; size <= kGood.size(); ++size) {
    const auto result = parse_configuration(kGood.substr(0, size));
    if (result.has_value()) continue;
    ASSERT_FALSE(result.error().empty()) << size;
    EXPECT_GE(result.error().front().line, 1U) << size;
    EXPECT_GE(result.error().front().column, 1U) << size;
  }
}

}  // namespace
}  // namespace mcast::agent
