// Files of a folder that looks like /proc; links are those of a network namespace of
// its own, where nobody else joins anything on "lo".
#include "netlink/host_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/netlink/kernel_network.h"

namespace mcast::netlink {
namespace {

class HostReaderFiles : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::enter_new_network()) GTEST_SKIP() << "no permission to make a network namespace";
    std::string pattern = (std::filesystem::temp_directory_path() / "mcast-proc-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(root_ / "net");
    write("igmp", "1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n");
  }
  void TearDown() override {
    if (!root_.empty()) std::filesystem::remove_all(root_);
  }

  void write(const char* file, const std::string& text) const {
    std::ofstream(root_ / "net" / file)
        << (std::string(file) == "igmp" ? "Idx\tDevice    : Count Querier\n" : "") << text;
  }
  // Joins and leaves on lo after one more reading.
  static std::pair<std::uint64_t, std::uint64_t> read(HostReader& reader) {
    const auto snapshot = reader.read();
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    if (!snapshot) return {};
    std::pair<std::uint64_t, std::uint64_t> result;
    for (const auto& change : snapshot->changes) {
      if (change.interface != "lo") continue;
      result.first += change.joins;
      result.second += change.leaves;
    }
    return result;
  }

  std::filesystem::path root_;
};

constexpr const char* kOneGroup =
    "1    lo              ff020000000000000000000000000001     1 0000000C 0\n";

TEST_F(HostReaderFiles, ThatCannotBeReadCountAsNoLeaves) {
  auto reader = HostReader::open(root_);
  ASSERT_TRUE(reader) << reader.error().message;
  write("igmp6", kOneGroup);
  const auto start = read(*reader);
  // A folder opens and cannot be read, by root neither.
  std::filesystem::remove(root_ / "net/igmp6");
  std::filesystem::create_directory(root_ / "net/igmp6");
  EXPECT_EQ(read(*reader), start);
  std::filesystem::remove(root_ / "net/igmp6");
  write("igmp6", "what is this\n");
  EXPECT_EQ(read(*reader), start);
  write("igmp6", kOneGroup);
  EXPECT_EQ(read(*reader), start);
  write("igmp6", "");
  EXPECT_EQ(read(*reader), std::pair(start.first, start.second + 1));
}

TEST_F(HostReaderFiles, AreNotMissedOnAHostWithoutIpv6) {
  auto reader = HostReader::open(root_);
  ASSERT_TRUE(reader) << reader.error().message;
  const auto start = read(*reader);
  write("igmp6", kOneGroup);
  EXPECT_EQ(read(*reader), std::pair(start.first + 1, start.second));
}

TEST_F(HostReaderFiles, LeaveOutWhatNetlinkNamesAndNameWhatNetlinkLeavesOut) {
  auto reader = HostReader::open(root_);
  ASSERT_TRUE(reader) << reader.error().message;
  const auto before = reader->read()->memberships;
  ASSERT_EQ(before.size(), 1U);
  EXPECT_EQ(before[0].users, 1U);
  // 239.0.10.101 and not 224.0.0.1.
  write("igmp", "1\tlo        :     1      V3\n\t\t\t\t650A00EF     2 0:00000000\t\t0\n");
  const auto after = reader->read()->memberships;
  std::vector<Membership> expected{{.ifindex = 1, .group = IpAddress::v4(0xEF000A65), .users = 2}};
  // Linux before 6.15 has nothing but the file.
  if (reader->membership_source() == MembershipSource::kNetlink) {
    expected.insert(expected.begin(), before[0]);
  }
  EXPECT_EQ(after, expected);
}

TEST_F(HostReaderFiles, OfAKernelWithoutIgmpShowNoVersion) {
  auto reader = HostReader::open(root_);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->read()->protocols.size(), 1U);
  write("igmp", "1\tlo        :     1    NONE\n\t\t\t\t010000E0     1 0:00000000\t\t0\n");
  EXPECT_TRUE(reader->read()->protocols.empty());
}

TEST_F(HostReaderFiles, SayMldOfAnInterfaceThatHasIpv6) {
  auto reader = HostReader::open(root_);
  ASSERT_TRUE(reader) << reader.error().message;
  // No igmp6 and no dev_snmp6: no IPv6.
  auto host = reader->read().value();
  EXPECT_FALSE(host.has_ipv6);
  EXPECT_EQ(host.protocols.size(), 1U);
  write("igmp6", kOneGroup);
  std::filesystem::create_directories(root_ / "net/dev_snmp6");
  write("dev_snmp6/lo", "ifIndex 1\nIcmp6InGroupMembQueries 3\nIcmp6OutGroupMembResponses 2\n");
  host = reader->read().value();
  EXPECT_TRUE(host.has_ipv6);
  ASSERT_EQ(host.protocols.size(), 2U);
  EXPECT_EQ(
      host.protocols[1],
      (ProtocolInterface{
          .ifindex = 1, .name = "lo", .family = Family::kIpv6, .version = 1, .forced_version = 0}));
  // Of another interface by now, which has its name.
  write("dev_snmp6/lo", "ifIndex 7\n");
  EXPECT_EQ(reader->read()->protocols.size(), 1U);
  write("dev_snmp6/lo", "nonsense\n");
  EXPECT_EQ(reader->read()->protocols.size(), 1U);
}

TEST_F(HostReaderFiles, SayNothingOfIpv6WhereItIsSwitchedOff) {
  const auto off = root_ / "sys/net/ipv6/conf/all/disable_ipv6";
  std::filesystem::create_directories(off.parent_path());
  std::ofstream(off) << 1 << std::flush;
  write("igmp6", kOneGroup);
  auto reader = HostReader::open(root_);
  ASSERT_TRUE(reader) << reader.error().message;
  // Off for all that come, and on where there is an address.
  EXPECT_TRUE(reader->read()->has_ipv6);
  test::ip({"-6", "addr", "flush", "dev", "lo"});
  const auto host = reader->read().value();
  EXPECT_FALSE(host.has_ipv6);
  EXPECT_EQ(host.memberships.size(), 1U);
  EXPECT_EQ(host.memberships.front().group.to_string(), "224.0.0.1");
}

}  // namespace
}  // namespace mcast::netlink
