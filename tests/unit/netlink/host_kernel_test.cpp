// What a host answers where netlink is forbidden, against its answers by netlink, on the
// kernel that this runs on. Each test moves its own process into a new network namespace,
// which ends with the process.
//
//   v0 ---- v1 [br0]      v0 has 10.1.1.1/24, 10.1.1.5/24, 10.9.0.1/16 and 2001:db8::1/64,
//   d0 ---- d1            br0 10.1.1.2/24, d0 (down) 192.0.2.1/32
#include <gtest/gtest.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "netlink/host.h"
#include "netlink/rtnetlink/link_monitor.h"
#include "tests/netns/forbid_netlink.h"
#include "tests/unit/netlink/kernel_network.h"

namespace mcast::test {
namespace {

using netlink::Host;
using netlink::InterfaceAddress;
using netlink::Link;

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

int index_of(const char* name) {
  return static_cast<int>(::if_nametoindex(name));
}

class HostKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!enter_new_network()) GTEST_SKIP() << "no permission to make a network namespace";
    add_veth();
    ip({"addr", "add", "10.1.1.5/24", "dev", "v0"});
    ip({"addr", "add", "10.9.0.1/16", "dev", "v0", "label", "v0:9"});
    ip({"-6", "addr", "add", "2001:db8::1/64", "dev", "v0", "nodad"});
    ip({"link", "add", "br0", "type", "bridge"});
    ip({"addr", "add", "10.1.1.2/24", "dev", "br0"});
    ip({"link", "set", "v1", "master", "br0"});
    ip({"link", "set", "br0", "up"});
    ip({"link", "add", "d0", "type", "veth", "peer", "name", "d1"});
    ip({"addr", "add", "192.0.2.1/32", "dev", "d0"});
  }
  // The last step of a test's preparations: ip(8) needs netlink, too.
  void forbid() {
    auto with = Host::open();
    ASSERT_TRUE(with) << with.error().message;
    ASSERT_TRUE(with->has_netlink());
    with_.emplace(std::move(*with));
    ASSERT_TRUE(forbid_netlink(EAFNOSUPPORT));
    auto without = Host::open();
    ASSERT_TRUE(without) << without.error().message;
    ASSERT_FALSE(without->has_netlink());
    without_.emplace(std::move(*without));
  }

  std::optional<Host> with_;
  std::optional<Host> without_;
};

TEST_F(HostKernel, NamesTheSameInterfacesWithoutNetlink) {
  forbid();
  auto with = with_->links();
  const auto without = without_->links();
  ASSERT_TRUE(with) << with.error().message;
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_EQ(std::ranges::find(*with, "v0", &Link::name)->kind, "veth");
  EXPECT_EQ(std::ranges::find(*with, "br0", &Link::name)->kind, "bridge");
  EXPECT_EQ(std::ranges::find(*with, "v1", &Link::name)->master, index_of("br0"));
  for (Link& link : *with) {
    link.kind.clear();
    link.master = 0;
  }
  EXPECT_EQ(*with, *without);
}

TEST_F(HostKernel, SeesTheSameOfAnInterfaceWithoutCarrier) {
  ip({"link", "set", "v1", "down"});
  forbid();
  for (Host* host : {&*with_, &*without_}) {
    const auto links = host->links();
    ASSERT_TRUE(links) << links.error().message;
    const auto v0 = std::ranges::find(*links, "v0", &Link::name);
    EXPECT_TRUE(v0->up);
    EXPECT_FALSE(v0->carrier);
    EXPECT_FALSE(std::ranges::find(*links, "v1", &Link::name)->up);
  }
}

TEST_F(HostKernel, NamesTheSameIpv4AddressesWithoutNetlink) {
  for (int i = 1; i <= 200; ++i) {
    ip({"addr", "add", "10.77.0." + std::to_string(i) + "/24", "dev", "br0"});
  }
  forbid();
  auto with = with_->addresses();
  auto without = without_->addresses();
  ASSERT_TRUE(with) << with.error().message;
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_NE(std::ranges::find(*with, address("2001:db8::1"), &InterfaceAddress::address),
            with->end());
  std::erase_if(*with, [](const InterfaceAddress& entry) { return !entry.address.is_v4(); });
  for (auto* list : {&*with, &*without}) {
    std::ranges::sort(*list, {}, [](const InterfaceAddress& entry) {
      return std::tuple(entry.ifindex, entry.address);
    });
  }
  EXPECT_EQ(*with, *without);
  const auto found = std::ranges::find(*without, address("10.9.0.1"), &InterfaceAddress::address);
  ASSERT_NE(found, without->end());
  EXPECT_EQ(found->prefix_length, 16);
}

TEST_F(HostKernel, FindsWhereGroupsGoOutWithoutNetlink) {
  ip({"route", "add", "default", "via", "10.9.0.254", "dev", "v0"});
  ip({"route", "add", "224.0.0.0/4", "dev", "br0"});
  ip({"route", "add", "239.7.0.0/16", "dev", "v0", "metric", "5"});
  forbid();
  for (const char* group : {"239.1.1.1", "239.7.1.1"}) {
    const auto with = with_->route_to(address(group), std::nullopt);
    const auto without = without_->route_to(address(group), std::nullopt);
    ASSERT_TRUE(with) << group << ": " << with.error().message;
    ASSERT_TRUE(without) << group << ": " << without.error().message;
    EXPECT_EQ(*with, *without) << group;
  }
  for (Host* host : {&*with_, &*without_}) {
    const auto own = host->route_to(address("239.1.1.1"), address("10.9.0.1"));
    ASSERT_TRUE(own) << own.error().message;
    EXPECT_EQ(own->ifindex, index_of("v0"));
    EXPECT_FALSE(host->route_to(address("239.1.1.1"), address("10.55.0.1")));
  }
}

TEST_F(HostKernel, FindsNoWayWhereThereIsNone) {
  ip({"route", "add", "unreachable", "10.66.0.0/16"});
  forbid();
  for (const char* destination : {"203.0.113.1", "2001:db8:77::1", "10.66.0.1"}) {
    const auto route = with_->route_to(address(destination), std::nullopt);
    ASSERT_FALSE(route) << destination;
    EXPECT_EQ(route.error().code, ENETUNREACH) << destination;
    EXPECT_NE(route.error().message.find(destination), std::string::npos);
  }
  for (Host* host : {&*with_, &*without_}) {
    const auto route = host->route_to(address("239.1.1.1"), std::nullopt);
    ASSERT_FALSE(route);
    EXPECT_EQ(route.error().code, ENETUNREACH);
    EXPECT_NE(route.error().message.find("239.1.1.1"), std::string::npos);
  }
}

TEST_F(HostKernel, SaysWhatNeedsNetlink) {
  forbid();
  EXPECT_NE(without_->what_is_unknown().find("cannot open a netlink socket"), std::string::npos);
  const IpAddress group = address("239.1.1.1");
  EXPECT_EQ(without_->route_to(address("10.1.1.9"), std::nullopt).error().code, EOPNOTSUPP);
  EXPECT_EQ(without_->route_to(address("ff15::1"), std::nullopt).error().code, EOPNOTSUPP);
  EXPECT_EQ(without_->memberships(Family::kIpv4).error().code, EOPNOTSUPP);
  EXPECT_EQ(without_->multicast_routes().error().code, EOPNOTSUPP);
  EXPECT_EQ(without_->bridges().error().code, EOPNOTSUPP);
  EXPECT_EQ(without_->bridge_entries().error().code, EOPNOTSUPP);
  EXPECT_EQ(without_->accepts(group, address("10.1.1.9"), index_of("v0")).error().code, EOPNOTSUPP);
  EXPECT_FALSE(netlink::LinkMonitor::open());
}

}  // namespace
}  // namespace mcast::test
