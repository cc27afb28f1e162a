// What the commands ask for is what the agent understands: the body of a POST, from one to
// the other.
#include <gtest/gtest.h>

#include "agent/api/api.h"
#include "api/stream_json.h"

namespace mcast::agent {
namespace {

IpAddress address(const char* text) {
  return *IpAddress::parse(text);
}

TEST(CommandRequest, OfAReceiverArrivesWhole) {
  ReceiverSpec spec;
  spec.group = address("232.1.1.1");
  spec.source = address("10.1.1.1");
  spec.interface = "eth1";
  spec.port = 5004;
  spec.stall_timeout = 1234567 * kMicrosecond;
  spec.loss_timeout = 500 * kMillisecond;
  spec.igmp_version = 3;
  spec.packet_limit = 77;
  spec.labels = {{"site", "Zürich"}};
  const auto request = parse_request<ReceiverSpec>(
      api::stream_request_json(spec, {.name = "video 'a'", .count = 1, .detach = false}));
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->name, "video 'a'");
  EXPECT_FALSE(request->detach);
  ASSERT_EQ(request->streams.size(), 1U);
  spec.origin = StreamOrigin::kClient;
  EXPECT_EQ(request->streams[0], spec);
}

TEST(CommandRequest, OfSendersArrivesWhole) {
  SenderSpec spec;
  spec.group = address("239.1.1.1");
  spec.source = address("10.1.1.1");
  spec.interface = "eth1";
  spec.packets_per_second = 1'500'000.0 / 8 / 1316;
  spec.size = 1316;
  spec.ttl = 3;
  spec.dscp = 46;
  spec.port = 5004;
  spec.loopback = false;
  spec.packet_limit = 10;
  spec.duration = 60 * kSecond;
  const auto request =
      parse_request<SenderSpec>(api::stream_request_json(spec, {.count = 3, .detach = true}));
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->name, "");
  EXPECT_TRUE(request->detach);
  ASSERT_EQ(request->streams.size(), 3U);
  spec.origin = StreamOrigin::kDetached;
  // Names are the agent's to give.
  SenderSpec first = request->streams[0];
  first.name.clear();
  EXPECT_EQ(first, spec);
  EXPECT_EQ(request->streams[2].group, address("239.1.1.3"));
}

TEST(CommandRequest, OfWhatWasLeftOutHasTheDefaults) {
  ReceiverSpec spec;
  spec.group = address("239.1.1.1");
  const auto request = parse_request<ReceiverSpec>(api::stream_request_json(spec, {}));
  ASSERT_TRUE(request) << request.error().message;
  spec.origin = StreamOrigin::kClient;
  EXPECT_EQ(request->streams.at(0), spec);
}

// So that the defaults of the agent count for the rest.
TEST(CommandRequest, SaysOnlyWhatWasAskedFor) {
  ReceiverSpec spec;
  spec.group = address("239.1.1.1");
  spec.port = 5004;
  spec.stall_timeout = 9 * kSecond;
  EXPECT_EQ(api::stream_request_json(spec, {.keys = StreamKeys{"port"}}),
            R"({"count":1,"group":"239.1.1.1","port":5004})");
}

TEST(CommandRequest, ThatIsOutOfRangeIsRefused) {
  SenderSpec spec;
  spec.group = address("239.1.1.1");
  spec.packets_per_second = 1e300;
  EXPECT_FALSE(parse_request<SenderSpec>(api::stream_request_json(spec, {})));
}

}  // namespace
}  // namespace mcast::agent
