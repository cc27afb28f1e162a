// Whole pictures at 80x24, as a person sees them: pictures/.
#include "cli/streams/stream_view.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/terminal/example_snapshots.h"
#include "tests/unit/cli/expected_picture.h"

namespace mcast::cli::test {
namespace {

using namespace mcast::test;

constexpr ScreenSize k80x24{.columns = 80, .rows = 24, .unicode = true};

// The style of the first span that contains `text`.
Style style_of(const Screen& screen, const std::string& text) {
  for (const Line& line : screen.lines) {
    for (const Span& span : line) {
      if (span.text.find(text) != std::string::npos) return span.style;
    }
  }
  ADD_FAILURE() << "no " << text << " in\n" << plain_text(screen);
  return Style::kPlain;
}

bool shows(const Screen& screen, const std::string& text) {
  return plain_text(screen).find(text) != std::string::npos;
}

// A receiver that lost a little, twice.
ReceiverSnapshot lossy_receiver() {
  ReceiverSnapshot receiver = example_receiver(12'345);
  SourceSnapshot& source = receiver.sources[0];
  source.counters.lost = 1'234;
  source.counters.late = 3;
  source.counters.duplicates = 2;
  source.counters.reordered = 5;
  source.longest_interruption = 48'080 * kMillisecond;
  source.gaps = {{kExampleNow - 90'000 * kSecond, 40 * kMillisecond, 1},
                 {kExampleNow - 300 * kSecond, 1'240 * kMillisecond, 31},
                 {kExampleNow - 21 * kSecond, 48'080 * kMillisecond, 1'202}};
  receiver.stalls = 1;
  receiver.stalled_time = 4'200 * kMillisecond;
  receiver.rejected.foreign = 12;
  receiver.rejected.stale = 1;
  return receiver;
}

TEST(ReceiveView, Waiting) {
  const RateHistory history;
  ReceiveViewInput input = example_input({example_waiting_receiver()});
  input.history = &history;
  EXPECT_TRUE(is_picture(receive_view(input, k80x24), "waiting"));
}

TEST(ReceiveView, Receiving) {
  const RateHistory history = example_history(83, 0);
  ReceiveViewInput input = example_input({example_receiver(2'075)});
  input.history = &history;
  const Screen screen = receive_view(input, k80x24);
  EXPECT_TRUE(is_picture(screen, "receiving"));
  EXPECT_EQ(style_of(screen, "RECEIVING"), Style::kGood);
}

TEST(ReceiveView, LossWithGaps) {
  const RateHistory history = example_history(83, 2);
  ReceiveViewInput input = example_input({lossy_receiver()});
  input.sockets = {{.drops = 17}, {.port = 5000, .drops = 3}};
  input.history = &history;
  const Screen screen = receive_view(input, k80x24);
  EXPECT_TRUE(is_picture(screen, "loss"));
  EXPECT_EQ(style_of(screen, "1,234 (9.09 %)"), Style::kBad);
  EXPECT_EQ(style_of(screen, "20 lost on this host"), Style::kBad);
}

TEST(ReceiveView, Stalled) {
  RateHistory history = example_history(79, 0);
  RateHistory::Totals totals{.packets = 1'975, .bytes = 395'000};
  for (Nanoseconds fifth = 1; fifth <= 21; ++fifth) {
    totals.overdue = static_cast<std::uint64_t>(fifth) * 5;
    history.add(79 * kSecond + fifth * kSecond / 5, totals);
  }
  ReceiverSnapshot receiver = example_receiver(1'975);
  receiver.state = ReceiverState::kStalled;
  receiver.stalls = 1;
  receiver.stalled_time = 1'200 * kMillisecond;
  receiver.active_senders = 0;
  receiver.last_packet_realtime = kExampleNow - 4'250 * kMillisecond;
  receiver.sources[0].last_packet_realtime = receiver.last_packet_realtime;
  receiver.sources[0].overdue = 105;
  receiver.sources[0].silence = 4'210 * kMillisecond;
  ReceiveViewInput input = example_input({std::move(receiver)});
  input.duration = 0;
  input.history = &history;
  const Screen screen = receive_view(input, k80x24);
  EXPECT_TRUE(is_picture(screen, "stalled"));
  EXPECT_EQ(style_of(screen, "STALLED"), Style::kBad);
}

TEST(ReceiveView, SaysWhatIsOverdueBeforeItIsStalled) {
  ReceiverSnapshot receiver = example_receiver(100);
  receiver.last_packet_realtime = kExampleNow - 1'250 * kMillisecond;
  receiver.sources[0].overdue = 30;
  receiver.sources[0].silence = 1'210 * kMillisecond;
  const Screen screen = receive_view(example_input({receiver}), k80x24);
  EXPECT_TRUE(shows(screen, "RECEIVING  last packet 1.2 s ago, 30 packets overdue"))
      << plain_text(screen);
  EXPECT_TRUE(shows(screen, "Lost         30 (23.08 %)")) << plain_text(screen);
  EXPECT_TRUE(shows(screen, "Longest gap  1.2 s so far")) << plain_text(screen);
  EXPECT_EQ(style_of(screen, "30 packets overdue"), Style::kBad);
}

TEST(ReceiveView, OfAStreamWhoseSenderHasEndedIsNoFault) {
  ReceiverSnapshot receiver = example_receiver(100);
  receiver.state = ReceiverState::kEnded;
  const Screen screen = receive_view(example_input({receiver}), k80x24);
  EXPECT_EQ(style_of(screen, "ENDED"), Style::kGood);
}

TEST(ReceiveView, Failed) {
  const RateHistory history;
  ReceiverSnapshot receiver = example_waiting_receiver();
  receiver.spec.source = example_address("10.1.1.1");
  receiver.state = ReceiverState::kFailed;
  receiver.error =
      "join 239.0.10.101 from 10.1.1.1 on eth1: No buffer space available (see "
      "/proc/sys/net/ipv4/igmp_max_memberships)";
  ReceiveViewInput input = example_input({std::move(receiver)});
  input.warnings = {"not root: the IGMP version is left alone"};
  input.version_requested = 3;
  input.version_in_operation = 2;
  input.history = &history;
  const Screen screen = receive_view(input, k80x24);
  EXPECT_TRUE(is_picture(screen, "failed"));
  EXPECT_EQ(style_of(screen, "FAILED"), Style::kBad);
  EXPECT_EQ(style_of(screen, "IGMPv2 in use, not IGMPv3"), Style::kWarning);
}

TEST(ReceiveView, TwoSenders) {
  const RateHistory history = example_history(83, 0);
  ReceiverSnapshot receiver = lossy_receiver();
  receiver.sources.push_back(example_source("10.2.200.200", 4'000'000'000));
  receiver.sources[1].ttl = 64;
  receiver.sources[1].sent_ttl = 64;
  receiver.sources[1].dscp = 0;
  receiver.sources[1].counters.remarked = 4'000'000'000;
  receiver.sources[1].restarts = 1;
  receiver.sources[1].last_packet_realtime = kExampleNow - 10 * kSecond;
  receiver.sources[1].gaps = {{kExampleNow - 60 * kSecond, 2 * kSecond, 50}};
  receiver.senders_seen = 3;
  ReceiveViewInput input = example_input({std::move(receiver)});
  input.history = &history;
  const Screen screen = receive_view(input, k80x24);
  EXPECT_TRUE(is_picture(screen, "senders"));
  EXPECT_EQ(style_of(screen, "silent"), Style::kWarning);
  EXPECT_EQ(style_of(screen, "EF>BE"), Style::kWarning);
}

TEST(ReceiveView, RemarkedOnASubnetOfItsOwnWithItsTtlRaised) {
  const RateHistory history = example_history(83, 0);
  ReceiverSnapshot receiver = example_receiver(2'075);
  receiver.spec.name = "Zürich 東京\x1b[2J";
  receiver.spec.port = 5004;
  receiver.sources[0].dscp = 34;
  receiver.sources[0].sent_dscp = 38;
  receiver.sources[0].counters.remarked = 2'000;
  receiver.sources[0].ttl = 101;
  ReceiveViewInput input = example_input({std::move(receiver)});
  input.version_requested.reset();
  input.history = &history;
  const Screen screen = receive_view(input, k80x24);
  EXPECT_TRUE(is_picture(screen, "remarked"));
  EXPECT_EQ(style_of(screen, "sent as"), Style::kWarning);
  EXPECT_EQ(style_of(screen, "-1"), Style::kWarning);
}

TEST(ReceiveView, SaysWhenTheSenderIsOnTheSameSubnet) {
  ReceiverSnapshot receiver = example_receiver(10);
  receiver.sources[0].ttl = receiver.sources[0].sent_ttl = 1;
  const Screen screen = receive_view(example_input({receiver}), k80x24);
  EXPECT_TRUE(shows(screen, "same subnet")) << plain_text(screen);
}

TEST(ReceiveView, ManyGroupsTheWorstFirst) {
  const RateHistory history = example_history(83, 0);
  std::vector<ReceiverSnapshot> receivers;
  receivers.reserve(1000);
  for (std::uint32_t i = 0; i < 1000; ++i) receivers.push_back(example_group(i, 2'075));
  ReceiveViewInput input = example_input(std::move(receivers));
  input.history = &history;
  const Screen screen = receive_view(input, k80x24);
  EXPECT_TRUE(is_picture(screen, "groups"));
  EXPECT_EQ(style_of(screen, "1 failed"), Style::kBad);
  EXPECT_EQ(style_of(screen, "10 waiting"), Style::kWarning);
}

TEST(ReceiveView, SaysThatTheGroupsThatAreNotShownAreFine) {
  std::vector<ReceiverSnapshot> receivers(20, example_receiver(100));
  receivers[19].state = ReceiverState::kStalled;
  const Screen screen = receive_view(example_input(std::move(receivers)), k80x24);
  EXPECT_TRUE(shows(screen, "more groups not shown, all receiving without loss"))
      << plain_text(screen);
  EXPECT_EQ(style_of(screen, "RECEIVING"), Style::kGood);
}

TEST(ReceiveView, ShowsAllGroupsWhereTheyFit) {
  std::vector<ReceiverSnapshot> receivers(5, example_receiver(100));
  const Screen screen = receive_view(example_input(std::move(receivers)), k80x24);
  EXPECT_FALSE(shows(screen, "not shown")) << plain_text(screen);
}

TEST(ReceiveView, KeepsToAsciiWithoutUnicode) {
  const RateHistory history = example_history(83, 2);
  ReceiverSnapshot receiver = lossy_receiver();
  receiver.spec.name = "Zürich";
  receiver.spec.source = example_address("2001:db8:1234:5678:9abc:def0:1234:5678");
  ReceiveViewInput input = example_input({std::move(receiver)});
  input.history = &history;
  ScreenSize size = k80x24;
  size.unicode = false;
  EXPECT_TRUE(is_picture(receive_view(input, size), "ascii"));
}

TEST(ReceiveView, UsesTheRoomOfAWideAndHighTerminal) {
  const RateHistory history = example_history(200, 2);
  ReceiverSnapshot receiver = lossy_receiver();
  receiver.sources.push_back(example_source("10.2.2.2", 4'000));
  ReceiveViewInput input = example_input({std::move(receiver)});
  input.history = &history;
  EXPECT_TRUE(is_picture(receive_view(input, {.columns = 140, .rows = 30}), "wide"));
}

TEST(ReceiveView, KeepsWhatMattersMostWhereThereIsLittleRoom) {
  const RateHistory history = example_history(83, 2);
  ReceiveViewInput input = example_input({lossy_receiver()});
  input.history = &history;
  EXPECT_TRUE(is_picture(receive_view(input, {.columns = 40, .rows = 12}), "small"));
  EXPECT_EQ(plain_text(receive_view(input, {.columns = 20, .rows = 1})), "RECEIVING  last pac…\n");
  EXPECT_EQ(plain_text(receive_view(input, {.columns = 1, .rows = 1})), "R\n");
}

TEST(ReceiveView, IsEmptyWithoutReceivers) {
  EXPECT_EQ(receive_view({}, k80x24), Screen{});
}

}  // namespace
}  // namespace mcast::cli::test
