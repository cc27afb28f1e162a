// Files of a Linux 6.18 kernel, shortened, and forged ones.
#include "netlink/proc/proc_net.h"

#include <gtest/gtest.h>

#include <string>

namespace mcast::netlink {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

constexpr std::string_view kSnmp =
    "Ip: Forwarding DefaultTTL ReasmReqds ReasmOKs\nIp: 2 64 12 3\n"
    "Tcp: RtoAlgorithm MaxConn\nTcp: 1 -1\n"
    "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors\n"
    "Udp: 10 1 7 9 5 0 2\n";
constexpr std::string_view kSnmp6 =
    "Ip6InReceives                   \t41\nIp6ReasmReqds                   \t12\n"
    "Ip6ReasmOKs                     \t3\nUdp6InErrors                    \t7\n"
    "Udp6RcvbufErrors                \t5\nUdp6InCsumErrors                \t2\n";
constexpr std::string_view kNetstat =
    "TcpExt: SyncookiesSent IPReversePathFilter TCPTimeWaitOverflow\nTcpExt: 1 22 3\n"
    "IpExt: InNoRoutes InTruncatedPkts InMcastPkts\nIpExt: 0 0 33\n";
constexpr std::string_view kUdpTitle =
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode ref pointer drops            \n";
constexpr std::string_view kUdp =
    " 1775: 0101010A:4D43 00000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 "
    "2882820 2 00000000b0b888f2 12      \n";
constexpr std::string_view kUdp6 =
    " 1775: 000080FE00000000FFCD7620423A05FE:4D43 00000000000000000000000000000000:0000 07 "
    "00000000:00000000 00:00000000 00000000     0        0 2882821 2 00000000b0b888f2 0\n";

TEST(ProcCounters, ReadsWhatUdpDropped) {
  EXPECT_EQ(parse_proc_snmp(kSnmp).value(), (UdpCounters{.in_errors = 7,
                                                         .receive_buffer_errors = 5,
                                                         .checksum_errors = 2,
                                                         .fragments = 12,
                                                         .reassembled = 3}));
  EXPECT_EQ(parse_proc_snmp6(kSnmp6).value(), parse_proc_snmp(kSnmp).value());
}

TEST(ProcCounters, RefusesLinesOfIpv6ThatAreNoCounters) {
  for (const std::string_view text :
       {"", "Udp6InErrors\n", "Udp6InErrors x\n", "Udp6InErrors 1 2\n", "Udp6InErrors -1\n",
        "Udp6InErrors 1\n\n", "Udp6InErrors 18446744073709551616\n", "Ip6ReasmOKs 1\n"}) {
    EXPECT_FALSE(parse_proc_snmp6(text)) << text;
  }
}

TEST(ProcCounters, ReadsWhatTheReversePathFilterDropped) {
  EXPECT_EQ(parse_proc_netstat(kNetstat).value(),
            (IpCounters{.reverse_path_filtered = 22, .multicast_packets = 33}));
}

TEST(ProcCounters, KnowsNothingOfCountersThatAreNotThere) {
  EXPECT_EQ(parse_proc_netstat("").value(), IpCounters{});
  EXPECT_EQ(parse_proc_netstat("TcpExt: A\nTcpExt: 1\n").value(), IpCounters{});
  EXPECT_FALSE(parse_proc_snmp("Ip: Forwarding\nIp: 2\n"));
}

TEST(ProcCounters, RefusesValuesThatAreNotThoseOfTheirTitle) {
  for (const std::string_view text :
       {"Udp: InErrors\n", "Udp: InErrors\nTcp: 1\n", "Udp: InErrors\nUdp: x\n",
        "Udp: InErrors\nUdp:\n", "Udp: InErrors\nUdp: 1 2\n", "Udp: InErrors\nUdp: -1\n",
        "Udp: InErrors\nUdp: 18446744073709551616\n", "\n\n"}) {
    const auto counters = parse_proc_snmp(text);
    ASSERT_FALSE(counters) << text;
    EXPECT_NE(counters.error().message.find("line "), std::string::npos) << text;
  }
}

TEST(ProcCounters, ReadsSockets) {
  const auto sockets = parse_proc_udp(std::string(kUdpTitle) + std::string(kUdp), Family::kIpv4);
  ASSERT_TRUE(sockets) << sockets.error().message;
  EXPECT_EQ(*sockets, (std::vector{UdpSocket{.address = ip("10.1.1.1"),
                                             .port = 19779,
                                             .receive_queue = 768,
                                             .drops = 12,
                                             .inode = 2882820}}));
  const auto six = parse_proc_udp(std::string(kUdpTitle) + std::string(kUdp6), Family::kIpv6);
  ASSERT_TRUE(six) << six.error().message;
  EXPECT_EQ((*six)[0].address, ip("fe80::2076:cdff:fe05:3a42"));
}

TEST(ProcCounters, RefusesSocketsOfAnotherFamilyOrShape) {
  const auto refused = [](std::string_view line, Family family) {
    const auto sockets = parse_proc_udp(std::string(kUdpTitle) + std::string(line), family);
    return !sockets && sockets.error().message.find("line 2") != std::string::npos;
  };
  EXPECT_TRUE(refused(kUdp, Family::kIpv6));
  EXPECT_TRUE(refused(kUdp6, Family::kIpv4));
  EXPECT_TRUE(refused("x", Family::kIpv4));
  const std::string whole(kUdp);
  // Up to the blanks at its end.
  for (std::size_t length = 1; length < whole.find(" 12 "); ++length) {
    EXPECT_TRUE(refused(whole.substr(0, length), Family::kIpv4)) << length;
  }
}

}  // namespace
}  // namespace mcast::netlink
