// The watch of IGMP and MLD against the kernel that this runs on. Needs root: each test moves its
// own process into a new network namespace, which ends with the process.
//
//   v0 ---- v1              v0 has 10.1.1.1/24
//   v0 ---- v1 [br0]        where a test adds the bridge: 10.1.1.9/24 and fe80::9, a querier
#include "netlink/wire/protocol_watch.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <string>

#include "tests/unit/netlink/forcing/child_process.h"
#include "tests/unit/netlink/wire/wire_fixture.h"

namespace mcast::test {
namespace {

using netlink::InterfaceActivity;
using netlink::ProtocolWatch;
using netlink::WatchedInterface;

class ProtocolWatchKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!enter_new_network()) GTEST_SKIP() << "no permission to make a network namespace";
    // An address is right at once: the bridge's first queries need one.
    std::ofstream("/proc/sys/net/ipv6/conf/default/accept_dad") << 0 << std::flush;
    add_veth();
    wait_until_frames_pass();
    // Not before: a socket stays in the namespace that it was made in.
    socket_ = udp_socket();
    watch_.emplace(ProtocolWatch::open().value());
  }
  void watch(const std::string& interface, bool outgoing = true) {
    const auto failures = watch_->watch(
        std::vector<WatchedInterface>{{.ifindex = index_of(interface), .outgoing = outgoing}});
    ASSERT_TRUE(failures.empty()) << failures.front().error.message;
  }
  // With the shortest intervals that the kernel takes: 1 s.
  static void add_querier(const std::string& version, const std::string& mld_version = "1") {
    ip({"link",     "add",
        "br0",      "type",
        "bridge",   "mcast_snooping",
        "1",        "mcast_querier",
        "1",        "mcast_query_use_ifaddr",
        "1",        "mcast_query_interval",
        "100",      "mcast_startup_query_interval",
        "100",      "mcast_query_response_interval",
        "100",      "mcast_igmp_version",
        version,    "mcast_mld_version",
        mld_version});
    ip({"addr", "add", "10.1.1.9/24", "dev", "br0"});
    ip({"link", "set", "br0", "addrgenmode", "none"});
    ip({"link", "set", "v1", "master", "br0"});
    ip({"link", "set", "br0", "up"});
    ip({"addr", "add", "fe80::9/64", "dev", "br0", "nodad"});
  }
  // Of the one interface.
  [[nodiscard]] InterfaceActivity seen(Family family = Family::kIpv4) const {
    const auto all = watch_->activity().snapshot(clock_.monotonic());
    EXPECT_EQ(all.size(), 2U);
    return all.empty() ? InterfaceActivity{} : all[family == Family::kIpv4 ? 0 : 1];
  }
  bool eventually_seen(const auto& condition, Family family = Family::kIpv4) {
    return eventually(
        watch_->fd(), [this] { ASSERT_TRUE(watch_->drain(clock_)); },
        [&] { return condition(seen(family)); });
  }

  SystemClock clock_;
  std::optional<ProtocolWatch> watch_;
  FileDescriptor socket_;
};

TEST_F(ProtocolWatchKernel, HearsTheQuerierOfABridgeInVersion2AndMeasuresItsInterval) {
  watch("v0");
  add_querier("2");
  ASSERT_TRUE(eventually_seen([](const InterfaceActivity& activity) {
    return activity.querier && activity.querier->address.to_string() == "10.1.1.9" &&
           activity.querier->query_interval < 125 * kSecond;
  }));
  const auto activity = seen();
  EXPECT_EQ(activity.querier->version, 2);
  EXPECT_FALSE(activity.querier->outgoing);
  EXPECT_GE(activity.queries, 2U);
  EXPECT_EQ(activity.bad_messages, 0U);
  EXPECT_GT(activity.querier->query_interval, 0);
  EXPECT_FALSE(is_promiscuous("v0"));
}

TEST_F(ProtocolWatchKernel, HearsTheQuerierOfABridgeInVersion3WithWhatItSays) {
  watch("v0");
  add_querier("3");
  ASSERT_TRUE(eventually_seen([](const InterfaceActivity& activity) {
    return activity.querier && activity.querier->address.to_string() == "10.1.1.9";
  }));
  const auto querier = *seen().querier;
  EXPECT_EQ(querier.version, 3);
  EXPECT_EQ(querier.query_interval, kSecond);
  EXPECT_EQ(querier.robustness, 2);
  // Gone 2 x 1 s + 1 s / 2 after the last query, when the bridge asks no more.
  ip({"link", "set", "br0", "type", "bridge", "mcast_querier", "0"});
  EXPECT_TRUE(eventually_seen([](const InterfaceActivity& activity) { return !activity.querier; }));
}

TEST_F(ProtocolWatchKernel, HearsTheBridgesOwnQueriesOnTheBridge) {
  add_querier("2");
  watch("br0");
  EXPECT_TRUE(eventually_seen([](const InterfaceActivity& activity) {
    return activity.querier && activity.querier->address.to_string() == "10.1.1.9";
  }));
}

TEST_F(ProtocolWatchKernel, HearsTheMldQuerierOfABridgeInVersion1AndMeasuresItsInterval) {
  watch("v0");
  add_querier("2", "1");
  ASSERT_TRUE(eventually_seen(
      [](const InterfaceActivity& activity) {
        return activity.querier && activity.querier->address.to_string() == "fe80::9" &&
               activity.querier->query_interval < 125 * kSecond;
      },
      Family::kIpv6));
  const auto activity = seen(Family::kIpv6);
  EXPECT_EQ(activity.querier->version, 1);
  EXPECT_FALSE(activity.querier->outgoing);
  EXPECT_EQ(activity.bad_messages, 0U);
  EXPECT_EQ(activity.invalid_queries, 0U);
  EXPECT_FALSE(is_promiscuous("v0"));
}

TEST_F(ProtocolWatchKernel, HearsTheMldQuerierOfABridgeInVersion2WithWhatItSays) {
  watch("v0", false);
  add_querier("3", "2");
  ASSERT_TRUE(eventually_seen(
      [](const InterfaceActivity& activity) {
        return activity.querier && activity.querier->address.to_string() == "fe80::9";
      },
      Family::kIpv6));
  const auto querier = *seen(Family::kIpv6).querier;
  EXPECT_EQ(querier.version, 2);
  EXPECT_EQ(querier.query_interval, kSecond);
  EXPECT_EQ(querier.robustness, 2);
  ip({"link", "set", "br0", "type", "bridge", "mcast_querier", "0"});
  EXPECT_TRUE(eventually_seen([](const InterfaceActivity& activity) { return !activity.querier; },
                              Family::kIpv6));
}

TEST_F(ProtocolWatchKernel, SeesThisHostsMldReportInEachVersion) {
  watch("v0");
  for (const int version : {2, 1}) {
    const auto reports = [&](const InterfaceActivity& activity) {
      return activity.reports_sent[static_cast<std::size_t>(version - 1)];
    };
    force_version("v0", version, Family::kIpv6);
    const auto before = reports(seen(Family::kIpv6));
    const auto socket = join_ipv6("v0", "ff1e::8000:" + std::to_string(version));
    ASSERT_TRUE(eventually_seen(
        [&](const InterfaceActivity& activity) { return reports(activity) > before; },
        Family::kIpv6))
        << version;
  }
  EXPECT_EQ(seen(Family::kIpv6).bad_messages, 0U);
  EXPECT_EQ(seen(Family::kIpv6).reports_sent[2], 0U);
  // They are no IGMP.
  EXPECT_EQ(seen().bad_messages, 0U);
}

TEST_F(ProtocolWatchKernel, CountsMldQueriesThatNoHostAnswersAsWhatTheyAre) {
  watch("v0");
  const std::string query = "8200000003e80000" + std::string(32, '0');
  send_frame("v1", mld_packet(query, {.source = "2001:db8::9"}));
  send_frame("v1", mld_packet(query, {.hop_limit = 64}));
  send_frame("v1", mld_packet(query, {.hop_by_hop = {}}));
  send_frame("v1", mld_packet(query, {.hop_by_hop = from_hex("3a00010400000000")}));
  // Cut short, with a wrong checksum, and with more sources than it has.
  Packet cut = mld_packet(query);
  cut.pop_back();
  send_frame("v1", cut);
  Packet wrong = mld_packet(query);
  wrong.back() ^= 1U;
  send_frame("v1", wrong);
  send_frame("v1", mld_packet(query + "0201ffff"));
  send_frame("v1", mld_packet(query));
  ASSERT_TRUE(eventually_seen(
      [](const InterfaceActivity& activity) { return activity.querier.has_value(); },
      Family::kIpv6));
  const auto activity = seen(Family::kIpv6);
  EXPECT_EQ(activity.invalid_queries, 4U);
  EXPECT_EQ(activity.last_invalid->reason, "it has no router alert");
  EXPECT_EQ(activity.bad_messages, 3U);
  EXPECT_EQ(activity.queries, 1U);
  EXPECT_EQ(activity.queriers.size(), 1U);
}

// Reports of others, and what has the same numbers at the same place in another protocol.
TEST_F(ProtocolWatchKernel, DoesNotTakeOtherIpv6PacketsForMld) {
  watch("v0");
  send_frame("v1", mld_packet("8300000000000000ff1e0000000000000000000080000001"));
  send_frame("v1", mld_packet("8700000000000000fe800000000000000000000000000001"));
  Packet udp = mld_packet("8200000003e80000" + std::string(32, '0'), {.hop_by_hop = {}});
  udp[6] = 17;
  send_frame("v1", udp);
  send_frame("v1", mld_packet("8200000003e80000" + std::string(32, '0')));
  ASSERT_TRUE(eventually_seen(
      [](const InterfaceActivity& activity) { return activity.querier.has_value(); },
      Family::kIpv6));
  const auto activity = seen(Family::kIpv6);
  EXPECT_EQ(activity.queries, 1U);
  EXPECT_EQ(activity.bad_messages, 0U);
  EXPECT_EQ(activity.reports_sent[0], 0U);
}

TEST_F(ProtocolWatchKernel, HearsNoQuerierWhereThereIsNone) {
  watch("v0");
  join(socket_, "v0", "239.1.2.3");
  ASSERT_TRUE(eventually_seen(
      [](const InterfaceActivity& activity) { return activity.reports_sent[2] >= 1; }));
  EXPECT_FALSE(seen().querier);
  EXPECT_EQ(seen().queries, 0U);
}

TEST_F(ProtocolWatchKernel, SeesThisHostsReportInEachVersion) {
  watch("v0");
  for (const int version : {3, 2, 1}) {
    force_version("v0", version);
    const std::string group = "239.1.2." + std::to_string(version);
    join(socket_, "v0", group);
    ASSERT_TRUE(eventually_seen([&](const InterfaceActivity& activity) {
      return activity.reports_sent[static_cast<std::size_t>(version - 1)] >= 1;
    })) << version;
  }
  EXPECT_EQ(seen().bad_messages, 0U);
}

// What the other end sends comes in at v1, and is nobody's report there.
TEST_F(ProtocolWatchKernel, DoesNotSeeTheReportsOfOthers) {
  auto other = ProtocolWatch::open().value();
  ASSERT_TRUE(other.watch({{.ifindex = index_of("v1")}}).empty());
  watch("v0");
  join(socket_, "v0", "239.1.2.3");
  ASSERT_TRUE(eventually_seen(
      [](const InterfaceActivity& activity) { return activity.reports_sent[2] >= 2; }));
  ASSERT_TRUE(other.drain(clock_));
  EXPECT_EQ(other.activity().snapshot(0)[0].reports_sent, (std::array<std::uint64_t, 3>{}));
}

TEST_F(ProtocolWatchKernel, WithoutWhatGoesOutHearsQueriesAndNoReport) {
  watch("v0", false);
  auto both = ProtocolWatch::open().value();
  ASSERT_TRUE(both.watch({{.ifindex = index_of("v0")}}).empty());
  join(socket_, "v0", "239.1.2.3");
  ASSERT_TRUE(eventually(
      both.fd(), [&] { ASSERT_TRUE(both.drain(clock_)); },
      [&] { return both.activity().snapshot(0)[0].reports_sent[2] >= 1; }));
  add_querier("2");
  ASSERT_TRUE(eventually_seen(
      [](const InterfaceActivity& activity) { return activity.querier.has_value(); }));
  EXPECT_EQ(seen().reports_sent, (std::array<std::uint64_t, 3>{}));
  // Switched over, it keeps what was heard.
  watch("v0");
  EXPECT_GE(seen().queries, 1U);
  join(socket_, "v0", "239.1.2.4");
  EXPECT_TRUE(eventually_seen(
      [](const InterfaceActivity& activity) { return activity.reports_sent[2] != 0; }));
}

TEST_F(ProtocolWatchKernel, CountsWhatItHadNoRoomFor) {
  watch("v0");
  const Packet query = igmp_packet("110a000000000000", {.source = "10.1.1.9"});
  constexpr std::uint64_t kSent = 10'000;
  for (std::uint64_t i = 0; i < kSent; ++i) send_frame("v1", query);
  const std::uint64_t dropped = watch_->dropped().value();
  EXPECT_GT(dropped, 0U);
  ASSERT_TRUE(
      eventually_seen([](const InterfaceActivity& activity) { return activity.queries > 0; }));
  // A busy machine loses some before any packet socket sees them.
  EXPECT_LE(seen().queries + dropped, kSent);
  // Asking takes nothing away, and neither does the end of the socket.
  EXPECT_GE(watch_->dropped().value(), dropped);
  ASSERT_TRUE(watch_->watch({}).empty());
  EXPECT_GE(watch_->dropped().value(), dropped);
}

TEST_F(ProtocolWatchKernel, CountsAMessageThatIsBad) {
  watch("v0");
  Packet query = igmp_packet("110a0000e8010203");
  query.back() ^= 1U;
  send_frame("v1", query);
  EXPECT_TRUE(eventually_seen(
      [](const InterfaceActivity& activity) { return activity.bad_messages == 1; }));
  EXPECT_EQ(seen().queries, 0U);
}

TEST_F(ProtocolWatchKernel, LeavesTheQueriesOfAVlanToItsInterface) {
  for (const bool outgoing : {true, false}) {
    watch("v0", outgoing);
    const auto before = seen().queries;
    send_frame("v1", igmp_packet("110a000000000000", {.source = "10.1.1.8"}), 20);
    send_frame("v1", igmp_packet("110a000000000000", {.source = "10.1.1.9"}));
    ASSERT_TRUE(eventually_seen(
        [&](const InterfaceActivity& activity) { return activity.queries > before; }));
    EXPECT_EQ(seen().queries, before + 1);
    EXPECT_EQ(seen().querier->address.to_string(), "10.1.1.9");
  }
}

TEST_F(ProtocolWatchKernel, GoesOnWhenAnInterfaceWasDown) {
  watch("v0");
  ip({"link", "set", "v0", "down"});
  ASSERT_TRUE(watch_->drain(clock_));
  ip({"link", "set", "v0", "up"});
  join(socket_, "v0", "239.1.2.3");
  EXPECT_TRUE(eventually_seen(
      [](const InterfaceActivity& activity) { return activity.reports_sent[2] >= 1; }));
}

TEST_F(ProtocolWatchKernel, ForgetsWhatIsNoLongerWatched) {
  watch("v0");
  watch("v1");
  EXPECT_EQ(seen().ifindex, index_of("v1"));
  const int gone = index_of("v0");
  ip({"link", "delete", "v0"});
  EXPECT_TRUE(watch_->drain(clock_));
  const auto failures = watch_->watch({{.ifindex = gone}, {.ifindex = 0}});
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_EQ(failures[0].ifindex, 0);
  EXPECT_EQ(failures[1].ifindex, gone);
  EXPECT_EQ(failures[1].error.code, ENODEV);
  EXPECT_TRUE(watch_->activity().snapshot(0).empty());
  // Nothing is left that could be readable.
  pollfd ready{.fd = watch_->fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&ready, 1, 0), 0);
}

TEST_F(ProtocolWatchKernel, IsNotReadableForEverWhenAnInterfaceIsGone) {
  watch("v0");
  ip({"link", "delete", "v0"});
  EXPECT_TRUE(eventually(
      watch_->fd(), [this] { ASSERT_TRUE(watch_->drain(clock_)); },
      [this] {
        pollfd ready{.fd = watch_->fd(), .events = POLLIN, .revents = 0};
        return ::poll(&ready, 1, 0) == 0;
      }));
}

TEST_F(ProtocolWatchKernel, IsRefusedToAUserWithTheReason) {
  ChildProcess user([](const ChildProcess::Parent& parent) {
    const bool dropped = ::setresuid(65534, 65534, 65534) == 0;
    const auto refused = ProtocolWatch::open();
    parent.tell(dropped && !refused && refused.error().code == EPERM &&
                        refused.error().message.find("CAP_NET_RAW") != std::string::npos
                    ? 'y'
                    : 'n');
  });
  EXPECT_EQ(user.hear(), 'y');
}

}  // namespace
}  // namespace mcast::test
