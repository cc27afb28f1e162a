// What is printed of streams: one loss ratio everywhere, and JSON on one line.
#include "cli/streams/stream_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/streams/stream_json.h"
#include "cli/streams/stream_totals.h"
#include "cli/streams/stream_view.h"
#include "tests/terminal/example_snapshots.h"

namespace mcast::cli::test {
namespace {

using namespace mcast::test;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// 1,000 packets sent, all of them received, 100 of them after they had been counted as lost.
ReceiverSnapshot receiver_with_late_packets() {
  ReceiverSnapshot receiver = example_receiver(1'000);
  receiver.spec.name = "video-a";
  receiver.sources[0].counters.lost = 100;
  receiver.sources[0].counters.late = 100;
  return receiver;
}

StreamResult result_of(Receivers receivers) {
  StreamResult result;
  result.streams.receivers = std::move(receivers);
  return result;
}

json one_line(const std::string& text) {
  EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
  EXPECT_TRUE(text.ends_with('\n'));
  return json::parse(text);
}

TEST(StreamReport, SaysOneLossEverywhereOfPacketsThatCameLate) {
  const Receivers receivers{receiver_with_late_packets()};
  const StreamResult result = result_of(receivers);
  EXPECT_EQ(one_line(summary_json(result)).at("loss_percent"), 10.0);
  EXPECT_THAT(summary(result), HasSubstr("lost 100 (10.00 %), late 100"));
  EXPECT_THAT(status_line(result.streams, 0), HasSubstr("lost 100 (10.00 %)"));
  EXPECT_EQ(failures({.fail_on_loss = 9.99}, receivers, kSecond).at(0).text,
            "loss in video-a is 10.00 % (100 of 1000 packets), more than 9.99 %");
  EXPECT_TRUE(failures({.fail_on_loss = 10}, receivers, kSecond).empty());

  RateHistory history;
  history.add(0, {});
  history.add(kSecond, {.packets = 1'000, .bytes = 0, .lost = 100, .duplicates = 0, .late = 100});
  ReceiveViewInput input = example_input(receivers);
  input.history = &history;
  const std::string view = plain_text(receive_view(input, {}));
  EXPECT_THAT(view, HasSubstr("Lost         100 (10.00 %)"));
  EXPECT_THAT(view, HasSubstr("Loss 10 s    10.00 %"));
  EXPECT_THAT(view, HasSubstr("peak 10.00 %"));
  input.receivers.push_back(receivers.front());
  EXPECT_THAT(plain_text(receive_view(input, {})), HasSubstr("100 10.00 %"));
}

TEST(StreamReport, HasNoLossWhereNothingWasExpected) {
  const StreamResult result = result_of({example_waiting_receiver()});
  EXPECT_EQ(one_line(summary_json(result)).at("loss_percent"), nullptr);
  EXPECT_THAT(summary(result), HasSubstr("waiting, 0 packets, lost -, 0.00 pps, join delay -, "
                                         "longest gap -\n"));
  EXPECT_THAT(summary(result), Not(HasSubstr("%")));
  EXPECT_THAT(status_line(result.streams, 0), Not(HasSubstr("%")));
  EXPECT_THAT(plain_text(receive_view(example_input(result.streams.receivers), {})),
              Not(HasSubstr("%")));
}

TEST(StreamReport, EndsWithALineForEachGroup) {
  ReceiverSnapshot lossy = receiver_with_late_packets();
  lossy.sources[0].longest_interruption = 1'240 * kMillisecond;
  lossy.sources[0].longest_interruption_realtime = kExampleNow;
  StreamResult result = result_of({lossy, example_group(50, 0)});
  result.elapsed = 10 * kSecond;
  const std::string text = summary(result);
  EXPECT_THAT(text, HasSubstr("239.0.10.101 (video-a) on eth1: receiving, 1000 packets, lost 100 "
                              "(10.00 %), 100 pps, join delay 12.3 ms, longest gap 1.24 s at "));
  EXPECT_THAT(text, HasSubstr("\n239.0.10.51 on eth1: waiting, 0 packets, lost -, 0.00 pps, "));
  EXPECT_THAT(text, HasSubstr("\nreceived 1000 packets (200000 bytes) in 10.0 s: lost 100 "));
  EXPECT_THAT(text, HasSubstr("jitter 12.3 us"));
}

TEST(StreamReport, SaysWhetherTheTargetOfASenderWasReached) {
  StreamResult result;
  result.streams.senders = {example_sender(90)};
  result.streams.senders[0].skipped = 10;
  result.streams.senders[0].spec.packets_per_second = 446'428.5714;
  result.elapsed = kSecond;
  EXPECT_EQ(summary(result),
            "239.0.10.101 on eth1: sending, 90 packets, 0 errors, skipped 10, target 446 kpps, "
            "reached 90.0 pps\n"
            "sent 90 packets (18000 bytes) in 1.0 s, 0 errors, skipped 10, target 446 kpps, "
            "reached 90.0 pps\n");
  EXPECT_THAT(opening_line(result), HasSubstr(": 446 kpps of 200 bytes"));
  const json sent = one_line(summary_json(result));
  EXPECT_EQ(sent.at("target_pps"), 446'428.5714);
  EXPECT_EQ(sent.at("rate_pps"), 90);
  EXPECT_EQ(sent.at("groups").at(0).at("skipped"), 10);
}

TEST(StreamReport, HasVerdictStallsAndTheTimeOfTheLongestGapInJson) {
  ReceiverSnapshot stalled = example_receiver(500);
  stalled.spec.name = "239.0.10.101";
  stalled.stalls = 2;
  stalled.sources[0].longest_interruption = 2 * kSecond;
  stalled.sources[0].longest_interruption_realtime = kExampleNow;
  stalled.sources[0].longest_gaps = {{kExampleNow, 2 * kSecond, 50}};
  StreamResult result = result_of({example_group(1, 500), stalled});
  result.failures = failures({.expect = Expectation{.packets = 501}, .fail_on_stall = true},
                             result.streams.receivers, 10 * kSecond);
  const json summary = one_line(summary_json(result));
  EXPECT_EQ(summary.at("result"), "fail");
  EXPECT_EQ(summary.at("failed"), json({"expect", "stall"}));
  EXPECT_EQ(summary.at("reasons").size(), 3U);
  EXPECT_EQ(summary.at("stalls"), 2);
  EXPECT_EQ(summary.at("gaps"), 2) << "the original's name of it";
  EXPECT_EQ(summary.at("longest_interruption_at"), "2026-03-14T15:09:26.000000Z");
  EXPECT_EQ(summary.at("groups").at(1).at("senders").at(0).at("longest_gaps").at(0).at("length_s"),
            2);
  EXPECT_EQ(summary.at("groups").at(0).at("failed"), json({"expect"}));
  EXPECT_EQ(summary.at("groups").at(1).at("failed"), json({"expect", "stall"}));
  for (const auto& [key, value] : summary.at("groups").at(0).items()) {
    EXPECT_TRUE(summary.at("groups").at(1).contains(key)) << key;
  }
  const json one = one_line(summary_json(result_of({stalled})));
  EXPECT_EQ(one.at("result"), "pass");
  EXPECT_EQ(one.at("failed"), json::array());
  for (const auto& [key, value] : one.at("groups").at(0).items()) {
    EXPECT_EQ(one.at(key), value) << key;
  }
}

TEST(StreamReport, CountsOverduePacketsAsLostEverywhere) {
  ReceiverSnapshot silent = example_receiver(230);
  silent.spec.name = "239.0.10.101";
  silent.sources[0].overdue = 270;
  silent.sources[0].silence = 2'690 * kMillisecond;
  StreamResult result = result_of({silent});
  result.elapsed = 5 * kSecond;
  result.failures = failures({.fail_on_loss = 1, .fail_on_interruption = 2 * kSecond},
                             result.streams.receivers, result.elapsed);
  const json summary = one_line(summary_json(result));
  EXPECT_EQ(summary.at("packets_lost"), 270);
  EXPECT_EQ(summary.at("packets_overdue"), 270);
  EXPECT_EQ(summary.at("loss_percent"), 54.0);
  EXPECT_EQ(summary.at("longest_interruption_s"), 2.69);
  EXPECT_EQ(summary.at("failed"), json({"loss", "interruption"}));
  EXPECT_THAT(cli::summary(result), HasSubstr("lost 270 (54.00 %), of which overdue 270, 46.0 pps, "
                                              "join delay 12.3 ms, longest gap 2.69 s and still "
                                              "silent\n"));
  EXPECT_THAT(status_line(result.streams, 0), HasSubstr("lost 270 (54.00 %), of which overdue"));
}

TEST(StreamReport, NamesTheFamilyAndTheSourceThatWasAskedFor) {
  StreamResult result = result_of({example_receiver(5)});
  json received = one_line(summary_json(result));
  EXPECT_EQ(received.at("family"), 4);
  EXPECT_EQ(received.at("source"), nullptr);
  result.streams.receivers[0].spec.group = example_address("ff3e::8000:1");
  EXPECT_EQ(one_line(summary_json(result)).at("family"), 6);

  result.streams.receivers.clear();
  result.streams.senders = {example_sender(5)};
  SenderSnapshot& sender = result.streams.senders[0];
  sender.local_address = example_address("10.1.1.1");
  json sent = one_line(summary_json(result));
  EXPECT_EQ(sent.at("family"), 4);
  EXPECT_EQ(sent.at("source"), nullptr);
  EXPECT_EQ(sent.at("local_address"), "10.1.1.1");
  sender.spec.source = example_address("10.1.1.9");
  sender.local_address.reset();
  sent = one_line(summary_json(result));
  EXPECT_EQ(sent.at("source"), "10.1.1.9");
  EXPECT_EQ(sent.at("local_address"), nullptr);
}

TEST(StreamReport, ListsSeveralStreamsBesideTheirTotals) {
  StreamResult result = result_of({example_group(1, 10), example_group(2, 20)});
  result.streams.sockets = {{.drops = 2}, {.drops = 5}};
  const json received = one_line(summary_json(result));
  EXPECT_EQ(received.at("packets_recv"), 30);
  EXPECT_EQ(received.at("socket_drops"), 7);
  EXPECT_EQ(received.at("groups").at(1).at("packets_recv"), 20);
  result.streams.receivers.clear();
  result.streams.senders = {example_sender(3), example_sender(4)};
  result.streams.senders[1].errors = {{"ENOBUFS", 2}};
  const json sent = one_line(summary_json(result));
  EXPECT_EQ(sent.at("packets_sent"), 7);
  EXPECT_EQ(sent.at("errors"), 2);
  EXPECT_EQ(sent.at("errors_by_name").at("ENOBUFS"), 2);
  EXPECT_EQ(sent.at("groups").at(0).at("errors"), 0);
}

}  // namespace
}  // namespace mcast::cli::test
