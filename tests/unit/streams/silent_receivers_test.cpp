#include "streams/silent_receivers.h"

#include <gtest/gtest.h>

namespace mcast {
namespace {

ReceiverSnapshot receiver(const std::string& name, std::uint16_t port) {
  ReceiverSnapshot snapshot;
  snapshot.spec.name = name;
  snapshot.spec.group = IpAddress::v4(0xEF000A65);
  snapshot.spec.port = port;
  snapshot.interface = "eth1";
  return snapshot;
}

TEST(SilentReceivers, HaveGotWhatWasAcceptedWhatWasRejectedAndWhatWasNotTracked) {
  ReceiverSnapshot video = receiver("video", 5000);
  video.sources.resize(2);
  video.sources[0].counters.packets = 1;
  video.sources[1].counters.packets = 2;
  video.untracked_packets = 4;
  video.rejected = {.foreign = 8, .version = 16, .truncated = 32, .stale = 64, .implausible = 128};
  SilentReceivers silent;
  silent.look({video}, {{.port = 5000, .drops = 3}, {.port = 19779, .drops = 9}});
  ASSERT_EQ(silent.subjects().size(), 1U);
  const findings::Subject& subject = silent.subjects()[0];
  EXPECT_EQ(subject.stream, "video");
  EXPECT_EQ(subject.interface, "eth1");
  EXPECT_EQ(subject.port, 5000);
  EXPECT_TRUE(subject.expects_probe_packets);
  const auto delivery = silent.delivery(subject);
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->datagrams, 255U);
  // Those of the port's socket, not of another one.
  EXPECT_EQ(delivery->drops, 3U);
}

TEST(SilentReceivers, KnowNothingOfOneThatReceivesAgain) {
  SilentReceivers silent;
  silent.look({receiver("video", 5000), receiver("audio", 5000)}, {});
  const auto subjects = silent.subjects();
  silent.look({receiver("audio", 5000)}, {});
  EXPECT_FALSE(silent.delivery(subjects[0]));
  EXPECT_TRUE(silent.delivery(subjects[1]));
}

}  // namespace
}  // namespace mcast
