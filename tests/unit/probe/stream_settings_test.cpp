// The table of keys: what a spec shows is what the table reads, and which keys a running
// stream takes. What each key refuses stands in the tests of the configuration and the
// commands, which use it.
#include "probe/stream_settings.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace mcast {
namespace {

// A spec that is read from what another one shows.
template <typename Spec>
Spec shown_and_read(const Spec& spec) {
  Spec result;
  for (const auto& [name, value] : shown_settings(spec)) {
    const StreamKey& key = stream_key(name);
    const bool quoted = std::holds_alternative<std::string>(value);
    std::string text = quoted ? std::get<std::string>(value) : "";
    if (const auto* number = std::get_if<std::uint64_t>(&value)) text = std::to_string(*number);
    if (const auto* choice = std::get_if<bool>(&value)) text = *choice ? "true" : "false";
    const auto parsed = key.parse(key, text, quoted);
    EXPECT_TRUE(parsed) << parsed.error().message;
    const auto set = std::get<SpecField<Spec>>(key.fields).set;
    if (parsed && set != nullptr) set(result, *parsed);
  }
  return result;
}

TEST(StreamSettings, OfAReceiverAreReadAsTheyAreShown) {
  ReceiverSpec spec;
  spec.group = IpAddress::v4(0xEF010101);
  EXPECT_EQ(shown_and_read(spec), spec);
  spec.source = IpAddress::v4(0x0A010101);
  spec.interface = "eth1";
  spec.port = 65'535;
  spec.stall_timeout = 1'234'567 * kMicrosecond;
  spec.loss_timeout = 10 * kMillisecond;
  spec.igmp_version = 3;
  spec.packet_limit = 1;
  EXPECT_EQ(shown_and_read(spec), spec);
}

TEST(StreamSettings, OfASenderAreReadAsTheyAreShown) {
  SenderSpec spec;
  spec.group = IpAddress::v4(0xEF010101);
  EXPECT_EQ(shown_and_read(spec), spec);
  spec.source = IpAddress::v4(0x0A010101);
  spec.size = 1316;
  spec.ttl = 1;
  spec.dscp = 46;
  spec.loopback = false;
  spec.packet_limit = 1'000'000'000'000'000;
  spec.duration = kMillisecond;
  EXPECT_EQ(shown_and_read(spec), spec);
}

TEST(StreamSettings, OfARunningReceiverChangeWithoutARestartIfTheyAreLive) {
  ReceiverSpec from;
  ReceiverSpec to = from;
  to.stall_timeout = 7 * kSecond;
  to.loss_timeout = 2 * kSecond;
  to.igmp_version = 2;
  to.labels = {{"site", "lab1"}};
  to.origin = StreamOrigin::kDetached;
  EXPECT_TRUE(differ_in_live_keys_only(from, to));
  EXPECT_TRUE(differ_in_live_keys_only(to, from));
  to.port = 5000;
  EXPECT_FALSE(differ_in_live_keys_only(from, to));
}

TEST(StreamSettings, OfARunningSenderTakeARestartButForLabels) {
  SenderSpec from;
  SenderSpec to = from;
  to.labels = {{"site", "lab1"}};
  EXPECT_TRUE(differ_in_live_keys_only(from, to));
  to.ttl = 7;
  EXPECT_FALSE(differ_in_live_keys_only(from, to));
}

TEST(StreamSettings, NameTheGroupsOfACount) {
  ReceiverSpec first;
  first.name = "a";
  first.group = IpAddress::v4(0xEFFFFFFE);
  EXPECT_EQ(groups_from(first.group), 2U);
  std::vector<ReceiverSpec> streams;
  expand(first, 2, streams);
  expand(first, 1, streams);
  ASSERT_EQ(streams.size(), 3U);
  EXPECT_EQ(streams[1].name, "a-2");
  EXPECT_EQ(streams[1].group.to_string(), "239.255.255.255");
  EXPECT_EQ(streams[2].name, "a");
}

}  // namespace
}  // namespace mcast
