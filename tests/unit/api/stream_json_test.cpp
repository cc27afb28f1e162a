// Receivers and senders: JSON and back, and what the way back does with answers that are
// wrong.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "api/json_values.h"
#include "api/stream_json.h"

namespace mcast::api {
namespace {

constexpr Nanoseconds kNow = 1'773'500'966 * kSecond + 123'456 * kMicrosecond;

IpAddress address(const char* text) {
  return *IpAddress::parse(text);
}

ReceiverSnapshot full_receiver() {
  ReceiverSnapshot receiver;
  receiver.spec.name = "video \"a\"";
  receiver.spec.origin = StreamOrigin::kClient;
  receiver.spec.group = address("232.1.1.1");
  receiver.spec.source = address("10.1.1.1");
  receiver.spec.interface = "eth1";
  receiver.spec.port = 5004;
  receiver.spec.stall_timeout = 500 * kMillisecond;
  receiver.spec.igmp_version = 3;
  receiver.spec.packet_limit = 77;
  receiver.spec.labels = {{"site", "Zürich <b>"}};
  receiver.interface = "eth1";
  receiver.state = ReceiverState::kStalled;
  receiver.state_since_realtime = kNow - 5 * kSecond;
  receiver.stalls = 3;
  receiver.stalled_time = 5 * kSecond;
  receiver.join_delay = 12 * kMillisecond;
  receiver.last_packet_realtime = kNow - 6 * kSecond;
  receiver.rejected = {.foreign = 1, .version = 2, .truncated = 3, .stale = 4, .implausible = 5};
  receiver.untracked_packets = 6;
  receiver.active_senders = 0;
  receiver.senders_seen = 2;
  SourceSnapshot& source = receiver.sources.emplace_back();
  source.source = address("10.1.1.1");
  source.counters.packets = 18'446'744'073'709'551'615U;
  source.counters.bytes = 200;
  source.counters.lost = 7;
  source.counters.outage_lost = 5;
  source.overdue = 8;
  source.silence = 1'500 * kMillisecond;
  source.longest_interruption_realtime = kNow - 60 * kSecond;
  source.counters.late = 1;
  source.counters.duplicates = 2;
  source.counters.reordered = 3;
  source.counters.errored_seconds = 4;
  source.counters.ttl_changes = 5;
  source.counters.remarked = 6;
  source.counters.loss_bursts.observe(7);
  source.counters.interruptions.observe(0.32);
  source.restarts = 1;
  source.longest_interruption = 320 * kMillisecond;
  source.longest_gaps = {
      {.realtime = kNow - 90 * kSecond, .length = 400 * kMillisecond, .lost_packets = 9}};
  source.gaps = {
      {.realtime = kNow - 60 * kSecond, .length = 320 * kMillisecond, .lost_packets = 7}};
  source.sender_id = 0x0d783390;
  source.ttl = 60;
  source.sent_ttl = 64;
  source.dscp = 0;
  source.sent_dscp = 46;
  source.jitter = 42 * kMicrosecond;
  source.last_packet_realtime = kNow - 6 * kSecond;
  return receiver;
}

SenderSnapshot full_sender() {
  SenderSnapshot sender;
  sender.spec.name = "video-a";
  sender.spec.origin = StreamOrigin::kDetached;
  sender.spec.group = address("239.0.10.101");
  sender.spec.source = address("10.1.1.1");
  sender.spec.interface = "eth1";
  sender.spec.packets_per_second = 0.5;
  sender.spec.size = 1316;
  sender.spec.ttl = 16;
  sender.spec.dscp = 46;
  sender.spec.loopback = false;
  sender.spec.packet_limit = 9;
  sender.spec.duration = 1500 * kMillisecond;
  sender.spec.labels = {{"site", "lab1"}};
  sender.interface = "eth1";
  sender.state = SenderState::kFailed;
  sender.state_since_realtime = kNow - kSecond;
  sender.error = "cannot send";
  sender.local_address = address("10.1.1.1");
  sender.sender_id = 0xffffffff;
  sender.packets = 8;
  sender.bytes = 10'528;
  sender.errors = {{"ENOBUFS", 3}};
  sender.skipped = 2;
  sender.schedule_lag.observe(0.00003);
  return sender;
}

std::string receivers_text(const std::vector<ReceiverSnapshot>& receivers, Detail detail) {
  const SocketSnapshot socket{
      .port = 5004, .family = Family::kIpv4, .drops = 1, .datagrams = 2, .not_joined = 3};
  return receivers_json(receivers, {socket}, kNow, detail);
}

TEST(StreamJson, AReceiverComesBackAsItWas) {
  const std::string text = receivers_text({full_receiver()}, Detail::kFull);
  const auto parsed = parse_receivers(text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(receivers_text(parsed->receivers, Detail::kFull), text);
  const ReceiverSnapshot& back = parsed->receivers.front();
  EXPECT_EQ(back.spec, full_receiver().spec);
  EXPECT_EQ(back.sources.front().hops(), 4);
  EXPECT_EQ(back.sources.front().counters.loss_bursts.count(), 1U);
  EXPECT_EQ(back.sources.front().gaps.front().length, 320 * kMillisecond);
  EXPECT_EQ(back.sources.front().longest_gaps.front().lost_packets, 9U);
  EXPECT_EQ(back.sources.front().overdue, 8U);
  EXPECT_EQ(back.state_since_realtime, full_receiver().state_since_realtime);
  EXPECT_EQ(parsed->sockets.front().not_joined, 3U);
}

// Byte for byte: order of keys, forms of numbers, nulls.
TEST(StreamJson, StandsInThisForm) {
  EXPECT_EQ(
      receiver_json(full_receiver(), Detail::kSummary),
      R"({"name":"video \"a\"","origin":"client","group":"232.1.1.1","family":"ipv4",)"
      R"("source":"10.1.1.1","interface":"eth1","port":5004,"stall_timeout_s":0.5,)"
      R"("loss_timeout_s":1,"igmp_version":3,"mld_version":null,"packet_limit":77,)"
      R"("labels":{"site":"Zürich <b>"},)"
      R"("state":"stalled","state_since":"2026-03-14T15:09:21.123456Z","error":null,"stalls":3,)"
      R"("stalled_s":5,"join_delay_s":0.012,"last_packet":"2026-03-14T15:09:20.123456Z",)"
      R"("active_senders":0,"senders_seen":2,"untracked_packets":6,"rejected":{"foreign":1,)"
      R"("version":2,"truncated":3,"stale":4,"implausible":5},"senders":[{"source":"10.1.1.1",)"
      R"("sender_id":"0x0d783390","packets":18446744073709551615,"bytes":200,"lost":7,"outage_lost":5,)"
      R"("overdue":8,"silence_s":1.5,"late":1,)"
      R"("duplicates":2,"reordered":3,"errored_s":4,"restarts":1,"ttl_changes":5,"remarked":6,)"
      R"("longest_interruption_s":0.32,"longest_interruption_at":"2026-03-14T15:08:26.123456Z","ttl":60,"sent_ttl":64,"hops":4,"dscp":0,"sent_dscp":46,)"
      R"("jitter_s":4.2e-05,"last_packet":"2026-03-14T15:09:20.123456Z"}]})");
  EXPECT_EQ(
      sender_json(full_sender(), Detail::kSummary),
      R"({"name":"video-a","origin":"detached","group":"239.0.10.101","family":"ipv4",)"
      R"("source":"10.1.1.1","interface":"eth1","port":19779,"rate_pps":0.5,"size":1316,"ttl":16,)"
      R"("dscp":46,"loopback":false,"packet_limit":9,"duration_s":1.5,"labels":{"site":"lab1"},)"
      R"("state":"failed","state_since":"2026-03-14T15:09:25.123456Z","error":"cannot send",)"
      R"("local_address":"10.1.1.1","sender_id":"0xffffffff","packets":8,"bytes":10528,)"
      R"("skipped":2,"errors":{"ENOBUFS":3}})");
}

TEST(StreamJson, AReceiverThatHasHeardNothingHasNulls) {
  ReceiverSnapshot receiver;
  receiver.spec.name = "quiet";
  receiver.spec.group = address("239.1.1.1");
  const auto json = nlohmann::json::parse(receiver_json(receiver, Detail::kFull));
  for (const char* key : {"source", "igmp_version", "error", "join_delay_s", "last_packet"}) {
    EXPECT_TRUE(json.at(key).is_null()) << key;
  }
  EXPECT_TRUE(json.at("labels").is_object());
  const auto parsed = parse_receivers(receivers_text({receiver}, Detail::kSummary));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->receivers.front().join_delay, -1);
  EXPECT_FALSE(parsed->receivers.front().spec.igmp_version);
}

TEST(StreamJson, ASummaryHasNeitherHistogramsNorGaps) {
  const auto json = nlohmann::json::parse(receiver_json(full_receiver(), Detail::kSummary));
  const auto& sender = json.at("senders").at(0);
  EXPECT_FALSE(sender.contains("gaps"));
  EXPECT_FALSE(sender.contains("loss_bursts"));
  EXPECT_FALSE(sender.contains("interruptions"));
}

TEST(StreamJson, ASenderComesBackAsItWas) {
  const std::string text = senders_json({full_sender()}, kNow, Detail::kFull);
  const auto parsed = parse_senders(text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->front().spec, full_sender().spec);
  EXPECT_EQ(senders_json(*parsed, kNow, Detail::kFull), text);
}

TEST(StreamJson, WhatIsWrongInAnAnswerIsNamedWithItsPlace) {
  const auto good = nlohmann::json::parse(receivers_text({full_receiver()}, Detail::kFull));
  const auto refusal = [](const nlohmann::json& json) {
    const auto parsed = parse_receivers(json.dump());
    return parsed ? std::string("accepted") : parsed.error().message;
  };
  auto json = good;
  json["receivers"][0].erase("name");
  EXPECT_EQ(refusal(json), "'receivers[0].name' is missing");
  json = good;
  json["receivers"][0]["senders"][0]["ttl"] = 256;
  EXPECT_EQ(refusal(json), "'receivers[0].senders[0].ttl' is not a whole number of its range");
  json = good;
  json["receivers"][0]["state"] = "dozing";
  EXPECT_EQ(refusal(json), "'receivers[0].state' is not one of the words that this version knows");
  json = good;
  json["receivers"][0]["stalls"] = -1;
  EXPECT_EQ(refusal(json), "'receivers[0].stalls' is not a whole number");
  json = good;
  json["receivers"][0]["last_packet"] = "yesterday";
  EXPECT_EQ(refusal(json), "'receivers[0].last_packet' is no time (RFC 3339, UTC)");
  json = good;
  json["receivers"][0]["stalled_s"] = 1e300;
  EXPECT_EQ(refusal(json), "'receivers[0].stalled_s' is no duration");
  EXPECT_EQ(refusal(nlohmann::json::array()), "'' is not an object");
  EXPECT_FALSE(parse_receivers("{"));
}

TEST(StreamJson, KeysOfALaterVersionArePassedOver) {
  auto json = nlohmann::json::parse(receivers_text({full_receiver()}, Detail::kFull));
  json["receivers"][0]["mood"] = "good";
  EXPECT_TRUE(parse_receivers(json.dump()));
}

TEST(JsonTime, GoesThereAndBack) {
  for (const Nanoseconds time : {Nanoseconds{0}, kNow, 4'102'444'799 * kSecond}) {
    EXPECT_EQ(parse_time(time_text(time)), time);
  }
}

TEST(JsonTime, OfAnyOtherFormIsRefused) {
  for (const char* text : {"", "2026-03-14T15:09:26Z", "2026-02-30T15:09:26.000000Z",
                           "2026-03-14T25:09:26.000000Z", "2026-03-14 15:09:26.000000Z",
                           "9999-03-14T15:09:26.000000Z", "2026-03-14T15:09:26.00000xZ"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

}  // namespace
}  // namespace mcast::api
