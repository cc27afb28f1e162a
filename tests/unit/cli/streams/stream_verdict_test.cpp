// What --expect and --fail-on-... ask for: one table of conditions, each group judged by itself.
#include "cli/streams/stream_verdict.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/terminal/example_snapshots.h"

namespace mcast::cli::test {
namespace {

using namespace mcast::test;

ReceiverSnapshot named(ReceiverSnapshot receiver) {
  receiver.spec.name = receiver.spec.group.to_string();
  return receiver;
}

// The texts of one stream that ran for ten seconds.
std::vector<std::string> texts(const FailConditions& conditions, const ReceiverSnapshot& stream) {
  std::vector<std::string> result;
  for (const Failure& failure : failures(conditions, std::vector{named(stream)}, 10 * kSecond)) {
    result.push_back(failure.text);
  }
  return result;
}
using Texts = std::vector<std::string>;

TEST(StreamVerdict, FailsNothingThatWasNotAskedFor) {
  EXPECT_EQ(texts({}, example_waiting_receiver()), Texts{});
}

TEST(StreamVerdict, FailsEachConditionWhereNothingArrived) {
  const FailConditions all{.expect = Expectation{.packets = 1},
                           .fail_on_loss = 100,
                           .fail_on_stall = true,
                           .fail_on_interruption = kSecond,
                           .fail_on_hops = 10,
                           .fail_on_remark = true};
  EXPECT_EQ(texts(all, example_waiting_receiver()), Texts(6, "no packet arrived in 239.0.10.101"));
  EXPECT_EQ(texts(all, example_receiver(10)), Texts{});
}

TEST(StreamVerdict, ComparesLossWithItsLimit) {
  ReceiverSnapshot receiver = example_receiver(230);
  receiver.sources[0].counters.lost = 270;
  EXPECT_EQ(texts({.fail_on_loss = 1}, receiver),
            Texts{"loss in 239.0.10.101 is 54.00 % (270 of 500 packets), more than 1 %"});
  EXPECT_EQ(texts({.fail_on_loss = 54}, receiver), Texts{});
}

TEST(StreamVerdict, ExpectsPacketsOrARateAndCountsDuplicatesOnce) {
  ReceiverSnapshot receiver = example_receiver(250);
  const auto expect = [&](double packets, bool is_rate) {
    return texts({.expect = Expectation{.packets = packets, .is_rate = is_rate}}, receiver);
  };
  EXPECT_EQ(expect(250, false), Texts{});
  EXPECT_EQ(expect(251, false), Texts{"250 packets arrived in 239.0.10.101, fewer than 251"});
  EXPECT_EQ(expect(25, true), Texts{});
  EXPECT_EQ(expect(26, true), Texts{"239.0.10.101 had 25.0 pps on average, less than 26.0 pps"});
  receiver.sources[0].counters.duplicates = 100;
  EXPECT_EQ(expect(250, false), Texts{"150 packets arrived in 239.0.10.101, fewer than 250"});
  EXPECT_EQ(expect(25, true).size(), 1U);
}

TEST(StreamVerdict, AllowsARateThePacketThatARunDoesNotBeginWith) {
  const FailConditions expects{.expect = Expectation{.packets = 25, .is_rate = true}};
  EXPECT_EQ(texts(expects, example_receiver(249)), Texts{});
  EXPECT_EQ(texts(expects, example_receiver(246)).size(), 1U);
}

TEST(StreamVerdict, ComparesInterruptionsHopsAndRemarks) {
  ReceiverSnapshot receiver = example_receiver(500);
  receiver.sources[0].longest_interruption = 200 * kMillisecond;
  receiver.sources[0].counters.remarked = 1;
  EXPECT_EQ(texts({.fail_on_interruption = 200 * kMillisecond}, receiver),
            Texts{"the longest interruption in 239.0.10.101 is 200 ms, the limit 200 ms"});
  EXPECT_EQ(texts({.fail_on_interruption = 201 * kMillisecond}, receiver), Texts{});
  EXPECT_EQ(texts({.fail_on_hops = 3}, receiver),
            Texts{"10.1.1.1 is 4 hops away in 239.0.10.101, more than 3"});
  EXPECT_EQ(texts({.fail_on_hops = 4}, receiver), Texts{});
  EXPECT_EQ(texts({.fail_on_remark = true}, receiver),
            Texts{"the DSCP of 1 packet in 239.0.10.101 was remarked"});
  receiver.sources[0].ttl = 101;
  EXPECT_EQ(texts({.fail_on_hops = 0}, receiver), Texts{}) << "a distance that cannot be";
}

TEST(StreamVerdict, JudgesEachGroupByItself) {
  ReceiverSnapshot stalled = named(example_receiver(500));
  stalled.stalls = 1;
  const std::vector<ReceiverSnapshot> streams{named(example_receiver(500)), stalled,
                                              named(example_group(50, 0))};
  const auto found = failures({.fail_on_stall = true}, streams, kSecond);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].stream, 1U);
  EXPECT_EQ(found[0].condition, "stall");
  EXPECT_EQ(found[0].text, "239.0.10.101 stalled 1 time");
  EXPECT_EQ(found[1].stream, 2U);
  EXPECT_EQ(found[1].text, "no packet arrived in 239.0.10.51");
}

}  // namespace
}  // namespace mcast::cli::test
