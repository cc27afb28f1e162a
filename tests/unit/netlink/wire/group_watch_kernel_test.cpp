// The group watch against the kernel that this runs on. Needs root: each test moves
// its own process into a new network namespace, which ends with the process.
//
//   v0 ---- v1      v0 has 10.1.1.1/24 and sends; nobody is a member behind v1
#include "netlink/wire/group_watch.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/unit/netlink/wire/wire_fixture.h"

namespace mcast::test {
namespace {

using netlink::GroupWatch;
using netlink::WireFlow;

const std::string kGroup = "239.1.2.3";
const Packet kOurs = from_hex("4d43415300000001");
const Packet kForeign = from_hex("0000000000000000");

IpAddress address(const std::string& text) {
  return IpAddress::parse(text).value();
}

class GroupWatchKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!enter_new_network()) GTEST_SKIP() << "no permission to make a network namespace";
    add_veth();
    wait_until_frames_pass();
  }
  void open(GroupWatch::Outgoing outgoing = GroupWatch::Outgoing::kIgnored) {
    watch_.emplace(
        GroupWatch::open({address("239.9.9.9"), address(kGroup)}, from_hex("4d434153"), outgoing)
            .value());
  }
  bool eventually_seen(const auto& condition) {
    return eventually(
        watch_->fd(), [this] { ASSERT_TRUE(watch_->drain()); },
        [&] { return condition(watch_->flows()); });
  }
  bool eventually_packets(std::uint64_t count) {
    return eventually_seen([count](const std::vector<WireFlow>& flows) {
      std::uint64_t sum = 0;
      for (const WireFlow& flow : flows) sum += flow.packets;
      return sum >= count;
    });
  }

  std::optional<GroupWatch> watch_;
};

TEST_F(GroupWatchKernel, CountsWhatWasSentToTheGroupAndNothingOfAnother) {
  open();
  const FileDescriptor far = sender("v0", 9);
  const FileDescriptor near = sender("v0", 4);
  for (int i = 0; i < 60; ++i) {
    send_to(far, "239.1.2.4", kOurs);
    send_to(far, kGroup, kOurs);
  }
  for (int i = 0; i < 40; ++i) send_to(near, kGroup, kForeign);
  ASSERT_TRUE(eventually_packets(100));
  WireFlow expected;
  expected.ifindex = index_of("v1");
  expected.source = address("10.1.1.1");
  expected.group = address(kGroup);
  expected.destination_port = 19779;
  expected.packets = 100;
  expected.bytes = 60 * kOurs.size() + 40 * kForeign.size();
  expected.signature_packets = 60;
  expected.lowest_ttl = 4;
  expected.highest_ttl = 9;
  EXPECT_EQ(watch_->flows(), std::vector<WireFlow>{expected});
  EXPECT_EQ(watch_->malformed(), 0U);
  EXPECT_FALSE(is_promiscuous("v1"));
}

TEST_F(GroupWatchKernel, SeesNoneOfATcpLikePacketToTheGroup) {
  open();
  send_frame("v0", ip_packet({.destination = kGroup, .protocol = 6}, kOurs));
  send_to(sender("v0", 1), kGroup, kOurs);
  ASSERT_TRUE(eventually_packets(1));
  EXPECT_EQ(watch_->flows().front().packets, 1U);
}

TEST_F(GroupWatchKernel, DoesNotSeeTheCopyThatIsLoopedBackToAMemberOnThisHost) {
  open();
  const FileDescriptor member = udp_socket();
  join(member, "v0", kGroup);
  const FileDescriptor sending = sender("v0", 1);
  for (int i = 0; i < 10; ++i) send_to(sending, kGroup, kOurs);
  ASSERT_TRUE(eventually_packets(10));
  ASSERT_EQ(watch_->flows().size(), 1U);
  EXPECT_EQ(watch_->flows()[0].ifindex, index_of("v1"));
  EXPECT_EQ(watch_->flows()[0].packets, 10U);
}

TEST_F(GroupWatchKernel, SeesWhatGoesOutWhereThatIsAskedFor) {
  open(GroupWatch::Outgoing::kSeen);
  const FileDescriptor sending = sender("v0", 1);
  for (int i = 0; i < 10; ++i) send_to(sending, kGroup, kOurs);
  ASSERT_TRUE(eventually_packets(20));
  const auto flows = watch_->flows();
  ASSERT_EQ(flows.size(), 2U);
  for (const WireFlow& flow : flows) {
    EXPECT_EQ(flow.packets, 10U);
    EXPECT_EQ(flow.outgoing, flow.ifindex == index_of("v0"));
  }
}

TEST_F(GroupWatchKernel, CountsFragments) {
  open();
  send_to(sender("v0", 1), kGroup, Packet(4'000, 0x4D));
  ASSERT_TRUE(eventually_packets(3));
  const auto flows = watch_->flows();
  ASSERT_EQ(flows.size(), 2U);
  EXPECT_EQ(flows[0].destination_port, 0);
  EXPECT_EQ(flows[0].fragments, 2U);
  EXPECT_EQ(flows[1].destination_port, 19779);
  EXPECT_EQ(flows[1].fragments, 1U);
  EXPECT_EQ(flows[1].bad_udp_length, 0U);
}

TEST_F(GroupWatchKernel, TellsTheVlanOfATag) {
  open();
  Packet segment = from_hex("00014d4300100000");
  segment.insert(segment.end(), kOurs.begin(), kOurs.end());
  send_frame("v0", ip_packet({.destination = kGroup}, segment), 20);
  ASSERT_TRUE(eventually_packets(1));
  EXPECT_EQ(watch_->flows()[0].vlan, 20);
  EXPECT_EQ(watch_->flows()[0].destination_port, 19779);
  EXPECT_EQ(watch_->flows()[0].signature_packets, 1U);
}

TEST_F(GroupWatchKernel, SeesAPacketWithAWrongIpChecksumThatTheKernelThrowsAway) {
  open();
  Packet packet = ip_packet({.destination = kGroup}, from_hex("00014d4300080000"));
  packet[10] ^= 1U;
  send_frame("v0", packet);
  ASSERT_TRUE(eventually_packets(1));
  EXPECT_EQ(watch_->flows()[0].bad_ip_checksum, 1U);
}

TEST_F(GroupWatchKernel, GoesOnWhenAnInterfaceWasDown) {
  open();
  ip({"link", "set", "v1", "down"});
  ASSERT_TRUE(watch_->drain());
  ip({"link", "set", "v1", "up"});
  const FileDescriptor sending = sender("v0", 1);
  // The carrier of the other end takes a moment.
  EXPECT_TRUE(eventually_seen([&](const std::vector<WireFlow>& flows) {
    send_to(sending, kGroup, kOurs);
    return !flows.empty();
  }));
}

TEST_F(GroupWatchKernel, TakesTheMostGroupsAndSeesTheFirstAndTheLast) {
  std::vector<IpAddress> groups;
  for (std::uint32_t i = 0; i < GroupWatch::kMaxGroups; ++i) {
    groups.push_back(IpAddress::v4(0xEF010100 + i));
  }
  watch_.emplace(GroupWatch::open(groups, {}).value());
  const FileDescriptor sending = sender("v0", 1);
  send_to(sending, "239.1.1.64", kOurs);
  send_to(sending, "239.1.1.0", kOurs);
  send_to(sending, "239.1.1.63", kOurs);
  ASSERT_TRUE(eventually_packets(2));
  ASSERT_EQ(watch_->flows().size(), 2U);
  EXPECT_EQ(watch_->flows()[0].group, groups.front());
  EXPECT_EQ(watch_->flows()[1].group, groups.back());
  groups.push_back(address("239.9.9.9"));
  EXPECT_FALSE(GroupWatch::open(groups, {}));
}

TEST_F(GroupWatchKernel, SeesGroupsOfBothFamiliesOnOneSocketAndNoneBeside) {
  watch_.emplace(GroupWatch::open({address("ff1e::8000:1"), address(kGroup), address("ff12::1"),
                                   address("239.9.9.9"), address("ff1e::8000:3")},
                                  from_hex("4d434153"))
                     .value());
  Packet segment = from_hex("00014d4300100000");
  segment.insert(segment.end(), kOurs.begin(), kOurs.end());
  const auto behind = [&](const std::string& header) {
    Packet packet = from_hex(header);
    packet.insert(packet.end(), segment.begin(), segment.end());
    return packet;
  };
  // One that differs in each word of the address, another protocol, and another family.
  for (const char* const other :
       {"ff1e::8000:2", "ff15::8000:1", "ff1e:0:1::8000:1", "ff1e::1:0:8000:1"}) {
    send_ipv6(ipv6_packet(17, segment, 1, "2001:db8::1", other));
  }
  send_ipv6(ipv6_packet(58, segment));
  send_to(sender("v0", 1), "239.1.2.4", kOurs);
  send_to(sender("v0", 1), kGroup, kOurs);
  send_ipv6(ipv6_packet(17, segment, 9));
  send_ipv6(ipv6_packet(0, behind("1100010400000000")));
  send_ipv6(ipv6_packet(44, behind("1100000100000001")));
  send_ipv6(ipv6_packet(17, segment, 1, "fe80::1", "ff1e::8000:3"));
  send_ipv6(ipv6_packet(17, segment, 1, "fe80::1", "ff12::1"));
  ASSERT_TRUE(eventually_packets(6));
  const auto flows = watch_->flows();
  ASSERT_EQ(flows.size(), 4U);
  EXPECT_EQ(flows[0].group, address(kGroup));
  EXPECT_EQ(flows[1].group, address("ff12::1"));
  EXPECT_EQ(flows[2].group, address("ff1e::8000:1"));
  EXPECT_EQ(flows[2].packets, 3U);
  EXPECT_EQ(flows[2].signature_packets, 3U);
  EXPECT_EQ(flows[2].fragments, 1U);
  EXPECT_EQ(flows[2].highest_ttl, 9);
  EXPECT_EQ(flows[3].group, address("ff1e::8000:3"));
  EXPECT_EQ(watch_->malformed(), 0U);
}

TEST_F(GroupWatchKernel, TakesTheMostGroupsOfIpv6) {
  std::vector<IpAddress> groups;
  for (std::uint32_t i = 0; i < GroupWatch::kMaxGroups; ++i) {
    groups.push_back(address("ff1e::8000:100").plus(i));
  }
  watch_.emplace(GroupWatch::open(groups, {}).value());
  const Packet segment = from_hex("00014d4300080000");
  for (const IpAddress& group : {groups.back().plus(1), groups.front(), groups.back()}) {
    send_ipv6(ipv6_packet(17, segment, 1, "fe80::1", group.to_string()));
  }
  ASSERT_TRUE(eventually_packets(2));
  ASSERT_EQ(watch_->flows().size(), 2U);
  EXPECT_EQ(watch_->flows()[0].group, groups.front());
  EXPECT_EQ(watch_->flows()[1].group, groups.back());
}

TEST(GroupWatch, IsRefusedForWhatIsNoGroupAndForALongSignature) {
  EXPECT_FALSE(GroupWatch::open({}, {}));
  EXPECT_FALSE(GroupWatch::open({address("10.1.1.1")}, {}));
  EXPECT_FALSE(GroupWatch::open({address("2001:db8::1")}, {}));
  const auto longer = GroupWatch::open({address(kGroup)}, Packet(29));
  ASSERT_FALSE(longer);
  EXPECT_NE(longer.error().message.find("28"), std::string::npos);
}

}  // namespace
}  // namespace mcast::test
