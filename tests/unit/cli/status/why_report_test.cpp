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
                    .remedy = "sysctl -w net.ipv4.conf.eth1.rp_filter=2",
                    .router_commands = {{"IOS", "show ip mroute 239.0.10.101"},
                                        {"IOS", "show ip rpf 10.9.0.1"},
                                        {"Junos", "show multicast rpf 10.9.0.1"}}},
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

TEST(WhyReport, KnowsEnoughOnlyWherePacketsAreSeenToArrive) {
  EXPECT_TRUE(enough_is_known(without_fault()));
  WhyReport blind = without_fault();
  blind.answers[0].findings.push_back(
      {.check = Check::kNoTraffic, .verdict = Verdict::kUnknown, .seen = "CAP_NET_RAW is missing"});
  EXPECT_FALSE(enough_is_known(blind));
  EXPECT_EQ(plain_text(why_screen(blind, 80, false)), R"(239.0.10.101

Nothing wrong was found, but too little is known to be sure: CAP_NET_RAW is
missing. 1 check is fine, 1 unknown (-v lists them).
)");
}

TEST(WhyReport, SaysFirstWhatWasFoundAndHowToMendIt) {
  EXPECT_EQ(plain_text(why_screen(report(), 80, true)),
            R"(239.0.10.101 from 10.9.0.1 on eth1, UDP port 19779
for       mcast-agent[417] video, mcast-receive[99] video

FOUND     reverse_path_filter
  seen    packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves by
          eth2, and rp_filter of eth1 is 1 (strict)
  meaning the kernel drops a packet whose source it would not answer by the
          interface that it came in on
  try     sysctl -w net.ipv4.conf.eth1.rp_filter=2
  IOS     show ip mroute 239.0.10.101; show ip rpf 10.9.0.1
  Junos   show multicast rpf 10.9.0.1

fine      eth1 is up and has 10.1.1.2
unknown   queries are heard: bridges are told of by netlink alone

1 thing is wrong. 1 check is fine, 1 unknown.
)");
}

TEST(WhyReport, ListsWhatIsFineAndUnknownOnlyWhereAskedTo) {
  const std::string text = plain_text(why_screen(report(), 80, false));
  EXPECT_EQ(text.find("\nfine"), std::string::npos) << text;
  EXPECT_EQ(text.find("\nunknown"), std::string::npos) << text;
  EXPECT_NE(text.find("\n1 thing is wrong. 1 check is fine, 1 unknown (-v lists them).\n"),
            std::string::npos)
      << text;
}

TEST(WhyReport, SpeaksOfASender) {
  WhyReport sent = without_fault();
  sent.answers[0].subject.interface = "eth1";
  sent.answers[0].subject.port = std::uint16_t{19779};
  sent.answers[0].subject.sending = findings::Sending{
      .packets_per_second = 50, .size = 200, .ttl = 1, .address = address("10.77.0.1")};
  sent.answers[0].holders = {"mcast-send[25822] 239.9.0.1"};
  sent.answers[0].findings.push_back(fine(Check::kNotSent, "150 packets left by eth1 in 3 s"));
  EXPECT_EQ(plain_text(why_screen(sent, 80, false)),
            R"(239.0.10.101 sent from 10.77.0.1 out of eth1, UDP port 19779
by        mcast-send[25822] 239.9.0.1
sends     50 pps of 200 bytes, TTL 1: it ends at the first router

Nothing is wrong: 150 packets left by eth1 in 3 s. 2 checks are fine, 0 unknown
(-v lists them).
)");
  const std::string json = why_json(sent);
  EXPECT_NE(json.find(R"("kind":"sender","group":"239.0.10.101","source":"10.77.0.1")"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("rate_pps":50,"size":200,"ttl":1)"), std::string::npos) << json;
}

TEST(WhyReport, LeavesToTheSendersWhatNobodyJoined) {
  WhyReport both = without_fault();
  both.answers[0].findings = {{.check = Check::kNotJoined, .verdict = Verdict::kFound}};
  leave_to_senders(both);
  EXPECT_EQ(both.answers.size(), 1U) << "nobody sends here";
  both.answers.push_back(report().answers[0]);
  both.answers.back().subject.sending = findings::Sending{};
  leave_to_senders(both);
  ASSERT_EQ(both.answers.size(), 1U);
  EXPECT_TRUE(both.answers[0].subject.sending);
  // A router's own answer stands.
  both.answers.push_back(without_fault().answers[0]);
  both.answers.back().findings = {fine(Check::kNotJoined, "this host forwards it")};
  leave_to_senders(both);
  EXPECT_EQ(both.answers.size(), 2U);
}

TEST(WhyReport, IsShortWhereNothingIsWrong) {
  EXPECT_EQ(plain_text(why_screen(without_fault(), 80, false)), R"(239.0.10.101

Nothing is wrong. 1 check is fine, 0 unknown (-v lists them).
)");
}

TEST(WhyReport, HasAnEmptyLineBetweenAnswers) {
  WhyReport both = without_fault();
  both.answers.push_back(both.answers[0]);
  const std::string one = plain_text(why_screen(without_fault(), 80, false));
  EXPECT_EQ(plain_text(why_screen(both, 80, false)), one + "\n" + one);
}

TEST(WhyReport, ListsFourHoldersAndCountsTheOthers) {
  WhyReport many = without_fault();
  many.answers[0].holders = {"a", "b", "c", "d", "e", "f"};
  EXPECT_NE(plain_text(why_screen(many, 80, false)).find("for       a, b, c, d and 2 more\n"),
            std::string::npos);
}

TEST(WhyReport, KeepsACommandInOneLineOnANarrowTerminal) {
  WhyReport narrow = report();
  narrow.answers[0].findings[1].remedy = std::string(100, 'x');
  EXPECT_NE(
      plain_text(why_screen(narrow, 40, false)).find("  try     " + std::string(100, 'x') + "\n"),
      std::string::npos);
}

TEST(WhyReport, IsOneJsonObject) {
  const std::string expected =
      R"json({"tool":"mcast-status","version":")json" + std::string(version()) +
      R"json(","watched_seconds":2.5,"wrong":true,"known":true,)json"
      R"json("answers":[{"kind":"receiver","group":"239.0.10.101","source":"10.9.0.1","interface":"eth1",)json"
      R"json("port":19779,"streams":["mcast-agent[417] video","mcast-receive[99] video"],)json"
      R"json("findings":[{"check":"interface_down","verdict":"fine",)json"
      R"json("seen":"eth1 is up and has 10.1.1.2"},)json"
      R"json({"check":"reverse_path_filter","verdict":"found",)json"
      R"json("seen":"packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves by )json"
      R"json(eth2, and rp_filter of eth1 is 1 (strict)",)json"
      R"json("meaning":"the kernel drops a packet whose source it would not answer by the )json"
      R"json(interface that it came in on",)json"
      R"json("remedy":"sysctl -w net.ipv4.conf.eth1.rp_filter=2","router_commands":[)json"
      R"json({"system":"IOS","command":"show ip mroute 239.0.10.101"},)json"
      R"json({"system":"IOS","command":"show ip rpf 10.9.0.1"},)json"
      R"json({"system":"Junos","command":"show multicast rpf 10.9.0.1"}]},)json"
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
