// What can be wrong with a sender, from its interface to the wire; judged by its own counters where
// they are known, else by what leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

using Names = std::vector<std::string>;
using testing::HasSubstr;

// 50 pps out of eth1, seen on the wire.
struct Sender {
  Example example;
  SenderEvidence evidence;

  Sender() {
    evidence.subject = {
        .stream = "tone",
        .group = ip("239.1.1.1"),
        .source = std::nullopt,
        .interface = "eth1",
        .port = std::uint16_t{19779},
        .sending =
            Sending{.packets_per_second = 50, .size = 200, .ttl = 1, .address = ip("10.1.1.2")}};
    evidence.route_to_group = fail("an interface is named");
    evidence.sent = fail("only its program knows");
    example.host.sees_outgoing = true;
    example.host.flows = std::vector{flow(kEth1, "10.1.1.2")};
    example.host.flows->front().outgoing = true;
    example.host.flows->front().packets = 150;
  }

  [[nodiscard]] std::vector<Finding> examine() const {
    return examine_sender(evidence, example.host);
  }
  [[nodiscard]] Names all(Verdict verdict = Verdict::kFound) const {
    Names names;
    for (const Finding& finding : examine()) {
      if (finding.verdict == verdict) names.emplace_back(to_string(finding.check));
    }
    return names;
  }
  [[nodiscard]] Finding answer(Check check) const { return *find_by(examine(), check); }
  static std::optional<Finding> find_by(const std::vector<Finding>& findings, Check check) {
    for (const Finding& finding : findings) {
      if (finding.check == check) return finding;
    }
    return std::nullopt;
  }
};

class SenderChecks : public BothFamilies {};
INSTANTIATE_TEST_SUITE_P(, SenderChecks, both_families(), family_name);

TEST_P(SenderChecks, AreFineWherePacketsLeaveAtTheirRate) {
  const Sender sender;
  EXPECT_EQ(sender.all(), Names{});
  EXPECT_TRUE(is_answered(sender.examine()));
  EXPECT_EQ(sender.answer(Check::kNotSent).seen, "150 packets left by eth1 in 3 s");
}

TEST_P(SenderChecks, FindThatTheInterfaceIsDownOrHasNoCarrierAndNothingElse) {
  Sender sender;
  sender.example.host.flows->clear();
  sender.example.host.links[1].carrier = false;
  EXPECT_EQ(sender.all(), Names{"interface_down"});
  EXPECT_EQ(sender.answer(Check::kInterfaceDown).seen, "eth1 is up but has no carrier");
  sender.example.host.links[1].up = false;
  EXPECT_EQ(sender.answer(Check::kInterfaceDown).remedy, "ip link set dev eth1 up");
  sender.evidence.subject.interface = "eth9";
  EXPECT_EQ(sender.answer(Check::kInterfaceDown).seen,
            "there is no interface eth9, only lo, eth1 and eth2");
}

TEST_P(SenderChecks, FindThatNoRouteLeadsToTheGroup) {
  Sender sender;
  sender.evidence.subject.interface.clear();
  sender.evidence.subject.failure = say("no route to 239.1.1.1");
  sender.evidence.route_to_group =
      std::unexpected(Error{.message = say("no route to 239.1.1.1"), .code = ENETUNREACH});
  EXPECT_EQ(sender.all(), Names{"no_route_to_group"});
  // With one interface that can send there is no choice.
  sender.example.host.links[2].carrier = false;
  sender.evidence.subject.origin.command = {"mcast-send", say("239.1.1.1")};
  EXPECT_EQ(sender.answer(Check::kNoRouteToGroup).remedy, say("mcast-send 239.1.1.1 -i eth1"));
}

TEST_P(SenderChecks, FindThatNothingLeavesThoughItSends) {
  Sender sender;
  sender.example.host.flows->clear();
  EXPECT_EQ(sender.all(), Names{"not_sent"});
  EXPECT_EQ(sender.answer(Check::kNotSent).seen, "no packet left by eth1 in 3 s");
  // It was not due yet.
  sender.evidence.subject.sending->packets_per_second = 0.5;
  EXPECT_EQ(sender.all(), Names{});
  EXPECT_FALSE(is_answered(sender.examine()));
  // Nobody may look.
  sender.example.host.flows = std::unexpected(Error{.message = "CAP_NET_RAW", .code = EPERM});
  EXPECT_FALSE(is_answered(sender.examine()));
  EXPECT_EQ(sender.answer(Check::kNotSent).seen, "CAP_NET_RAW");
}

TEST_P(SenderChecks, FindWhatTheKernelRefuses) {
  Sender sender;
  sender.example.host.sees_outgoing = false;
  sender.example.host.flows = fail("nobody listens");
  sender.evidence.counted = 5 * kSecond;
  sender.evidence.sent = SentPackets{.packets = 0, .skipped = 0, .refused = {{"EPERM", 250}}};
  EXPECT_EQ(sender.all(), Names{"not_sent"});
  EXPECT_EQ(sender.answer(Check::kNotSent).seen,
            "the kernel refused 250 packets (EPERM), and no packet was sent in 5 s");
}

TEST_P(SenderChecks, FindThatTheRateIsNotReached) {
  Sender sender;
  sender.example.host.flows->front().packets = 100;
  EXPECT_EQ(sender.all(), Names{"rate_not_reached"});
  EXPECT_EQ(sender.answer(Check::kRateNotReached).seen,
            "33.3 pps leave by eth1, where 50 pps should");
  // Super-packets are one packet on the wire, but have all the bytes.
  sender.example.host.flows->front().bytes = std::uint64_t{150} * 200;
  EXPECT_EQ(sender.all(), Names{});
  // Its own counters are exact.
  sender.evidence.counted = 5 * kSecond;
  sender.evidence.sent = SentPackets{.packets = 240, .skipped = 10, .refused = {}};
  const Finding finding = sender.answer(Check::kRateNotReached);
  EXPECT_EQ(finding.seen, "10 packets of 250 were not sent in 5 s");
  sender.evidence.subject.origin.command = {"mcast-send", say("239.1.1.1"), "-r", "50"};
  EXPECT_EQ(sender.answer(Check::kRateNotReached).remedy, say("mcast-send 239.1.1.1 -r 45pps"));
  // One in a thousand is a busy machine.
  sender.evidence.sent = SentPackets{.packets = 9990, .skipped = 10, .refused = {}};
  EXPECT_EQ(sender.all(), Names{});
}

}  // namespace
}  // namespace mcast::findings::test
