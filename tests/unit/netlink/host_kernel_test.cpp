// The two ways to ask a host, against each other, on the kernel that this runs on. Each
// test moves its own process into a new network namespace, which ends with the process.
//
//   v0 ---- v1 [br0]      v0 has 10.1.1.1/24, 10.1.1.5/24, 10.9.0.1/16 and 2001:db8::1/64,
//   d0 ---- d1            br0 10.1.1.2/24, d0 (down) 192.0.2.1/32
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "netlink/host.h"
#include "tests/unit/netlink/kernel_network.h"

namespace mcast::test {
namespace {

using netlink::Host;
using netlink::Link;

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

int index_of(const char* name) {
  return static_cast<int>(::if_nametoindex(name));
}

// From here on the process can make no netlink socket: what a sandbox with
// RestrictAddressFamilies= does.
void forbid_netlink() {
  constexpr unsigned kFamily = offsetof(seccomp_data, args);  // of a little-endian machine
  std::array program{
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_socket},
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, kFamily},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, AF_NETLINK},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EAFNOSUPPORT},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
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
    auto with = Host::open();
    ASSERT_TRUE(with) << with.error().message;
    with_.emplace(std::move(*with));
    auto without = Host::without_netlink();
    ASSERT_TRUE(without) << without.error().message;
    without_.emplace(std::move(*without));
  }

  std::optional<Host> with_;
  std::optional<Host> without_;
};

TEST_F(HostKernel, NamesTheSameInterfaces) {
  auto with = with_->links();
  const auto without = without_->links();
  ASSERT_TRUE(with) << with.error().message;
  ASSERT_TRUE(without) << without.error().message;
  const auto kind_of = [](const std::vector<Link>& links, const std::string& name) {
    return std::ranges::find(links, name, &Link::name)->kind;
  };
  EXPECT_EQ(kind_of(*with, "v0"), "veth");
  EXPECT_EQ(kind_of(*with, "br0"), "bridge");
  EXPECT_EQ(kind_of(*without, "br0"), "bridge");
  EXPECT_EQ(std::ranges::find(*with, "v1", &Link::name)->master, index_of("br0"));
  for (Link& link : *with) {
    if (link.kind != "bridge") link.kind.clear();
  }
  EXPECT_EQ(*with, *without);
}

TEST_F(HostKernel, SeesTheSameOfAnInterfaceWithoutCarrier) {
  ip({"link", "set", "v1", "down"});
  for (Host* host : {&*with_, &*without_}) {
    const auto links = host->links();
    ASSERT_TRUE(links) << links.error().message;
    const auto v0 = std::ranges::find(*links, "v0", &Link::name);
    EXPECT_TRUE(v0->up);
    EXPECT_FALSE(v0->carrier);
    EXPECT_FALSE(std::ranges::find(*links, "v1", &Link::name)->up);
  }
}

TEST_F(HostKernel, NamesTheSameAddressesSecondaryOnesToo) {
  auto with = with_->addresses();
  auto without = without_->addresses();
  ASSERT_TRUE(with) << with.error().message;
  ASSERT_TRUE(without) << without.error().message;
  const auto sort = [](std::vector<netlink::InterfaceAddress>& list) {
    std::ranges::sort(list, {}, [](const netlink::InterfaceAddress& entry) {
      return std::pair(entry.ifindex, entry.address);
    });
  };
  sort(*with);
  sort(*without);
  EXPECT_EQ(*with, *without);
  const auto found =
      std::ranges::find(*without, address("10.9.0.1"), &netlink::InterfaceAddress::address);
  ASSERT_NE(found, without->end());
  EXPECT_EQ(found->prefix_length, 16);
}

TEST_F(HostKernel, NamesManyAddresses) {
  for (int i = 1; i <= 200; ++i) {
    ip({"addr", "add", "10.77.0." + std::to_string(i) + "/24", "dev", "br0"});
  }
  EXPECT_EQ(with_->addresses()->size(), without_->addresses()->size());
}

TEST_F(HostKernel, FindsTheSameWays) {
  ip({"route", "add", "default", "via", "10.9.0.254", "dev", "v0"});
  ip({"route", "add", "224.0.0.0/4", "dev", "br0"});
  ip({"route", "add", "239.7.0.0/16", "dev", "v0", "metric", "5"});
  ip({"-6", "route", "add", "2001:db8:5::/48", "via", "2001:db8::99", "dev", "v0"});
  for (const char* destination : {"239.1.1.1", "239.7.1.1", "192.0.2.77", "10.9.3.3", "10.1.1.1",
                                  "2001:db8::7", "2001:db8:5::7"}) {
    const auto with = with_->route_to(address(destination), std::nullopt);
    const auto without = without_->route_to(address(destination), std::nullopt);
    ASSERT_TRUE(with) << destination << ": " << with.error().message;
    ASSERT_TRUE(without) << destination << ": " << without.error().message;
    EXPECT_EQ(with->ifindex, without->ifindex) << destination;
    EXPECT_EQ(with->preferred_source, without->preferred_source) << destination;
    EXPECT_EQ(with->gateway, without->gateway) << destination;
  }
  const auto own = without_->route_to(address("239.1.1.1"), address("10.9.0.1"));
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(own->ifindex, index_of("v0"));
  EXPECT_EQ(with_->route_to(address("239.1.1.1"), address("10.9.0.1"))->ifindex, own->ifindex);
  for (Host* host : {&*with_, &*without_}) {
    EXPECT_FALSE(host->route_to(address("239.1.1.1"), address("10.55.0.1")));
  }
}

TEST_F(HostKernel, FindsTheWayOfAnIpv6GroupBySourceAddress) {
  const auto route = without_->route_to(address("ff15::1"), address("2001:db8::1"));
  ASSERT_TRUE(route) << route.error().message;
  EXPECT_EQ(route->ifindex, index_of("v0"));
}

TEST_F(HostKernel, FindsNoWayWhereThereIsNone) {
  ip({"route", "add", "unreachable", "10.66.0.0/16"});
  for (const char* destination : {"239.1.1.1", "203.0.113.1", "2001:db8:77::1"}) {
    for (Host* host : {&*with_, &*without_}) {
      const auto route = host->route_to(address(destination), std::nullopt);
      ASSERT_FALSE(route) << destination;
      EXPECT_EQ(route.error().code, ENETUNREACH) << destination;
      EXPECT_NE(route.error().message.find(destination), std::string::npos);
    }
  }
  EXPECT_FALSE(without_->route_to(address("10.66.0.1"), std::nullopt));
}

TEST_F(HostKernel, NamesTheSameMemberships) {
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ip_mreqn join{};
  join.imr_multiaddr.s_addr = htonl(0xEF010203);
  join.imr_ifindex = index_of("v0");
  ASSERT_EQ(::setsockopt(socket.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join), 0);
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const auto with = with_->memberships(family);
    auto without = without_->memberships(family);
    ASSERT_TRUE(without) << without.error().message;
    const netlink::Membership mine{
        .ifindex = index_of("v0"), .group = address("239.1.2.3"), .users = 1};
    EXPECT_EQ(std::ranges::count(*without, mine), family == Family::kIpv4 ? 1 : 0);
    if (!with && with.error().code == EOPNOTSUPP) continue;
    for (netlink::Membership& entry : *without) entry.users = 0;
    EXPECT_EQ(*with, *without);
  }
}

TEST_F(HostKernel, AnswersWhereNetlinkIsForbidden) {
  const auto before = with_->links();
  forbid_netlink();
  EXPECT_FALSE(Host::open());
  auto host = Host::without_netlink();
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_EQ(host->way(), Host::Way::kProc);
  EXPECT_EQ(host->links()->size(), before->size());
  EXPECT_TRUE(host->addresses());
  EXPECT_TRUE(host->route_to(address("10.1.1.9"), std::nullopt));
  EXPECT_TRUE(host->memberships(Family::kIpv4));
  EXPECT_TRUE(host->memberships(Family::kIpv6));
  EXPECT_TRUE(host->multicast_routes());
}

TEST_F(HostKernel, SaysWhatNeedsNetlink) {
  EXPECT_EQ(without_->bridge_entries().error().code, EOPNOTSUPP);
  EXPECT_EQ(
      without_->accepts(address("239.1.1.1"), address("10.1.1.9"), index_of("v0")).error().code,
      EOPNOTSUPP);
}

}  // namespace
}  // namespace mcast::test
