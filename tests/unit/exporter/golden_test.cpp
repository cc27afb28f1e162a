// The whole output, held against golden.txt, docs/metrics.md and the rules of
// the text format. After a change that is meant, write the file anew with
// MCAST_UPDATE_GOLDEN=1 and read its difference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/unit/exporter/metrics_of.h"
#include "tests/unit/exporter/rich_input.h"

namespace mcast::test {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// Metric name -> type, from the TYPE lines.
std::map<std::string, std::string> types(std::string_view text) {
  std::map<std::string, std::string> result;
  for (const std::string& line : lines_of(text)) {
    std::istringstream words(line);
    std::string hash;
    std::string keyword;
    std::string name;
    std::string type;
    words >> hash >> keyword >> name >> type;
    if (hash != "#" || keyword != "TYPE") continue;
    EXPECT_TRUE(result.emplace(name, type).second) << name << " has two TYPE lines";
  }
  return result;
}

// The metric that a sample belongs to: histograms have three kinds of samples.
std::string metric_of(const std::string& sample, const std::map<std::string, std::string>& known) {
  std::string name = sample.substr(0, sample.find_first_of("{ "));
  for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(suffix)) continue;
    const auto base = known.find(name.substr(0, name.size() - suffix.size()));
    if (base != known.end() && base->second == "histogram") return base->first;
  }
  return name;
}

TEST(MetricsText, EqualsTheGoldenFile) {
  const std::string text = rich_input().text();
  // NOLINTNEXTLINE(concurrency-mt-unsafe): tests run on one thread.
  if (std::getenv("MCAST_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(MCAST_GOLDEN, std::ios::binary) << text;
    GTEST_SKIP() << "wrote " MCAST_GOLDEN;
  }
  const auto want = lines_of(read(MCAST_GOLDEN));
  const auto got = lines_of(text);
  for (std::size_t i = 0; i < std::min(want.size(), got.size()); ++i) {
    ASSERT_EQ(got[i], want[i]) << "line " << i + 1;
  }
  EXPECT_EQ(got.size(), want.size());
}

TEST(MetricsText, IsTheSameForTheSameInput) {
  EXPECT_EQ(rich_input().text(), rich_input().text());
}

TEST(MetricsText, GivesEveryMetricItsHelpAndItsType) {
  const std::string text = rich_input().text();
  const auto known = types(text);
  std::set<std::string> helped;
  for (const std::string& line : lines_of(text)) {
    if (!line.starts_with("# HELP ")) continue;
    const std::string rest = line.substr(7);
    const std::string name = rest.substr(0, rest.find(' '));
    EXPECT_GT(rest.size(), name.size() + 1) << name << " has an empty HELP";
    EXPECT_TRUE(helped.insert(name).second) << name << " has two HELP lines";
  }
  std::set<std::string> sampled;
  for (const std::string& line : lines_of(text)) {
    if (!line.starts_with('#')) sampled.insert(metric_of(line, known));
  }
  std::set<std::string> typed;
  for (const auto& [name, type] : known) typed.insert(name);
  EXPECT_EQ(typed, helped);
  EXPECT_EQ(typed, sampled);
}

TEST(MetricsText, GivesNoSeriesTwice) {
  std::set<std::string> seen;
  for (const std::string& line : lines_of(rich_input().text())) {
    if (line.starts_with('#')) continue;
    const std::string series = line.substr(0, line.rfind(' '));
    EXPECT_TRUE(seen.insert(series).second) << series;
  }
}

TEST(MetricsText, EndsCountersInTotalAndNothingElse) {
  for (const auto& [name, type] : types(rich_input().text())) {
    EXPECT_EQ(name.ends_with("_total"), type == "counter") << name;
  }
}

TEST(MetricsText, HoldsNoValueThatIsNotFinite) {
  for (const std::string& line : lines_of(rich_input().text())) {
    if (line.starts_with('#')) continue;
    const std::string value = line.substr(line.rfind(' ') + 1);
    EXPECT_THAT(value, ::testing::ContainsRegex("^-?[0-9]")) << line;
  }
}

TEST(MetricsText, IsValidWithoutAnyStream) {
  const std::string text = metrics_of(ProbeSnapshot{});
  EXPECT_EQ(text.find("mcast_receiver"), std::string::npos);
  EXPECT_EQ(text.find("mcast_sender"), std::string::npos);
  EXPECT_TRUE(text.ends_with('\n'));
}

// Names and types, from the rows "| `name` | type | ..." of the tables.
TEST(MetricsText, ExportsExactlyWhatTheDocumentationLists) {
  std::map<std::string, std::string> documented;
  for (const std::string& line : lines_of(read(MCAST_METRICS_DOC))) {
    if (!line.starts_with("| `")) continue;
    const std::size_t name_end = line.find('`', 3);
    const std::size_t type_start = line.find("| ", name_end);
    ASSERT_NE(type_start, std::string::npos) << line;
    const std::size_t type_end = line.find(' ', type_start + 2);
    const std::string name = line.substr(3, name_end - 3);
    EXPECT_TRUE(
        documented.emplace(name, line.substr(type_start + 2, type_end - type_start - 2)).second)
        << name << " is listed twice";
  }
  EXPECT_EQ(types(rich_input().text()), documented);
}

}  // namespace
}  // namespace mcast::test
