// Which MLD version the kernel that this runs on uses, against a bridge that asks. Needs root:
// each test moves its own process into a new network namespace, which ends with the process.
//
//   v0 ---- v1 [br0]        the bridge asks in the version of the test, every second
#include "netlink/proc/protocol_versions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "netlink/host_reader.h"
#include "netlink/proc/sysctls.h"
#include "tests/unit/netlink/kernel_network.h"
#include "tests/unit/netlink/wire/wire_fixture.h"

namespace mcast::test {
namespace {

using netlink::HostReader;
using netlink::ProtocolInterface;

class MldVersionKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!enter_new_network()) GTEST_SKIP() << "no permission to make a network namespace";
    // An address is right at once: the bridge's first queries need one.
    std::ofstream("/proc/sys/net/ipv6/conf/default/accept_dad") << 0 << std::flush;
    add_veth();
    reader_.emplace(HostReader::open("/proc").value());
  }
  static void add_querier(const std::string& version) {
    ip({"link", "add", "br0", "type", "bridge", "mcast_snooping", "1", "mcast_querier", "1",
        "mcast_query_interval", "100", "mcast_startup_query_interval", "100",
        "mcast_query_response_interval", "100", "mcast_mld_version", version});
    ip({"link", "set", "v1", "master", "br0"});
    ip({"link", "set", "br0", "up"});
  }
  ProtocolInterface mld() {
    const auto host = reader_->read().value();
    const auto found = std::ranges::find_if(host.protocols, [](const ProtocolInterface& on) {
      return on.family == Family::kIpv6 && on.name == "v0";
    });
    return found == host.protocols.end() ? ProtocolInterface{} : *found;
  }
  bool eventually_in_version(int version) {
    return eventually(-1, [] {}, [&] { return mld().version == version; });
  }
  static netlink::MldCounters counters() {
    return netlink::read_table("/proc/net/dev_snmp6/v0", netlink::parse_proc_dev_snmp6).value();
  }

  std::optional<HostReader> reader_;
};

TEST_F(MldVersionKernel, Is2WithoutAQuerier) {
  const auto socket = join_ipv6("v0", "ff1e::8000:1");
  EXPECT_TRUE(eventually(-1, [] {}, [] { return counters().v2_reports > 0; }));
  EXPECT_EQ(mld().version, 2);
  EXPECT_EQ(mld().forced_version, 0);
  EXPECT_EQ(netlink::version_in_operation("/proc", Family::kIpv6, "v0"), 2);
  EXPECT_EQ(netlink::version_in_operation("/proc", Family::kIpv6, "v7"), std::nullopt);
}

TEST_F(MldVersionKernel, Is1BehindAQuerierOfVersion1) {
  ASSERT_EQ(mld().version, 2);
  add_querier("1");
  EXPECT_TRUE(eventually_in_version(1));
  EXPECT_EQ(mld().forced_version, 0);
  EXPECT_EQ(netlink::version_in_operation("/proc", Family::kIpv6, "v0"), 1);
}

TEST_F(MldVersionKernel, Is2BehindAQuerierOfVersion2) {
  add_querier("2");
  const auto socket = join_ipv6("v0", "ff1e::8000:1");
  ASSERT_TRUE(eventually(-1, [] {}, [] { return counters().queries > 2; }));
  EXPECT_EQ(mld().version, 2);
  EXPECT_EQ(counters().v1_messages, 0U);
}

// What makes forcing version 2 dangerous.
TEST_F(MldVersionKernel, ForcedTo2DoesNotAnswerAQuerierOfVersion1) {
  force_version("v0", 2, Family::kIpv6);
  add_querier("1");
  ASSERT_TRUE(eventually(-1, [] {}, [] { return counters().queries >= 3; }));
  EXPECT_EQ(counters().v1_messages, 0U);
  EXPECT_EQ(mld().version, 2);
  EXPECT_EQ(mld().forced_version, 2);
}

TEST_F(MldVersionKernel, OfAllInterfacesWinsOverThatOfTheInterface) {
  for (const auto& [all, own, used] :
       {std::tuple(0, 1, 1), std::tuple(1, 2, 1), std::tuple(2, 1, 2)}) {
    force_version("all", all, Family::kIpv6);
    force_version("v0", own, Family::kIpv6);
    EXPECT_EQ(mld().version, used) << all << " " << own;
    EXPECT_EQ(mld().forced_version, used) << all << " " << own;
    // And so it does.
    const auto before = counters();
    const auto socket = join_ipv6("v0", "ff1e::8000:" + std::to_string(10 * all + own));
    ASSERT_TRUE(eventually(
        -1, [] {},
        [&] {
          const auto now = counters();
          return used == 1 ? now.v1_messages > before.v1_messages
                           : now.v2_reports > before.v2_reports;
        }))
        << all << " " << own;
  }
}

// The switches of a bridge, and who asks there.
TEST_F(MldVersionKernel, IsOfAQuerierThatTheBridgeKnows) {
  add_querier("2");
  ip({"link", "set", "br0", "addrgenmode", "none"});
  ip({"addr", "add", "fe80::9/64", "dev", "br0", "nodad"});
  auto host = netlink::Host::open().value();
  EXPECT_TRUE(eventually(
      -1, [] {},
      [&] {
        const auto bridges = host.bridges().value();
        const auto& querier = bridges.front().querier_of(Family::kIpv6);
        return !bridges.front().knows_querier || (querier && querier->is_link_local_unicast());
      }));
}

}  // namespace
}  // namespace mcast::test
