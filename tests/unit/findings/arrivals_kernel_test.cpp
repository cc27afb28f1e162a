// What reaches sockets, against the kernel that this runs on. Needs root: each test
// moves its own process into a new network namespace, which ends with the process. All
// of it happens on lo: a sender, a receiver as other programs have them, and the socket
// that looks.
#include "findings/arrivals.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "findings/arrivals.h"
#include "tests/unit/netlink/wire/wire_fixture.h"

namespace mcast::findings {
namespace {

using mcast::test::from_hex;
using mcast::test::Packet;

constexpr std::uint16_t kPort = 19779;
const std::string kGroup = "239.1.2.3";
const std::string kNotJoined = "239.1.2.4";

IpAddress address(const std::string& text) {
  return IpAddress::parse(text).value();
}

enum class Sharing : std::uint8_t { kShares, kAlone };

// Bound to the wildcard address, as most receivers are.
FileDescriptor receiver(Sharing sharing = Sharing::kShares) {
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = sharing == Sharing::kShares ? 1 : 0;
  EXPECT_EQ(::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(kPort);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
  return socket;
}

// How many of the datagrams that wait the program itself gets.
int take_all(const FileDescriptor& socket) {
  Packet packet(100);
  int number = 0;
  while (::recv(socket.get(), packet.data(), packet.size(), 0) >= 0) ++number;
  return number;
}

std::string igmp_file() {
  std::ifstream file("/proc/self/net/igmp");
  return {std::istreambuf_iterator<char>(file), {}};
}

Subject subject(std::optional<IpAddress> source = std::nullopt, std::string interface = "lo",
                std::optional<std::uint16_t> port = kPort) {
  return {.stream = "",
          .group = address(kGroup),
          .source = source,
          .interface = std::move(interface),
          .port = port,
          .expects_probe_packets = false};
}

class ArrivalsKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!mcast::test::enter_new_network()) {
      GTEST_SKIP() << "no permission to make a network namespace";
    }
    sender_ = mcast::test::sender("lo", 4);
    // The kernel chooses no source address on lo by itself.
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(sender_.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source), 0);
    lo_.index = mcast::test::index_of("lo");
    lo_.name = "lo";
    other_.index = lo_.index + 100;
    other_.name = "eth1";
  }
  void send(const std::string& destination, int times) const {
    for (int i = 0; i < times; ++i) {
      mcast::test::send_to(sender_, destination, from_hex("4d434153"));
    }
  }
  [[nodiscard]] static bool eventually(const FileDescriptor& socket, const auto& condition) {
    return mcast::test::eventually(socket.get(), [] {}, condition);
  }
  // The program gets all of them, and no more.
  static void expect_received(const FileDescriptor& socket, int number) {
    int received = 0;
    EXPECT_TRUE(eventually(socket, [&] { return (received += take_all(socket)) >= number; }))
        << received;
    EXPECT_EQ(received, number);
  }

  FileDescriptor sender_;
  netlink::Link lo_;
  netlink::Link other_;
};

TEST_F(ArrivalsKernel, CountAJoinedGroupAndLeaveEveryDatagramToItsReceiver) {
  const FileDescriptor program = receiver();
  mcast::test::join(program, "lo", kGroup);
  Arrivals arrivals = Arrivals::open(address(kGroup), kPort).value();
  EXPECT_EQ(arrivals.group(), address(kGroup));
  EXPECT_EQ(arrivals.port(), kPort);
  send(kGroup, 50);
  expect_received(program, 50);
  arrivals.drain();
  ASSERT_EQ(arrivals.counts().size(), 1U);
  EXPECT_EQ(arrivals.counts()[0].ifindex, lo_.index);
  EXPECT_EQ(arrivals.counts()[0].source, address("127.0.0.1"));
  EXPECT_EQ(arrivals.counts()[0].datagrams, 50U);
}

TEST_F(ArrivalsKernel, CountNothingOfAGroupThatNobodyJoinedAndJoinNothing) {
  const FileDescriptor program = receiver();
  mcast::test::join(program, "lo", kGroup);
  const std::string before = igmp_file();
  Arrivals arrivals = Arrivals::open(address(kNotJoined), kPort).value();
  EXPECT_EQ(igmp_file(), before);
  send(kNotJoined, 50);
  // The way is the same, so what was sent first is through by then.
  send(kGroup, 1);
  expect_received(program, 1);
  arrivals.drain();
  EXPECT_TRUE(arrivals.counts().empty());
  // Once somebody joins it, it arrives.
  mcast::test::join(program, "lo", kNotJoined);
  send(kNotJoined, 3);
  expect_received(program, 3);
  arrivals.drain();
  ASSERT_EQ(arrivals.counts().size(), 1U);
  EXPECT_EQ(arrivals.counts()[0].datagrams, 3U);
}

TEST_F(ArrivalsKernel, TakeNoUnicastFromAnybody) {
  const FileDescriptor program = receiver();
  mcast::test::join(program, "lo", kGroup);
  // Opened after the program: of two sockets on one address the later would win.
  Arrivals arrivals = Arrivals::open(address(kGroup), kPort).value();
  send("127.0.0.1", 50);
  expect_received(program, 50);
  arrivals.drain();
  EXPECT_TRUE(arrivals.counts().empty());
}

TEST_F(ArrivalsKernel, CannotLookBesideASocketThatDoesNotShareItsPort) {
  const FileDescriptor program = receiver(Sharing::kAlone);
  const auto arrivals = Arrivals::open(address(kGroup), kPort);
  ASSERT_FALSE(arrivals);
  EXPECT_EQ(arrivals.error().code, EADDRINUSE);
  EXPECT_EQ(arrivals.error().message, "UDP port 19779 is held by a socket that does not share it");
  // Another port is no business of its.
  EXPECT_TRUE(Arrivals::open(address(kGroup), kPort + 1));
  // And the program receives as if nobody had tried.
  mcast::test::join(program, "lo", kGroup);
  send(kGroup, 5);
  expect_received(program, 5);
}

class ArrivalsOfIpv6 : public ArrivalsKernel {
 protected:
  void SetUp() override {
    ArrivalsKernel::SetUp();
    mcast::test::add_veth();
    mcast::test::wait_until_frames_pass();
    v1_ = static_cast<unsigned>(mcast::test::index_of("v1"));
  }
  // A program that has joined the group on v1.
  [[nodiscard]] FileDescriptor member(const std::string& group) const {
    FileDescriptor socket(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    EXPECT_EQ(::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    any.sin6_port = htons(kPort);
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any), 0);
    ipv6_mreq request{};
    EXPECT_EQ(::inet_pton(AF_INET6, group.c_str(), &request.ipv6mr_multiaddr), 1);
    request.ipv6mr_interface = v1_;
    EXPECT_EQ(
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &request, sizeof request), 0);
    return socket;
  }
  static void send_to_v1(const std::string& group, int times) {
    Packet segment = from_hex("00014d43000c00004d434153");
    // The checksum of UDP, which IPv6 asks for.
    mcast::netlink::InternetHeader header;
    header.protocol = 17;
    header.source = address("fe80::9");
    header.destination = address(group);
    mcast::test::put_u16(segment, 6, mcast::netlink::ipv6_checksum(header, segment));
    for (int i = 0; i < times; ++i) {
      mcast::test::send_ipv6(mcast::test::ipv6_packet(17, segment, 1, "fe80::9", group));
    }
  }

  unsigned v1_ = 0;
};

TEST_F(ArrivalsOfIpv6, AreCountedByInterfaceAndSourceAndTakeNothing) {
  const FileDescriptor program = member("ff1e::8000:1");
  Arrivals arrivals = Arrivals::open(address("ff1e::8000:1"), kPort).value();
  send_to_v1("ff1e::8000:1", 20);
  send_to_v1("ff1e::8000:2", 5);
  expect_received(program, 20);
  arrivals.drain();
  ASSERT_EQ(arrivals.counts().size(), 1U);
  EXPECT_EQ(arrivals.counts()[0].ifindex, static_cast<int>(v1_));
  EXPECT_EQ(arrivals.counts()[0].source, address("fe80::9"));
  EXPECT_EQ(arrivals.counts()[0].datagrams, 20U);
  // A socket of IPv4 on the port is not in the way, nor in its.
  EXPECT_TRUE(Arrivals::open(address(kGroup), kPort));
}

TEST_F(ArrivalsOfIpv6, OfALinkLocalGroupAreThoseOfTheSubjectsInterface) {
  const FileDescriptor program = member("ff12::1");
  Subject here = subject(std::nullopt, "v1");
  here.group = address("ff12::1");
  Subject elsewhere = here;
  elsewhere.interface = "v0";
  netlink::Link v0;
  v0.index = mcast::test::index_of("v0");
  v0.name = "v0";
  netlink::Link v1;
  v1.index = static_cast<int>(v1_);
  v1.name = "v1";
  ArrivalCounter counter({here, elsewhere}, {lo_, v0, v1}, "/proc");
  send_to_v1("ff12::1", 20);
  expect_received(program, 20);
  EXPECT_EQ(counter.count(here).value().datagrams, 20U);
  EXPECT_EQ(counter.count(elsewhere).value().datagrams, 0U);
  EXPECT_EQ(counter.count(here).value().drops, 0U);
  // Without an interface nobody knows whose it is.
  here.interface.clear();
  ArrivalCounter nowhere({here}, {v1}, "/proc");
  EXPECT_FALSE(nowhere.count(here));
}

// --- a counter for several subjects

TEST_F(ArrivalsKernel, AreCountedForTheSourceInterfaceAndPortOfASubject) {
  const FileDescriptor program = receiver();
  mcast::test::join(program, "lo", kGroup);
  const Subject any = subject();
  const Subject this_source = subject(address("127.0.0.1"));
  const Subject other_source = subject(address("10.1.1.1"));
  const Subject other_interface = subject(std::nullopt, "eth1");
  const Subject other_port = subject(std::nullopt, "lo", kPort + 1);
  const Subject any_port = subject(std::nullopt, "lo", std::nullopt);
  ArrivalCounter counter({any, this_source, other_source, other_interface, other_port, any_port},
                         {lo_, other_}, "/proc");
  send(kGroup, 20);
  expect_received(program, 20);
  EXPECT_EQ(counter.count(any).value().datagrams, 20U);
  EXPECT_EQ(counter.count(this_source).value().datagrams, 20U);
  EXPECT_EQ(counter.count(any_port).value().datagrams, 20U);
  for (const Subject& other : {other_source, other_interface, other_port}) {
    EXPECT_EQ(counter.count(other).value().datagrams, 0U) << other.interface;
  }
}

TEST_F(ArrivalsKernel, AreDropsOfTheReceiverWhereItsBufferIsFull) {
  const FileDescriptor program = receiver();
  const int smallest = 1;
  ASSERT_EQ(::setsockopt(program.get(), SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest), 0);
  mcast::test::join(program, "lo", kGroup);
  ArrivalCounter counter({subject()}, {lo_}, "/proc");
  EXPECT_EQ(counter.count(subject()).value().drops, 0U);
  send(kGroup, 100);
  EXPECT_TRUE(eventually(program, [&] { return counter.count(subject()).value().drops > 50; }));
}

TEST_F(ArrivalsKernel, AreNoDropsOfTheReceiverWhereTheCounterIsSlow) {
  const FileDescriptor program = receiver();
  mcast::test::join(program, "lo", kGroup);
  ArrivalCounter counter({subject()}, {lo_}, "/proc");
  // More than its socket holds.
  int received = 0;
  for (int i = 0; i < 50; ++i) {
    send(kGroup, 100);
    received += take_all(program);
  }
  EXPECT_TRUE(eventually(program, [&] { return (received += take_all(program)) >= 5000; }));
  const Delivery delivery = counter.count(subject()).value();
  EXPECT_EQ(delivery.drops, 0U);
  EXPECT_GT(delivery.datagrams, 0U);
  EXPECT_LT(delivery.datagrams, 5000U);
}

TEST_F(ArrivalsKernel, CannotBeCountedForMoreSocketsThanAreLookedAt) {
  std::vector<Subject> many;
  for (std::uint16_t i = 0; i <= ArrivalCounter::kMaxSockets; ++i) {
    many.push_back(subject(std::nullopt, "lo", static_cast<std::uint16_t>(kPort + i)));
  }
  ArrivalCounter counter(many, {lo_}, "/proc");
  EXPECT_TRUE(counter.count(many.front()));
  const auto last = counter.count(many.back());
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().message, "too many sockets to look at: name a port");
}

}  // namespace
}  // namespace mcast::findings
