// Files of a Linux 6.18 kernel, and forged ones.
#include "netlink/proc/proc_multicast_routes.h"

#include <gtest/gtest.h>

#include <string>

namespace mcast::netlink {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

constexpr std::string_view kVifTitle =
    "Interface      BytesIn  PktsIn  BytesOut PktsOut Flags Local    Remote\n";
constexpr std::string_view kVif =
    " 0 v0                0       0         0       0 00008 00000003 00000000\n"
    " 2 br0             100       1         0       0 00008 00000006 00000000\n";
constexpr std::string_view kTitle = "Group    Origin   Iif     Pkts    Bytes    Wrong Oifs\n";
constexpr std::string_view kCache =
    "010101EF 0201010A 0          3      300        4  1:1    2:3  \n"
    "090909EF 0101020A -1         0        0        0\n"
    "080808EF 0101020A 65535        0        0        0\n";
constexpr std::string_view kTitle6 =
    "Group                            Origin                           Iif      Pkts  Bytes    "
    " Wrong  Oifs\n";
constexpr std::string_view kCache6 =
    "ff15:0000:0000:0000:0000:0000:0000:0001 2001:0db8:0000:0000:0000:0000:0000:0001 0         "
    " 0        0        0  1:1  \n";

const RouterInterfaces kInterfaces{{0, 30}, {1, 31}, {2, 32}};

std::string text(std::string_view title, std::string_view rest) {
  return std::string(title) + std::string(rest);
}

TEST(ProcMulticastRoutes, ReadsTheInterfacesOfTheRouter) {
  const auto interfaces = parse_proc_mr_vif(text(kVifTitle, kVif));
  ASSERT_TRUE(interfaces) << interfaces.error().message;
  EXPECT_EQ(*interfaces, (std::map<int, std::string>{{0, "v0"}, {2, "br0"}}));
}

TEST(ProcMulticastRoutes, ReadsIpv4) {
  const auto routes = parse_proc_mr_cache(text(kTitle, kCache), Family::kIpv4, kInterfaces);
  ASSERT_TRUE(routes) << routes.error().message;
  ASSERT_EQ(routes->size(), 3U);
  EXPECT_EQ((*routes)[0], (MulticastRoute{.source = ip("10.1.1.2"),
                                          .group = ip("239.1.1.1"),
                                          .incoming = 30,
                                          .outgoing = {{.ifindex = 31, .ttl_threshold = 1},
                                                       {.ifindex = 32, .ttl_threshold = 3}},
                                          .packets = 3,
                                          .bytes = 300,
                                          .wrong_interface_packets = 4}));
}

TEST(ProcMulticastRoutes, ReadsThoseThatAreNotResolved) {
  const auto routes = parse_proc_mr_cache(text(kTitle, kCache), Family::kIpv4, kInterfaces);
  ASSERT_TRUE(routes) << routes.error().message;
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ((*routes)[i].incoming, 0);
    EXPECT_TRUE((*routes)[i].outgoing.empty());
  }
}

TEST(ProcMulticastRoutes, ReadsIpv6) {
  const auto routes = parse_proc_mr_cache(text(kTitle6, kCache6), Family::kIpv6, kInterfaces);
  ASSERT_TRUE(routes) << routes.error().message;
  ASSERT_EQ(routes->size(), 1U);
  EXPECT_EQ((*routes)[0].source, ip("2001:db8::1"));
  EXPECT_EQ((*routes)[0].group, ip("ff15::1"));
  EXPECT_EQ((*routes)[0].incoming, 30);
}

TEST(ProcMulticastRoutes, LeavesOutInterfacesThatWentMeanwhile) {
  const auto routes = parse_proc_mr_cache(text(kTitle, kCache), Family::kIpv4, {{1, 31}});
  ASSERT_TRUE(routes) << routes.error().message;
  EXPECT_EQ((*routes)[0].incoming, 0);
  ASSERT_EQ((*routes)[0].outgoing.size(), 1U);
}

TEST(ProcMulticastRoutes, AreNoneInFilesWithNothingButATitle) {
  EXPECT_TRUE(parse_proc_mr_vif(kVifTitle)->empty());
  EXPECT_TRUE(parse_proc_mr_cache(kTitle, Family::kIpv4, kInterfaces)->empty());
  EXPECT_TRUE(parse_proc_mr_cache("", Family::kIpv4, kInterfaces)->empty());
}

TEST(ProcMulticastRoutes, RefusesOtherTextAndSaysWhere) {
  for (const std::string_view line :
       {"x", "010101EF", "010101EF 0201010A 0 3 300", "010101EF 0201010A 0 3 300 -1",
        "010101EF 0201010A 0 3 300 4 1", "010101EF 0201010A 0 3 300 4 1:256",
        "010101EF 0201010A 0 3 300 4 1:1:1", "0101010A 0201010A 0 3 300 4",
        "010101EF010101EF010101EF010101EF 0201010A 0 3 300 4", "010101EF ::1 0 3 300 4"}) {
    const auto routes = parse_proc_mr_cache(text(kTitle, line), Family::kIpv4, kInterfaces);
    ASSERT_FALSE(routes) << line;
    EXPECT_NE(routes.error().message.find("line 2"), std::string::npos);
  }
  for (const std::string_view line : {"x v0", "0", "-1 v0"}) {
    EXPECT_FALSE(parse_proc_mr_vif(text(kVifTitle, line))) << line;
  }
}

TEST(ProcMulticastRoutes, SurviveEveryCut) {
  const std::string whole = text(kTitle, kCache);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    (void)parse_proc_mr_cache(whole.substr(0, length), Family::kIpv4, kInterfaces);
  }
}

}  // namespace
}  // namespace mcast::netlink
