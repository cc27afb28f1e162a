// Files of a Linux 6.18 kernel, and forged ones.
#include "netlink/proc/proc_routes.h"

#include <gtest/gtest.h>

#include <string>

#include "netlink/proc/proc_interfaces.h"

namespace mcast::netlink {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

constexpr std::string_view kRoutes =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "v0\t00000000\tFE01010A\t0003\t0\t0\t100\t00000000\t0\t0\t0   \n"
    "v0\t0001010A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0   \n"
    "br0\t0001010A\t00000000\t0001\t0\t0\t10\t00FFFFFF\t0\t0\t0   \n"
    "*\t0002010A\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0   \n"
    "v2\t000000E0\t00000000\t0001\t0\t0\t0\t000000F0\t0\t0\t0   \n";
constexpr std::string_view kRoutes6 =
    "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
    "00000000000000000000000000000000 00000100 00000001 00000000 00000001       v1\n"
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
    "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n"
    "ff000000000000000000000000000000 08 00000000000000000000000000000000 00 "
    "00000000000000000000000000000000 00000100 00000002 00000000 00000001       v1\n"
    "ff000000000000000000000000000000 08 00000000000000000000000000000000 00 "
    "00000000000000000000000000000000 00000100 00000002 00000000 00000001       v0\n";

TEST(ProcRoutes, ReadsWhereAndHow) {
  const auto routes = parse_proc_route(kRoutes);
  ASSERT_TRUE(routes) << routes.error().message;
  ASSERT_EQ(routes->size(), 4U);  // not the one that rejects
  EXPECT_EQ((*routes)[0], (TableRoute{.destination = ip("0.0.0.0"),
                                      .prefix_length = 0,
                                      .gateway = ip("10.1.1.254"),
                                      .metric = 100,
                                      .interface = "v0"}));
  EXPECT_EQ((*routes)[3], (TableRoute{.destination = ip("224.0.0.0"),
                                      .prefix_length = 4,
                                      .gateway = std::nullopt,
                                      .metric = 0,
                                      .interface = "v2"}));
}

TEST(ProcRoutes, FindsTheLongestPrefixAndOfThoseTheLowestMetric) {
  const auto table = parse_proc_route(kRoutes).value();
  const auto interfaces = [&](std::string_view destination) {
    std::string names;
    for (const auto& route : best_routes(table, ip(destination))) names += route.interface + " ";
    return names;
  };
  EXPECT_EQ(interfaces("10.1.1.9"), "v0 ");
  EXPECT_EQ(interfaces("239.1.1.1"), "v2 ");
  EXPECT_EQ(interfaces("10.1.2.9"), "v0 ");  // the rejecting one is for connect() to find
  EXPECT_EQ(interfaces("192.0.2.1"), "v0 ");
  EXPECT_EQ(interfaces("ff15::1"), "");
}

TEST(ProcRoutes, ReadsIpv6) {
  const auto table = parse_proc_ipv6_route(kRoutes6);
  ASSERT_TRUE(table) << table.error().message;
  EXPECT_EQ(table->size(), 3U);
  const auto best = best_routes(*table, ip("ff15::1"));
  ASSERT_EQ(best.size(), 2U);
  EXPECT_EQ(best[0].interface, "v1");
  EXPECT_EQ(best[1].interface, "v0");
  EXPECT_TRUE(best_routes(*table, ip("2001:db8::1")).empty());
}

TEST(ProcRoutes, RefusesOtherTextAndSaysWhere) {
  for (const std::string_view line :
       {"x", "v0\t0001010A\t00000000\t0001\t0\t0\t0", "v0\t0001010A\t0\t0001\t0\t0\t0\t00FFFFFF",
        "v0\t0001010A\t00000000\t0001\t0\t0\t0\tFF00FF00",
        "v0\tfe800000000000000000000000000000\t00000000\t0001\t0\t0\t0\t00FFFFFF"}) {
    const auto routes = parse_proc_route("title\n" + std::string(line));
    ASSERT_FALSE(routes) << line;
    EXPECT_NE(routes.error().message.find("line 2"), std::string::npos);
  }
  EXPECT_FALSE(parse_proc_ipv6_route("fe80 40\n"));
  std::string longer(kRoutes6);
  longer.replace(longer.find(" 40 "), 4, " 81 ");
  EXPECT_FALSE(parse_proc_ipv6_route(longer));
}

TEST(ProcInterfaces, ReadsNames) {
  const auto names = parse_proc_dev(
      "Inter-|   Receive      |  Transmit\n"
      " face |bytes    packets|bytes    packets\n"
      "    lo:       0       0        0       0\n"
      "averylongname15: 1 2 3 4\n");
  ASSERT_TRUE(names) << names.error().message;
  EXPECT_EQ(*names, (std::vector<std::string>{"lo", "averylongname15"}));
}

TEST(ProcInterfaces, RefusesOtherNamesAndSaysWhere) {
  for (const std::string_view line :
       {"lo 0 0", " : 0", "a b: 0", "../x: 0", "averylongname156: 1"}) {
    const auto names = parse_proc_dev("\n\n" + std::string(line));
    ASSERT_FALSE(names) << line;
    EXPECT_NE(names.error().message.find("line 3"), std::string::npos);
  }
}

TEST(ProcInterfaces, ReadsIpv6Addresses) {
  const auto addresses =
      parse_proc_if_inet6("fe800000000000002076cdfffe053a42 0a 40 20 c0       v3\n");
  ASSERT_TRUE(addresses) << addresses.error().message;
  EXPECT_EQ(*addresses,
            (std::vector{InterfaceAddress{
                .ifindex = 10, .address = ip("fe80::2076:cdff:fe05:3a42"), .prefix_length = 64}}));
  for (const std::string_view line :
       {"fe80 0a 40", "fe800000000000002076cdfffe053a42 0 40",
        "fe800000000000002076cdfffe053a42 0a 81", "fe800000000000002076cdfffe053a42 0a -1"}) {
    EXPECT_FALSE(parse_proc_if_inet6(line)) << line;
  }
}

}  // namespace
}  // namespace mcast::netlink
