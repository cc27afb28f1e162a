#include "cli/status/why_report.h"

#include <gtest/gtest.h>

#include <string>

#include "base/version.h"
#include "tests/unit/cli/status/status_fixture.h"

namespace mcast::cli::test {
namespace {

using findings::Check;
using findings::Finding;
using findings::Verdict;

Finding fine(Check check, const char* seen) {
  return {.check = check, .verdict = Verdict::kFine, .seen = seen, .meaning = "", .remedy = ""};
}

// One cause, something fine and something that cannot be known.
WhyReport report() {
  return {.watched = 2 * kSecond + kSecond / 2,
          .answers = {
              {.subject = {.stream = "video",
                           .group = address("239.0.10.101"),
                           .source = address("10.9.0.1"),
                           .interface = "eth1",
                           .port = 19779,
                           .expects_probe_packets = true},
               .holders = {"mcast-agent[417] video", "mcast-receive[99] video"},
               .findings = {
                   fine(Check::kInterfaceDown, "eth1 is up and has 10.1.1.2"),
                   {.check = Check::kReversePathFilter,
                    .verdict = Verdict::kFound,
                    .seen = "packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves by "
                            "eth2, and rp_filter of eth1 is 1 (strict)",
                    .meaning = "the kernel drops a packet whose source it would not answer by the "
                               "interface that it came in on",
                    .remedy = "sysctl -w net.ipv4.conf.eth1.rp_filter=2"},
                   {.check = Check::kNoQuerier,
                    .verdict = Verdict::kUnknown,
                    .seen = "bridges are told of by netlink alone",
                    .meaning = "",
                    .remedy = ""}}}}};
}

WhyReport without_fault() {
  WhyReport result = report();
  result.answers[0] = {.subject = {.stream = "",
                                   .group = address("239.0.10.101"),
                                   .source = std::nullopt,
                                   .interface = "",
                                   .port = std::nullopt,
                                   .expects_probe_packets = false},
                       .holders = {},
                       .findings = {fine(Check::kInterfaceDown, "eth1 is up and has 10.1.1.2")}};
  return result;
}

TEST(WhyReport, IsWrongWithOneFindingAmongAnyAnswers) {
  EXPECT_TRUE(something_is_wrong(report()));
  EXPECT_FALSE(something_is_wrong(without_fault()));
  WhyReport both = without_fault();
  both.answers.push_back(report().answers[0]);
  EXPECT_TRUE(something_is_wrong(both));
  EXPECT_FALSE(something_is_wrong({}));
}

TEST(WhyReport, SaysFirstWhatWasFoundAndHowToMendIt) {
  EXPECT_EQ(plain_text(why_screen(report(), 80)),
            R"(239.0.10.101 from 10.9.0.1 on eth1, UDP port 19779
for       mcast-agent[417] video, mcast-receive[99] video

FOUND     reverse_path_filter
  seen    packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves by
          eth2, and rp_filter of eth1 is 1 (strict)
  meaning the kernel drops a packet whose source it would not answer by the
          interface that it came in on
  try     sysctl -w net.ipv4.conf.eth1.rp_filter=2

fine      eth1 is up and has 10.1.1.2
unknown   somebody sends IGMP queries: bridges are told of by netlink alone

1 thing is wrong; 1 is fine, 1 cannot be known from here.
)");
}

TEST(WhyReport, IsShortWhereNothingIsWrong) {
  EXPECT_EQ(plain_text(why_screen(without_fault(), 80)), R"(239.0.10.101

fine      eth1 is up and has 10.1.1.2

Nothing wrong was found; 1 is fine, 0 cannot be known from here.
)");
}

TEST(WhyReport, HasAnEmptyLineBetweenAnswers) {
  WhyReport both = without_fault();
  both.answers.push_back(both.answers[0]);
  const std::string one = plain_text(why_screen(without_fault(), 80));
  EXPECT_EQ(plain_text(why_screen(both, 80)), one + "\n" + one);
}

TEST(WhyReport, ListsFourHoldersAndCountsTheOthers) {
  WhyReport many = without_fault();
  many.answers[0].holders = {"a", "b", "c", "d", "e", "f"};
  EXPECT_NE(plain_text(why_screen(many, 80)).find("for       a, b, c, d and 2 more\n"),
            std::string::npos);
}

TEST(WhyReport, KeepsACommandInOneLineOnANarrowTerminal) {
  WhyReport narrow = report();
  narrow.answers[0].findings[1].remedy = std::string(100, 'x');
  EXPECT_NE(plain_text(why_screen(narrow, 40)).find("  try     " + std::string(100, 'x') + "\n"),
            std::string::npos);
}

TEST(WhyReport, IsOneJsonObject) {
  const std::string expected =
      R"json({"tool":"mcast-status","version":")json" + std::string(version()) +
      R"json(","watched_seconds":2.5,"wrong":true,)json"
      R"json("answers":[{"group":"239.0.10.101","source":"10.9.0.1","interface":"eth1",)json"
      R"json("port":19779,"streams":["mcast-agent[417] video","mcast-receive[99] video"],)json"
      R"json("findings":[{"check":"interface_down","verdict":"fine",)json"
      R"json("seen":"eth1 is up and has 10.1.1.2"},)json"
      R"json({"check":"reverse_path_filter","verdict":"found",)json"
      R"json("seen":"packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves by )json"
      R"json(eth2, and rp_filter of eth1 is 1 (strict)",)json"
      R"json("meaning":"the kernel drops a packet whose source it would not answer by the )json"
      R"json(interface that it came in on",)json"
      R"json("remedy":"sysctl -w net.ipv4.conf.eth1.rp_filter=2"},)json"
      R"json({"check":"no_querier","verdict":"unknown",)json"
      R"json("seen":"bridges are told of by netlink alone"}]}]})json"
      "\n";
  EXPECT_EQ(why_json(report()), expected);
}

TEST(WhyReport, SaysNullInJsonOfWhatIsNotKnown) {
  const std::string json = why_json(without_fault());
  for (const char* key : {"source", "interface", "port"}) {
    EXPECT_NE(json.find("\"" + std::string(key) + "\":null,"), std::string::npos) << json;
  }
  EXPECT_NE(json.find("\"wrong\":false"), std::string::npos) << json;
  EXPECT_NE(json.find("\"streams\":[]"), std::string::npos) << json;
}

}  // namespace
}  // namespace mcast::cli::test
