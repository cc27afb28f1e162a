// What is printed of streams: one loss ratio everywhere, and JSON on one line.
#include "cli/streams/stream_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/streams/stream_view.h"
#include "cli/streams/stream_totals.h"
#include "tests/terminal/example_snapshots.h"

namespace mcast::cli::test {
namespace {

using namespace mcast::test;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

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
  EXPECT_EQ(one_line(summary(result, true)).at("loss_percent"), 10.0);
  EXPECT_THAT(summary(result, false), HasSubstr("lost 100 (10.00 %), late 100"));
  EXPECT_THAT(status_line(result.streams, 0), HasSubstr("lost 100 (10.00 %)"));
  EXPECT_THAT(conditions_met({.fail_on_loss = 9.99}, receivers),
              ElementsAre("loss in video-a is 10 % (100 packets), more than 9.99 %"));
  EXPECT_THAT(conditions_met({.fail_on_loss = 10}, receivers), ElementsAre());

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
  EXPECT_THAT(plain_text(receive_view(input, {})), HasSubstr("1,000       100 10.00 %"));
}

TEST(StreamReport, HasALossOfZeroInJsonWhereNothingWasExpected) {
  const StreamResult result = result_of({example_waiting_receiver()});
  EXPECT_EQ(one_line(summary(result, true)).at("loss_percent"), 0);
  EXPECT_THAT(conditions_met({.fail_on_loss = 0}, result.streams.receivers),
              ElementsAre(HasSubstr("no packet arrived")));
}

TEST(StreamReport, NamesTheFamilyAndTheSourceThatWasAskedFor) {
  StreamResult result = result_of({example_receiver(5)});
  json received = one_line(summary(result, true));
  EXPECT_EQ(received.at("family"), "ipv4");
  EXPECT_EQ(received.at("source"), nullptr);
  result.streams.receivers[0].spec.group = example_address("ff3e::8000:1");
  EXPECT_EQ(one_line(summary(result, true)).at("family"), "ipv6");

  result.streams.receivers.clear();
  result.streams.senders = {example_sender(5)};
  SenderSnapshot& sender = result.streams.senders[0];
  sender.local_address = example_address("10.1.1.1");
  json sent = one_line(summary(result, true));
  EXPECT_EQ(sent.at("family"), "ipv4");
  EXPECT_EQ(sent.at("source"), nullptr);
  EXPECT_EQ(sent.at("local_address"), "10.1.1.1");
  sender.spec.source = example_address("10.1.1.9");
  sender.local_address.reset();
  sent = one_line(summary(result, true));
  EXPECT_EQ(sent.at("source"), "10.1.1.9");
  EXPECT_EQ(sent.at("local_address"), nullptr);
}

TEST(StreamReport, ListsSeveralStreamsBesideTheirTotals) {
  StreamResult result = result_of({example_group(1, 10), example_group(2, 20)});
  result.streams.sockets = {{.drops = 2}, {.drops = 5}};
  const json received = one_line(summary(result, true));
  EXPECT_EQ(received.at("groups"), 2);
  EXPECT_EQ(received.at("packets_recv"), 30);
  EXPECT_EQ(received.at("socket_drops"), 7);
  EXPECT_EQ(received.at("streams").at(1).at("packets_recv"), 20);
  result.streams.receivers.clear();
  result.streams.senders = {example_sender(3), example_sender(4)};
  result.streams.senders[1].errors = {{"ENOBUFS", 2}};
  const json sent = one_line(summary(result, true));
  EXPECT_EQ(sent.at("packets_sent"), 7);
  EXPECT_EQ(sent.at("errors"), 2);
  EXPECT_EQ(sent.at("errors_by_name").at("ENOBUFS"), 2);
  EXPECT_EQ(sent.at("streams").at(0).at("errors"), 0);
}

}  // namespace
}  // namespace mcast::cli::test
