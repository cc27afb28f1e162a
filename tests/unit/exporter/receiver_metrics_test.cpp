#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/exporter/metrics_of.h"

namespace mcast::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ReceiverMetrics, ShowExactlyOneStateAsOne) {
  const std::string text = metrics_of(waiting_receiver());
  const std::string labels = R"({stream="video",group="239.0.10.101",interface="eth1",state=)";
  EXPECT_THAT(samples(text, "mcast_receiver_state"),
              ElementsAre("mcast_receiver_state" + labels + "\"waiting\"} 1",
                          "mcast_receiver_state" + labels + "\"receiving\"} 0",
                          "mcast_receiver_state" + labels + "\"stalled\"} 0",
                          "mcast_receiver_state" + labels + "\"ended\"} 0",
                          "mcast_receiver_state" + labels + "\"failed\"} 0"));
}

TEST(ReceiverMetrics, LeaveTheSourceLabelOutOfAnAsmJoin) {
  EXPECT_THAT(samples(metrics_of(waiting_receiver()), "mcast_receiver_stalls_total"),
              ElementsAre("mcast_receiver_stalls_total{stream=\"video\",group=\"239.0.10.101\","
                          "interface=\"eth1\"} 0"));
}

TEST(ReceiverMetrics, CarryTheSourceLabelOfAnSsmJoin) {
  ReceiverSnapshot receiver = waiting_receiver();
  receiver.spec.source = address("10.1.1.1");
  const std::string text = metrics_of(receiver);
  EXPECT_THAT(samples(text, "mcast_receiver_stalls_total"),
              ElementsAre("mcast_receiver_stalls_total{stream=\"video\",group=\"239.0.10.101\","
                          "source=\"10.1.1.1\",interface=\"eth1\"} 0"));
  EXPECT_NE(text.find("port=\"19779\",join=\"ssm\"} 1"), std::string::npos);
}

TEST(ReceiverMetrics, CarryTheInterfaceInUseAndNotTheConfiguredOne) {
  ReceiverSnapshot receiver = waiting_receiver();
  receiver.spec.interface = "";
  receiver.interface = "eth7";
  const std::string text = metrics_of(receiver);
  EXPECT_NE(text.find("interface=\"eth7\""), std::string::npos);
  EXPECT_EQ(text.find("interface=\"\""), std::string::npos);
}

TEST(ReceiverMetrics, CountEveryReasonOfRejectionFromZero) {
  EXPECT_THAT(samples(metrics_of(waiting_receiver()), "mcast_receiver_rejected_packets_total"),
              SizeIs(5));
}

TEST(ReceiverMetrics, HaveNoTimesBeforeTheFirstPacket) {
  const std::string text = metrics_of(waiting_receiver());
  EXPECT_THAT(samples(text, "mcast_receiver_join_delay_seconds"), IsEmpty());
  EXPECT_THAT(samples(text, "mcast_receiver_last_packet_timestamp_seconds"), IsEmpty());
  EXPECT_THAT(samples(text, "mcast_receiver_packets_total"), IsEmpty());
}

TEST(ReceiverMetrics, HaveTimesAfterTheFirstPacket) {
  ReceiverSnapshot receiver = hearing_receiver();
  receiver.join_delay = 0;  // less than a nanosecond is still known
  receiver.last_packet_realtime = 1'700'000'000 * kSecond + kSecond / 2;
  const std::string labels = R"({stream="video",group="239.0.10.101",interface="eth1"})";
  const std::string text = metrics_of(receiver);
  EXPECT_THAT(samples(text, "mcast_receiver_join_delay_seconds"),
              ElementsAre("mcast_receiver_join_delay_seconds" + labels + " 0"));
  EXPECT_THAT(
      samples(text, "mcast_receiver_last_packet_timestamp_seconds"),
      ElementsAre("mcast_receiver_last_packet_timestamp_seconds" + labels + " 1700000000.5"));
}

TEST(ReceiverMetrics, TellSendersOfOneGroupApartByTheirAddress) {
  ReceiverSnapshot receiver = hearing_receiver();
  receiver.sources.push_back(receiver.sources.front());
  receiver.sources.back().source = address("10.1.1.2");
  receiver.sources.back().counters.packets = 7;
  const std::string labels = R"({stream="video",group="239.0.10.101",interface="eth1",sender=)";
  EXPECT_THAT(samples(metrics_of(receiver), "mcast_receiver_packets_total"),
              ElementsAre("mcast_receiver_packets_total" + labels + "\"10.1.1.1\"} 100",
                          "mcast_receiver_packets_total" + labels + "\"10.1.1.2\"} 7"));
}

TEST(ReceiverMetrics, ShowNegativeHopsAsTheyAre) {
  ReceiverSnapshot receiver = hearing_receiver();
  receiver.sources.front().sent_ttl = 10;
  receiver.sources.front().ttl = 64;
  const auto hops = samples(metrics_of(receiver), "mcast_receiver_hops");
  ASSERT_THAT(hops, SizeIs(1));
  EXPECT_TRUE(hops.front().ends_with(" -54"));
}

TEST(ReceiverMetrics, AddUpHistogramBucketsToTheTotal) {
  ReceiverSnapshot receiver = hearing_receiver();
  LossBurstHistogram& bursts = receiver.sources.front().counters.loss_bursts;
  bursts.observe(1);
  bursts.observe(2);
  bursts.observe(2);
  bursts.observe(1'000'000);
  const std::string text = metrics_of(receiver);
  const auto buckets = samples(text, "mcast_receiver_loss_burst_packets_bucket");
  ASSERT_THAT(buckets, SizeIs(LossBurstHistogram::kBuckets));
  EXPECT_TRUE(buckets[0].ends_with("le=\"1\"} 1")) << buckets[0];
  EXPECT_TRUE(buckets[1].ends_with("le=\"2\"} 3")) << buckets[1];
  EXPECT_TRUE(buckets[11].ends_with("le=\"100000\"} 3")) << buckets[11];
  EXPECT_TRUE(buckets[12].ends_with("le=\"+Inf\"} 4")) << buckets[12];
  const auto count = samples(text, "mcast_receiver_loss_burst_packets_count");
  ASSERT_THAT(count, SizeIs(1));
  EXPECT_TRUE(count.front().ends_with(" 4"));
  const auto sum = samples(text, "mcast_receiver_loss_burst_packets_sum");
  ASSERT_THAT(sum, SizeIs(1));
  EXPECT_TRUE(sum.front().ends_with(" 1000005"));
}

TEST(ReceiverMetrics, KeepALargeCounterExact) {
  ReceiverSnapshot receiver = hearing_receiver();
  receiver.sources.front().counters.bytes = 9'007'199'254'740'991;  // 2^53 - 1
  const auto bytes = samples(metrics_of(receiver), "mcast_receiver_bytes_total");
  ASSERT_THAT(bytes, SizeIs(1));
  EXPECT_TRUE(bytes.front().ends_with(" 9007199254740991")) << bytes.front();
}

TEST(ReceiverMetrics, LeaveOutAHistogramWhoseSumIsNotFinite) {
  ReceiverSnapshot receiver = hearing_receiver();
  receiver.sources.front().counters.interruptions.observe(std::numeric_limits<double>::infinity());
  const std::string text = metrics_of(receiver);
  EXPECT_EQ(text.find("mcast_receiver_interruption_seconds"), std::string::npos);
  EXPECT_NE(text.find("mcast_receiver_loss_burst_packets"), std::string::npos);
}

TEST(ReceiverMetrics, EscapeQuotesBackslashesAndNewlinesInLabels) {
  ReceiverSnapshot receiver = waiting_receiver();
  receiver.spec.labels = {{"site", "a\"b\\c\nd"}};
  EXPECT_NE(metrics_of(receiver).find(R"(site="a\"b\\c\nd"} 1)"), std::string::npos);
}

TEST(ReceiverMetrics, KeepUtf8InLabels) {
  ReceiverSnapshot receiver = waiting_receiver();
  receiver.spec.labels = {{"site", "Zürich \xF0\x9F\x93\xA1"}};
  EXPECT_NE(metrics_of(receiver).find("site=\"Zürich \xF0\x9F\x93\xA1\"} 1"), std::string::npos);
}

TEST(ReceiverMetrics, ReplaceEachByteThatIsNoUtf8) {
  ReceiverSnapshot receiver = waiting_receiver();
  // Latin-1, an overlong slash, half a surrogate pair, beyond U+10FFFF, cut short.
  receiver.spec.labels = {{"a", "x\xFCy"},
                          {"b", "\xC0\xAF"},
                          {"c", "\xED\xA0\x80"},
                          {"d", "\xF4\x90\x80\x80"},
                          {"e", "z\xE2\x82"}};
  const std::string text = metrics_of(receiver);
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_NE(text.find("a=\"x" + r + "y\",b=\"" + r + r + "\",c=\"" + r + r + r + "\",d=\"" + r + r +
                      r + r + "\",e=\"z" + r + r + "\"} 1"),
            std::string::npos)
      << text;
}

TEST(ReceiverMetrics, LeaveOutUserLabelsThatPrometheusWouldRefuse) {
  ReceiverSnapshot receiver = waiting_receiver();
  receiver.spec.labels = {{"stream", "mine"}, {"1st", "x"}, {"a-b", "x"},
                          {"__name__", "x"},  {"", "x"},    {"rack", "7"}};
  EXPECT_THAT(samples(metrics_of(receiver), "mcast_receiver_info"),
              ElementsAre("mcast_receiver_info{stream=\"video\",group=\"239.0.10.101\","
                          "interface=\"eth1\",port=\"19779\",join=\"asm\",rack=\"7\"} 1"));
}

}  // namespace
}  // namespace mcast::test
