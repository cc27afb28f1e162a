#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/exporter/metrics_of.h"

namespace mcast::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kLabels = R"({stream="video",group="239.0.10.101",interface="eth1")";

SenderSnapshot sending() {
  SenderSnapshot sender;
  sender.spec.name = "video";
  sender.spec.group = address("239.0.10.101");
  sender.interface = "eth1";
  return sender;
}

TEST(SenderMetrics, ShowExactlyOneStateAsOne) {
  SenderSnapshot sender = sending();
  sender.state = SenderState::kFailed;
  const std::string prefix = std::string("mcast_sender_state") + kLabels;
  EXPECT_THAT(samples(metrics_of(sender), "mcast_sender_state"),
              ElementsAre(prefix + ",state=\"sending\"} 0", prefix + ",state=\"finished\"} 0",
                          prefix + ",state=\"failed\"} 1"));
}

TEST(SenderMetrics, CountFromZeroBeforeTheFirstPacket) {
  EXPECT_THAT(samples(metrics_of(sending()), "mcast_sender_packets_total"),
              ElementsAre(std::string("mcast_sender_packets_total") + kLabels + "} 0"));
}

TEST(SenderMetrics, ShowTheUsualErrorsBeforeTheyHappen) {
  const std::string prefix = std::string("mcast_sender_errors_total") + kLabels + ",error=";
  EXPECT_THAT(samples(metrics_of(sending()), "mcast_sender_errors_total"),
              ElementsAre(prefix + "\"ENETUNREACH\"} 0", prefix + "\"ENOBUFS\"} 0",
                          prefix + "\"EPERM\"} 0"));
}

TEST(SenderMetrics, AddOtherErrorsOnceTheyHappened) {
  SenderSnapshot sender = sending();
  sender.errors = {{"EMSGSIZE", 3}, {"EPERM", 2}};
  const std::string prefix = std::string("mcast_sender_errors_total") + kLabels + ",error=";
  EXPECT_THAT(samples(metrics_of(sender), "mcast_sender_errors_total"),
              ElementsAre(prefix + "\"EMSGSIZE\"} 3", prefix + "\"ENETUNREACH\"} 0",
                          prefix + "\"ENOBUFS\"} 0", prefix + "\"EPERM\"} 2"));
}

TEST(SenderMetrics, ShowTheRateThatWasAskedFor) {
  SenderSnapshot sender = sending();
  sender.spec.packets_per_second = 0.5;
  EXPECT_THAT(
      samples(metrics_of(sender), "mcast_sender_target_packets_per_second"),
      ElementsAre(std::string("mcast_sender_target_packets_per_second") + kLabels + "} 0.5"));
}

TEST(SenderMetrics, LeaveOutARateThatIsNoNumber) {
  SenderSnapshot sender = sending();
  sender.spec.packets_per_second = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(samples(metrics_of(sender), "mcast_sender_target_packets_per_second"), IsEmpty());
}

TEST(SenderMetrics, CarryPortAndTheUsersLabelsInTheInfo) {
  SenderSnapshot sender = sending();
  sender.spec.port = 5000;
  sender.spec.labels = {{"site", "lab1"}};
  EXPECT_THAT(
      samples(metrics_of(sender), "mcast_sender_info"),
      ElementsAre(std::string("mcast_sender_info") + kLabels + ",port=\"5000\",site=\"lab1\"} 1"));
}

}  // namespace
}  // namespace mcast::test
