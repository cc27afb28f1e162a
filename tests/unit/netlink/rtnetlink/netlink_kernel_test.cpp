// What netlink says against what /proc/net says, on the kernel that this runs on.
// The one test of this folder that needs root: each test moves its own process
// into a new network namespace, which ends with the process.
//
//   v0 ---- v1      both in that namespace; v0 has 10.1.1.1/24 and is used
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "netlink/host.h"
#include "netlink/host_reader.h"
#include "netlink/proc/proc_net.h"
#include "netlink/proc/source_filter_anchor.h"
#include "netlink/proc/sysctls.h"
#include "netlink/rtnetlink/link_monitor.h"
#include "tests/netns/forbid_netlink.h"
#include "tests/unit/netlink/kernel_network.h"

namespace mcast::test {
namespace {

using netlink::Membership;

sockaddr_storage socket_address(const IpAddress& address) {
  sockaddr_storage storage{};
  if (address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.bytes().data(), 4);
    std::memcpy(&storage, &v4, sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, address.bytes().data(), 16);
    std::memcpy(&storage, &v6, sizeof v6);
  }
  return storage;
}

class NetlinkKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!enter_new_network()) GTEST_SKIP() << "no permission to make a network namespace";
    add_veth();
    auto opened = netlink::Host::open();
    ASSERT_TRUE(opened) << opened.error().message;
    host_.emplace(std::move(*opened));
  }

  int new_socket(const IpAddress& group) {
    sockets_.emplace_back(::socket(group.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM, 0));
    return sockets_.back().get();
  }
  static void join(int socket, const IpAddress& group, const char* interface) {
    group_req request{};
    request.gr_interface = ::if_nametoindex(interface);
    request.gr_group = socket_address(group);
    ASSERT_EQ(::setsockopt(socket, group.is_v4() ? IPPROTO_IP : IPPROTO_IPV6, MCAST_JOIN_GROUP,
                           &request, sizeof request),
              0)
        << group.to_string() << ": " << errno_text(errno);
  }
  void join(const std::string& group, const char* interface = "v0") {
    const auto address = IpAddress::parse(group);
    ASSERT_TRUE(address);
    join(new_socket(*address), *address, interface);
  }
  void join_source(const std::string& group, const std::string& source) {
    const IpAddress address = IpAddress::parse(group).value();
    group_source_req request{};
    request.gsr_interface = ::if_nametoindex("v0");
    request.gsr_group = socket_address(address);
    request.gsr_source = socket_address(IpAddress::parse(source).value());
    ASSERT_EQ(::setsockopt(new_socket(address), IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &request,
                           sizeof request),
              0);
  }

  std::vector<Membership> proc(Family family) {
    if (family == Family::kIpv4) {
      auto text = netlink::read_proc_file("/proc/net/igmp");
      auto parsed = netlink::parse_proc_igmp(text.value());
      EXPECT_TRUE(parsed) << parsed.error().message;
      std::ranges::sort(parsed->memberships);
      return parsed->memberships;
    }
    auto text = netlink::read_proc_file("/proc/net/igmp6");
    auto parsed = netlink::parse_proc_igmp6(text.value());
    EXPECT_TRUE(parsed) << parsed.error().message;
    std::ranges::sort(*parsed);
    return *parsed;
  }
  // What netlink lists, with the users of /proc; skips the test on a kernel that
  // cannot list.
  std::vector<Membership> asked(Family family) {
    auto groups = host_->memberships(family);
    if (!groups) return {};
    return netlink::united(std::move(*groups), proc(family));
  }
  bool kernel_lists_ipv4() {
    const auto groups = host_->memberships(Family::kIpv4);
    return groups || groups.error().code != EOPNOTSUPP;
  }

  std::optional<netlink::Host> host_;
  std::vector<FileDescriptor> sockets_;
};

std::uint32_t users(const std::vector<Membership>& list, const std::string& group) {
  const IpAddress address = IpAddress::parse(group).value();
  const auto found = std::ranges::find(list, address, &Membership::group);
  return found == list.end() ? 0 : found->users;
}

TEST_F(NetlinkKernel, ListsTheSameMembershipsByNetlinkAndByProc) {
  if (!kernel_lists_ipv4()) GTEST_SKIP() << "Linux before 6.15";
  join("239.1.2.3");
  join("239.1.2.3");
  join("239.1.2.4", "v1");
  join("ff15::1234");
  join("ff15::1234");
  join_source("232.1.1.1", "10.1.1.7");
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    EXPECT_EQ(asked(family), proc(family));
  }
  EXPECT_EQ(users(asked(Family::kIpv4), "239.1.2.3"), 2U);
  EXPECT_EQ(users(asked(Family::kIpv4), "232.1.1.1"), 1U);
  EXPECT_EQ(users(asked(Family::kIpv6), "ff15::1234"), 2U);
  EXPECT_EQ(users(asked(Family::kIpv4), "239.1.2.5"), 0U);
}

TEST_F(NetlinkKernel, ListsTheSameMembershipsOfInterfacesThatAreDown) {
  if (!kernel_lists_ipv4()) GTEST_SKIP() << "Linux before 6.15";
  join("239.1.2.3");
  ip({"link", "set", "v0", "down"});
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    EXPECT_EQ(asked(family), proc(family));
  }
  EXPECT_EQ(users(asked(Family::kIpv4), "239.1.2.3"), 1U);
}

TEST_F(NetlinkKernel, ListsTenThousandGroupsAlike) {
  if (!kernel_lists_ipv4()) GTEST_SKIP() << "Linux before 6.15";
  ASSERT_TRUE(std::ofstream("/proc/sys/net/ipv4/igmp_max_memberships") << 10'000 << std::flush);
  // The memory for options (net.core.optmem_max) bounds the groups of one socket.
  int socket = -1;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const IpAddress group = IpAddress::v4(0xEF000000 + i);
    if (i % 500 == 0) socket = new_socket(group);
    join(socket, group, "v0");
  }
  const auto listed = asked(Family::kIpv4);
  EXPECT_GT(listed.size(), 10'000U);
  EXPECT_EQ(listed, proc(Family::kIpv4));
}

TEST_F(NetlinkKernel, FindsTheWayToAGroup) {
  const IpAddress group = IpAddress::parse("239.1.1.1").value();
  const auto none = host_->route_to(group, std::nullopt);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ENETUNREACH);
  EXPECT_NE(none.error().message.find("239.1.1.1"), std::string::npos);

  ip({"route", "add", "224.0.0.0/4", "dev", "v0"});
  const auto route = host_->route_to(group, std::nullopt);
  ASSERT_TRUE(route) << route.error().message;
  EXPECT_EQ(route->ifindex, static_cast<int>(::if_nametoindex("v0")));
  EXPECT_EQ(route->preferred_source, IpAddress::parse("10.1.1.1").value());
}

TEST_F(NetlinkKernel, FindsTheWayToAGroupOfIpv6ByTheInterfaceThatIsAskedFor) {
  const IpAddress group = IpAddress::parse("ff1e::8000:1").value();
  for (const char* const name : {"v0", "v1"}) {
    const int index = static_cast<int>(::if_nametoindex(name));
    const auto route = host_->route_to(group, std::nullopt, index);
    ASSERT_TRUE(route) << route.error().message;
    EXPECT_EQ(route->ifindex, index);
    EXPECT_EQ(route->mtu, 0U);
    EXPECT_EQ(route->mtu_expires, 0U);
  }
}

TEST_F(NetlinkKernel, TellsTheMtuOfARoute) {
  ip({"route", "add", "10.9.0.0/24", "via", "10.1.1.9", "mtu", "1280"});
  const auto route = host_->route_to(IpAddress::parse("10.9.0.1").value(), std::nullopt);
  ASSERT_TRUE(route) << route.error().message;
  EXPECT_EQ(route->mtu, 1280U);
  EXPECT_EQ(route->mtu_expires, 0U);
}

TEST_F(NetlinkKernel, FindsTheInterfaceOfASourceAddressButNotOfAForeignOne) {
  const IpAddress group = IpAddress::parse("239.1.1.1").value();
  const auto own = host_->route_to(group, IpAddress::parse("10.1.1.1").value());
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(own->ifindex, static_cast<int>(::if_nametoindex("v0")));
  EXPECT_FALSE(host_->route_to(group, IpAddress::parse("10.9.9.9").value()));
}

TEST_F(NetlinkKernel, HearsOfAChangeAndOfNothingElse) {
  auto monitor = netlink::LinkMonitor::open();
  ASSERT_TRUE(monitor) << monitor.error().message;
  EXPECT_EQ(monitor->drain().value(), false);
  ip({"link", "set", "v1", "down"});
  EXPECT_EQ(monitor->drain().value(), true);
  EXPECT_EQ(monitor->drain().value(), false);
}

TEST_F(NetlinkKernel, ReadsTheWholeHost) {
  join("239.1.2.3");
  join("ff15::1");
  auto reader = netlink::HostReader::open("/proc");
  ASSERT_TRUE(reader) << reader.error().message;
  const auto before = reader->read();
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(before->links.size(), 3U);
  EXPECT_EQ(users(before->memberships, "239.1.2.3"), 1U);
  EXPECT_EQ(users(before->memberships, "ff15::1"), 1U);
  join("239.1.2.4");
  const auto after = reader->read();
  ASSERT_TRUE(after) << after.error().message;
  for (const auto& change : after->changes) {
    const bool is_it = change.interface == "v0" && change.family == Family::kIpv4;
    EXPECT_EQ(change.joins, is_it ? 1U : 0U) << change.interface;
    EXPECT_EQ(change.leaves, 0U) << change.interface;
  }
}

TEST_F(NetlinkKernel, ReadsTheWholeHostWithoutNetlinkToo) {
  join("239.1.2.3");
  join("ff15::1");
  const auto by_netlink = netlink::HostReader::open("/proc")->read();
  ASSERT_TRUE(by_netlink) << by_netlink.error().message;
  ASSERT_TRUE(forbid_netlink(EPERM));
  auto reader = netlink::HostReader::open("/proc");
  ASSERT_TRUE(reader) << reader.error().message;
  const auto before = reader->read();
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(reader->membership_source(), netlink::MembershipSource::kProc);
  EXPECT_EQ(before->links.size(), 3U);
  EXPECT_EQ(users(before->memberships, "239.1.2.3"), 1U);
  EXPECT_EQ(users(before->memberships, "ff15::1"), 1U);
  EXPECT_TRUE(std::ranges::is_sorted(before->memberships));
  EXPECT_EQ(before->memberships, by_netlink->memberships);
  sockets_.clear();
  const auto after = reader->read();
  ASSERT_TRUE(after) << after.error().message;
  for (const auto& change : after->changes) {
    EXPECT_EQ(change.joins, 0U) << change.interface;
    // One of each family.
    EXPECT_EQ(change.leaves, change.interface == "v0" ? 1U : 0U) << change.interface;
  }
}

TEST_F(NetlinkKernel, ReadsEverySourceFilterAndNothingThatIsThereToReadThem) {
  join_source("232.1.1.1", "10.1.1.7");
  join("239.1.2.3");  // newer, without a source: hides the other from /proc/net/mcfilter
  auto reader = netlink::HostReader::open("/proc");
  ASSERT_TRUE(reader) << reader.error().message;
  std::optional<netlink::SourceFilterAnchor> of_another_program;
  for (int i = 0; i < 3; ++i) {
    const auto snapshot = reader->read();
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    EXPECT_EQ(
        snapshot->source_filters,
        (std::vector{netlink::SourceFilter{.ifindex = static_cast<int>(::if_nametoindex("v0")),
                                           .group = IpAddress::parse("232.1.1.1").value(),
                                           .source = IpAddress::parse("10.1.1.7").value(),
                                           .includes = 1,
                                           .excludes = 0}}));
    EXPECT_EQ(users(snapshot->memberships, "232.255.255.255"), 0U);
    for (const auto& entry : snapshot->memberships) {
      EXPECT_FALSE(netlink::is_source_filter_anchor(entry.ifindex, entry.group));
    }
    for (const auto& change : snapshot->changes) {
      EXPECT_EQ(change.joins + change.leaves, 0U) << change.interface;
    }
    // There while the second one reads, gone again before the third.
    if (i == 0) {
      of_another_program.emplace();
    } else {
      of_another_program.reset();
    }
  }
}

}  // namespace
}  // namespace mcast::test
