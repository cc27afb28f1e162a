// What the kernel says of multicast forwarding, of snooping bridges and of what it would
// accept. Each test moves its own process into a new
// network namespace, which ends with the process.
//
//   v0 ---- v1 [br0]      v0 has 10.1.1.1/24, br0 snoops and is the querier
//   w0 ---- w1            w0 has 10.2.1.1/24
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

// After netinet/in.h, whose structures it would else define again.
#include <linux/mroute.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "netlink/host.h"
#include "netlink/proc/sysctls.h"
#include "tests/unit/netlink/kernel_network.h"

namespace mcast::test {
namespace {

using netlink::BridgeEntry;
using netlink::Host;
using netlink::MulticastRoute;

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}

in_addr raw(const char* text) {
  return in_addr{.s_addr = htonl(address(text).v4_host_order())};
}

int index_of(const char* name) {
  return static_cast<int>(::if_nametoindex(name));
}

void write(const std::string& file, const std::string& text) {
  ASSERT_TRUE(std::ofstream(file) << text << std::flush) << file;
}

bool happens(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    (void)::poll(nullptr, 0, 5);
  }
  return true;
}

// What a multicast routing daemon does; ends with its socket.
class Router {
 public:
  Router() : socket_(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_IGMP)) {
    const int one = 1;
    EXPECT_EQ(::setsockopt(socket_.get(), IPPROTO_IP, MRT_INIT, &one, sizeof one), 0);
  }
  void add_interface(vifi_t number, const char* name) const {
    vifctl vif{};
    vif.vifc_vifi = number;
    vif.vifc_flags = VIFF_USE_IFINDEX;
    vif.vifc_threshold = 1;
    vif.vifc_lcl_ifindex = index_of(name);
    EXPECT_EQ(::setsockopt(socket_.get(), IPPROTO_IP, MRT_ADD_VIF, &vif, sizeof vif), 0);
  }
  // Out to interface number 1.
  void add_route(const char* source, const char* group, vifi_t from, std::uint8_t ttl) const {
    mfcctl route{};
    route.mfcc_origin = raw(source);
    route.mfcc_mcastgrp = raw(group);
    route.mfcc_parent = from;
    route.mfcc_ttls[1] = ttl;
    EXPECT_EQ(::setsockopt(socket_.get(), IPPROTO_IP, MRT_ADD_MFC, &route, sizeof route), 0);
  }

 private:
  FileDescriptor socket_;
};

class ForwardingKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!enter_new_network()) GTEST_SKIP() << "no permission to make a network namespace";
    add_veth();
    ip({"link", "add", "w0", "type", "veth", "peer", "name", "w1"});
    ip({"addr", "add", "10.2.1.1/24", "dev", "w0"});
    ip({"link", "set", "w0", "up"});
    ip({"link", "set", "w1", "up"});
    for (const char* name : {"all", "v0", "w0"}) {
      write(std::string("/proc/sys/net/ipv4/conf/") + name + "/rp_filter", "0");
    }
    auto host = Host::open();
    ASSERT_TRUE(host) << host.error().message;
    host_.emplace(std::move(*host));
  }
  static void add_bridge() {
    ip({"link", "add", "br0", "type", "bridge", "mcast_snooping", "1", "mcast_querier", "1",
        "mcast_igmp_version", "3"});
    ip({"link", "set", "v1", "master", "br0"});
    ip({"link", "set", "br0", "up"});
  }
  void join(const char* group, const char* interface, const char* source = nullptr) {
    sockets_.emplace_back(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    group_source_req request{};
    request.gsr_interface = static_cast<std::uint32_t>(index_of(interface));
    set(request.gsr_group, group);
    if (source != nullptr) {
      set(request.gsr_source, source);
      ASSERT_EQ(::setsockopt(sockets_.back().get(), IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &request,
                             sizeof request),
                0);
      return;
    }
    group_req any{};
    any.gr_interface = request.gsr_interface;
    any.gr_group = request.gsr_group;
    ASSERT_EQ(::setsockopt(sockets_.back().get(), IPPROTO_IP, MCAST_JOIN_GROUP, &any, sizeof any),
              0);
  }
  static void send(const char* group, const char* interface) {
    const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ip_mreqn out{};
    out.imr_ifindex = index_of(interface);
    const int ttl = 5;
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(19779);
    to.sin_addr = raw(group);
    ASSERT_EQ(::setsockopt(socket.get(), IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out), 0);
    ASSERT_EQ(::setsockopt(socket.get(), IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl), 0);
    const std::array<char, 100> payload{};
    ASSERT_GT(::sendto(socket.get(), payload.data(), payload.size(), 0,
                       reinterpret_cast<const sockaddr*>(&to), sizeof to),
              0);
  }
  bool accepts(const char* group, const char* source, const char* interface = "v0") {
    const auto answer = host_->accepts(address(group), address(source), index_of(interface));
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or(false);
  }

  std::optional<Host> host_;
  std::vector<FileDescriptor> sockets_;

 private:
  static void set(sockaddr_storage& storage, const char* text) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr = raw(text);
    std::memcpy(&storage, &v4, sizeof v4);
  }
};

TEST_F(ForwardingKernel, NamesNoRouteWhereNobodyRoutes) {
  const auto routes = host_->multicast_routes();
  ASSERT_TRUE(routes) << routes.error().message;
  EXPECT_TRUE(routes->empty());
  EXPECT_FALSE(netlink::is_multicast_router("/proc").value());
  EXPECT_FALSE(netlink::forwards_multicast("/proc", "v0").value());
}

TEST_F(ForwardingKernel, NamesRoutesAndWhatWaitsForOne) {
  const Router router;
  router.add_interface(0, "v0");
  router.add_interface(1, "w0");
  router.add_route("10.1.1.1", "239.1.1.1", 0, 3);
  send("239.1.1.1", "v0");  // counted as one that arrived at v0
  send("239.9.9.9", "w0");  // nobody answers for it
  EXPECT_TRUE(netlink::is_multicast_router("/proc").value());
  EXPECT_TRUE(netlink::forwards_multicast("/proc", "v0").value());
  EXPECT_FALSE(netlink::forwards_multicast("/proc", "v1").value());
  const auto routes = host_->multicast_routes();
  ASSERT_TRUE(routes) << routes.error().message;
  EXPECT_EQ(
      *routes,
      (std::vector{MulticastRoute{.source = address("10.1.1.1"),
                                  .group = address("239.1.1.1"),
                                  .incoming = index_of("v0"),
                                  .outgoing = {{.ifindex = index_of("w0"), .ttl_threshold = 3}},
                                  .packets = 1,
                                  .bytes = 128,
                                  .wrong_interface_packets = 0},
                   MulticastRoute{.source = address("10.2.1.1"),
                                  .group = address("239.9.9.9"),
                                  .incoming = 0,
                                  .outgoing = {},
                                  .packets = 0,
                                  .bytes = 0,
                                  .wrong_interface_packets = 0}}));
}

TEST_F(ForwardingKernel, CountsPacketsAtTheWrongInterface) {
  const Router router;
  router.add_interface(0, "v0");
  router.add_interface(1, "w0");
  router.add_route("10.1.1.7", "239.1.1.1", 1, 1);
  // What this host sends itself is not counted there, so it comes in from the other end;
  // which is this host's too.
  write("/proc/sys/net/ipv4/conf/v0/accept_local", "1");
  ip({"addr", "add", "10.1.1.7/24", "dev", "v1"});
  send("239.1.1.1", "v1");
  EXPECT_TRUE(happens([&] {
    const auto routes = host_->multicast_routes();
    return routes && routes->size() == 1 && (*routes)[0].wrong_interface_packets == 1;
  }));
  EXPECT_EQ(host_->multicast_routes()->front().incoming, index_of("w0"));
}

TEST_F(ForwardingKernel, ReadsABridge) {
  EXPECT_TRUE(host_->bridges()->empty());
  add_bridge();
  auto bridges = host_->bridges();
  ASSERT_TRUE(bridges) << bridges.error().message;
  ASSERT_EQ(bridges->size(), 1U);
  EXPECT_EQ(bridges->front().ifindex, index_of("br0"));
  EXPECT_TRUE(bridges->front().snooping);
  EXPECT_TRUE(bridges->front().querier);
  EXPECT_EQ(bridges->front().heard_querier.has_value(), bridges->front().knows_querier);
  ip({"link", "set", "br0", "type", "bridge", "mcast_querier", "0"});
  bridges = host_->bridges();
  ASSERT_TRUE(bridges) << bridges.error().message;
  EXPECT_FALSE(bridges->front().querier);
  EXPECT_EQ(bridges->front().heard_querier, std::nullopt);
}

TEST_F(ForwardingKernel, NamesWhatIsWantedBehindThePortOfABridgeAndNothingElse) {
  EXPECT_TRUE(host_->bridge_entries()->empty());
  add_bridge();
  join("239.5.5.5", "v0");
  join("239.5.5.6", "br0");
  join("232.5.5.5", "v0", "10.1.1.9");
  const auto of = [&](const char* group) {
    auto entries = host_->bridge_entries();
    EXPECT_TRUE(entries) << entries.error().message;
    std::erase_if(*entries,
                  [&](const BridgeEntry& entry) { return entry.group != address(group); });
    return *entries;
  };
  // Reports are sent a moment later, and a port does not forward them at once.
  EXPECT_TRUE(happens([&] { return !of("239.5.5.5").empty() && !of("232.5.5.5").empty(); }));
  EXPECT_EQ(of("239.5.5.5"), (std::vector{BridgeEntry{.bridge = index_of("br0"),
                                                      .port = index_of("v1"),
                                                      .group = address("239.5.5.5"),
                                                      .source = std::nullopt,
                                                      .blocked = false}}));
  EXPECT_EQ(of("239.5.5.6"), (std::vector{BridgeEntry{.bridge = index_of("br0"),
                                                      .port = index_of("br0"),
                                                      .group = address("239.5.5.6"),
                                                      .source = std::nullopt,
                                                      .blocked = false}}));
  EXPECT_EQ(of("232.5.5.5"), (std::vector{BridgeEntry{.bridge = index_of("br0"),
                                                      .port = index_of("v1"),
                                                      .group = address("232.5.5.5"),
                                                      .source = address("10.1.1.9"),
                                                      .blocked = false}}));
  EXPECT_TRUE(of("239.5.5.7").empty());
}

TEST_F(ForwardingKernel, NamesADatabaseLongerThanOneMessage) {
  add_bridge();
  ip({"link", "set", "br0", "type", "bridge", "mcast_hash_max", "8192"});
  write("/proc/sys/net/ipv4/igmp_max_memberships", "2000");
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  int joined = 0;
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    ip_mreqn request{};
    request.imr_multiaddr.s_addr = htonl(0xEF200000 + i);
    request.imr_ifindex = index_of("br0");
    if (i % 400 == 0) sockets_.emplace_back(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    joined += ::setsockopt(sockets_.back().get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
                           sizeof request) == 0
                  ? 1
                  : 0;
  }
  ASSERT_EQ(joined, 1'000);
  EXPECT_TRUE(happens([&] { return host_->bridge_entries()->size() >= 1'000; }));
}

TEST_F(ForwardingKernel, AcceptsWhatIsJoinedThereAndNothingElse) {
  join("239.5.5.5", "v0");
  EXPECT_TRUE(accepts("239.5.5.5", "10.1.1.9"));
  EXPECT_FALSE(accepts("239.5.5.6", "10.1.1.9"));
  EXPECT_FALSE(accepts("239.5.5.5", "10.1.1.9", "w0"));
}

TEST_F(ForwardingKernel, AcceptsOnlyTheSourcesThatAreJoined) {
  join("232.5.5.5", "v0", "10.1.1.9");
  EXPECT_TRUE(accepts("232.5.5.5", "10.1.1.9"));
  EXPECT_FALSE(accepts("232.5.5.5", "10.1.1.8"));
}

TEST_F(ForwardingKernel, AcceptsOnlyWhatTheReversePathFilterLetsThrough) {
  join("239.5.5.5", "v0");
  EXPECT_TRUE(accepts("239.5.5.5", "10.2.1.9"));
  write("/proc/sys/net/ipv4/conf/v0/rp_filter", "1");
  EXPECT_EQ(netlink::reverse_path_filter("/proc", "v0").value(),
            netlink::ReversePathFilter::kStrict);
  EXPECT_FALSE(accepts("239.5.5.5", "10.2.1.9"));
  EXPECT_TRUE(accepts("239.5.5.5", "10.1.1.9"));
  write("/proc/sys/net/ipv4/conf/all/rp_filter", "2");
  EXPECT_EQ(netlink::reverse_path_filter("/proc", "v0").value(),
            netlink::ReversePathFilter::kLoose);
  EXPECT_TRUE(accepts("239.5.5.5", "10.2.1.9"));
  EXPECT_FALSE(accepts("239.5.5.5", "203.0.113.9"));
}

TEST_F(ForwardingKernel, AcceptsOnARouterOnlyWhatIsJoinedToo) {
  const Router router;
  router.add_interface(0, "v0");
  router.add_interface(1, "w0");
  router.add_route("10.1.1.9", "239.5.5.6", 0, 1);
  join("239.5.5.5", "v0");
  EXPECT_TRUE(accepts("239.5.5.5", "10.1.1.9"));
  EXPECT_FALSE(accepts("239.5.5.6", "10.1.1.9"));
}

TEST_F(ForwardingKernel, SaysWhyItCannotSayWhatIsAccepted) {
  const auto code = [&](const char* group, const char* source, int ifindex) {
    const auto answer = host_->accepts(address(group), address(source), ifindex);
    return answer ? 0 : answer.error().code;
  };
  EXPECT_EQ(code("239.5.5.5", "10.1.1.9", 4711), ENODEV);
  EXPECT_EQ(code("239.5.5.5", "10.1.1.9", 0), ENODEV);
  EXPECT_EQ(code("ff15::1", "2001:db8::1", index_of("v0")), EOPNOTSUPP);
  EXPECT_FALSE(host_->accepts(address("10.1.1.1"), address("10.1.1.9"), index_of("v0")));
}

}  // namespace
}  // namespace mcast::test
