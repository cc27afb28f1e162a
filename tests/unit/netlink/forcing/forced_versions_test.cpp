// One program that forces; several of them: forced_versions_sharing_test.cpp.
#include "netlink/forcing/forced_versions.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <tuple>

#include "tests/unit/netlink/forcing/forced_versions_fixture.h"

namespace mcast::netlink {
namespace {

class ForcedVersion : public test::ForcedVersionsFixture {};

TEST_F(ForcedVersion, IsPutBackWithTheLease) {
  set("1");
  const auto versions = program();
  {
    const auto lease = versions->force("eth1", Family::kIpv4, 2);
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_TRUE(lease->warnings().empty());
    EXPECT_EQ(now(), 2);
    EXPECT_EQ(records().size(), 1U);
  }
  EXPECT_EQ(now(), 1);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedVersion, LeavesNoDirectoryWhereNothingIsForced) {
  const auto versions = program();
  const auto recovered = versions->recover();
  EXPECT_TRUE(recovered.put_back.empty());
  EXPECT_TRUE(recovered.problems.empty());
  EXPECT_FALSE(std::filesystem::exists(state_directory()));
}

TEST_F(ForcedVersion, MakesADirectoryThatOthersCanLookIntoWhateverTheUmask) {
  const mode_t old = ::umask(077);
  const auto versions = program();
  const auto lease = versions->force("eth1", Family::kIpv4, 2);
  ::umask(old);
  ASSERT_TRUE(lease) << lease.error().message;
  struct stat status{};
  ASSERT_EQ(::stat(state_directory().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0755U);
  // Whoever can open a record can lock it.
  ASSERT_EQ(::stat(record_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ForcedVersion, StaysUntilTheLastLeaseOfTheSameVersionEnds) {
  const auto versions = program();
  std::optional<ForcedVersions::Lease> first =
      std::move(*versions->force("eth1", Family::kIpv4, 2));
  std::optional<ForcedVersions::Lease> second =
      std::move(*versions->force("eth1", Family::kIpv4, 2));
  first.reset();
  EXPECT_EQ(now(), 2);
  second.reset();
  EXPECT_EQ(now(), 0);
}

TEST_F(ForcedVersion, OfAnotherKindIsRefusedMeanwhile) {
  const auto versions = program();
  const auto first = versions->force("eth1", Family::kIpv4, 2);
  const auto second = versions->force("eth1", Family::kIpv4, 3);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "this program already forces IGMPv2");
  EXPECT_EQ(now(), 2);
}

TEST_F(ForcedVersion, ThatSomebodyElseChangedMeanwhileIsLeftAlone) {
  const auto versions = program();
  {
    const auto lease = versions->force("eth1", Family::kIpv4, 2);
    set("1");
    const auto second = versions->force("eth1", Family::kIpv4, 2);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("was set to 1 while IGMPv2 was forced"),
              std::string::npos);
  }
  EXPECT_EQ(now(), 1);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedVersion, OfAnInterfaceThatIsGoneIsForgotten) {
  const auto versions = program();
  {
    const auto lease = versions->force("eth1", Family::kIpv4, 2);
    remove_interface("eth1");
  }
  EXPECT_FALSE(versions->force("eth1", Family::kIpv4, 2));
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedVersion, OfAnInterfaceThatWasMadeAgainIsNotUndoneByAnOldLease) {
  const auto versions = program();
  std::optional<ForcedVersions::Lease> old = std::move(*versions->force("eth1", Family::kIpv4, 2));
  remove_interface("eth1");
  add_interface("eth1", 8);
  const auto lease = versions->force("eth1", Family::kIpv4, 2);
  ASSERT_TRUE(lease) << lease.error().message;
  old.reset();
  EXPECT_EQ(now(), 2);
  EXPECT_EQ(records().size(), 1U);
}

TEST_F(ForcedVersion, WantsAnInterfaceNameAndAVersionThatExist) {
  const auto versions = program();
  for (const char* name :
       {"", ".", "..", "all", "default", "../eth1", "a/b", "a b", "abcdefghijklmnop"}) {
    EXPECT_FALSE(versions->force(name, Family::kIpv4, 2)) << name;
  }
  EXPECT_FALSE(versions->force("eth1", Family::kIpv4, 0));
  EXPECT_FALSE(versions->force("eth1", Family::kIpv4, 4));
  EXPECT_FALSE(versions->force("eth9", Family::kIpv4, 2));
  EXPECT_FALSE(std::filesystem::exists(state_directory()));
}

TEST_F(ForcedVersion, WarnsWhenAllInterfacesAreHeldToALowerOne) {
  std::filesystem::create_directories(sysctl("all").parent_path());
  const auto versions = program();
  for (const auto& [all, version, used] :
       {std::tuple("0", 3, 3), std::tuple("1", 3, 1), std::tuple("2", 3, 2), std::tuple("1", 2, 1),
        std::tuple("3", 2, 2), std::tuple("2", 1, 1)}) {
    set(all, "all");
    const auto lease = versions->force("eth1", Family::kIpv4, version);
    ASSERT_TRUE(lease) << lease.error().message;
    ASSERT_EQ(lease->warnings().size(), used == version ? 0U : 1U) << all << " " << version;
    if (used == version) continue;
    const std::string& warning = lease->warnings().front();
    EXPECT_NE(warning.find("IGMPv" + std::to_string(used) + " is used"), std::string::npos);
    EXPECT_NE(warning.find("net.ipv4.conf.all.force_igmp_version"), std::string::npos);
  }
}

TEST_F(ForcedVersion, IsPutBackUnderTheNameThatTheInterfaceHasByThen) {
  const auto versions = program();
  {
    const auto lease = versions->force("eth1", Family::kIpv4, 2);
    ASSERT_TRUE(lease);
    // The kernel keeps the value and makes its file anew.
    remove_interface("eth1");
    add_interface("wan0", 7);
    set("2", "wan0");
  }
  EXPECT_EQ(now("wan0"), 0);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedVersion, IsForcedWithAWarningWhereNothingCanBeWrittenDown) {
  std::ofstream(state_directory()) << "a file where the directory should be\n";
  const auto versions = program();
  {
    const auto lease = versions->force("eth1", Family::kIpv4, 2);
    ASSERT_TRUE(lease) << lease.error().message;
    ASSERT_EQ(lease->warnings().size(), 1U);
    EXPECT_NE(lease->warnings().front().find("if this program is killed, IGMPv2 stays forced"),
              std::string::npos);
    EXPECT_NE(lease->warnings().front().find(state_directory().string()), std::string::npos);
    EXPECT_EQ(now(), 2);
    // Once an interface is enough.
    EXPECT_TRUE(versions->force("eth1", Family::kIpv4, 2)->warnings().empty());
  }
  EXPECT_EQ(now(), 0);
}

TEST_F(ForcedVersion, DoesNotBelieveADirectoryThatEverybodyCanWrite) {
  std::filesystem::create_directory(state_directory());
  std::filesystem::permissions(state_directory(), std::filesystem::perms::all);
  set("2");
  leave_record(record_of_eth1());
  const auto versions = program();
  const auto recovered = versions->recover();
  ASSERT_EQ(recovered.problems.size(), 1U);
  EXPECT_EQ(recovered.problems[0],
            state_directory().string() +
                " is writable by other users, so IGMP settings left behind by killed programs "
                "cannot be restored");
  EXPECT_EQ(now(), 2);
  const auto lease = versions->force("eth1", Family::kIpv4, 2);
  ASSERT_TRUE(lease) << lease.error().message;
  EXPECT_EQ(lease->warnings().size(), 1U);
}

// What nothing in it is about this network is no concern of a program that starts in it.
TEST_F(ForcedVersion, SaysNothingOfSuchADirectoryWithoutARecordOfThisNetwork) {
  std::filesystem::create_directory(state_directory());
  std::filesystem::permissions(state_directory(), std::filesystem::perms::all);
  write_file(state_directory() / "igmp-version-1-2-3", "of another network");
  write_file(state_directory() / "api.sock", "");
  EXPECT_TRUE(program()->recover().problems.empty());
}

TEST_F(ForcedVersion, OfAnInterfaceIsToldWithoutForcing) {
  const auto versions = program();
  EXPECT_EQ(versions->forced_on("eth1", Family::kIpv4), 0);
  set("2");
  EXPECT_EQ(versions->forced_on("eth1", Family::kIpv4), 2);
  for (const char* name : {"nope", "..", "", "a/b"})
    EXPECT_EQ(versions->forced_on(name, Family::kIpv4), 0) << name;
}

constexpr Family kMld = Family::kIpv6;

class ForcedMldVersion : public test::ForcedVersionsFixture {
 protected:
  void SetUp() override {
    for (const Family family : {Family::kIpv4, kMld}) {
      std::filesystem::create_directories(sysctl("all", family).parent_path());
      set("0", "all", family);
    }
  }
};

TEST_F(ForcedMldVersion, IsPutBackByItselfBesideOneOfIgmp) {
  const auto versions = program();
  const auto igmp = versions->force("eth1", Family::kIpv4, 2);
  ASSERT_TRUE(igmp) << igmp.error().message;
  {
    const auto mld = versions->force("eth1", kMld, 1);
    ASSERT_TRUE(mld) << mld.error().message;
    EXPECT_TRUE(mld->warnings().empty());
    EXPECT_EQ(now("eth1", kMld), 1);
    EXPECT_EQ(now(), 2);
    EXPECT_EQ(versions->forced_on("eth1", kMld), 1);
    EXPECT_EQ(records().size(), 2U);
  }
  EXPECT_EQ(now("eth1", kMld), 0);
  EXPECT_EQ(now(), 2);
  EXPECT_EQ(records().size(), 1U);
}

// Forced, version 2 would make the host deaf to a querier of version 1.
TEST_F(ForcedMldVersion, IsNotWrittenWhereNothingElseIsInForce) {
  const auto versions = program();
  for (const auto& [own, all, version] :
       {std::tuple("0", "0", 2), std::tuple("2", "0", 2), std::tuple("0", "2", 2),
        std::tuple("1", "0", 1), std::tuple("0", "1", 1), std::tuple("7", "0", 2)}) {
    set(own, "eth1", kMld);
    set(all, "all", kMld);
    const auto lease = versions->force("eth1", kMld, version);
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_TRUE(lease->warnings().empty());
    EXPECT_EQ(now("eth1", kMld), std::stoi(own));
    // A second one takes part; another version is refused as ever.
    EXPECT_TRUE(versions->force("eth1", kMld, version));
    const auto other = versions->force("eth1", kMld, 3 - version);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().message, "this program already forces MLDv" + std::to_string(version));
  }
  EXPECT_EQ(now("eth1", kMld), 7);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedMldVersion, IsWrittenWhereAnotherOneIsInForce) {
  const auto versions = program();
  set("1", "eth1", kMld);
  {
    const auto lease = versions->force("eth1", kMld, 2);
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_EQ(now("eth1", kMld), 2);
  }
  EXPECT_EQ(now("eth1", kMld), 1);
}

TEST_F(ForcedMldVersion, WarnsWhereAllInterfacesHaveAnotherOne) {
  const auto versions = program();
  set("1", "all", kMld);
  const auto lease = versions->force("eth1", kMld, 2);
  ASSERT_TRUE(lease) << lease.error().message;
  ASSERT_EQ(lease->warnings().size(), 1U);
  EXPECT_EQ(lease->warnings().front(),
            "MLDv2 is forced on eth1, but MLDv1 is used: the kernel puts all interfaces first, "
            "and net.ipv6.conf.all.force_mld_version is 1");
}

TEST_F(ForcedMldVersion, IsOneThatExists) {
  const auto versions = program();
  for (const int version : {0, 3, -1}) {
    const auto refused = versions->force("eth1", kMld, version);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "MLD version " + std::to_string(version) + " does not exist: 1 or 2");
  }
}

TEST_F(ForcedMldVersion, IsSharedBetweenProgramsAndRefusedToOthers) {
  const auto first = program();
  const auto second = program();
  auto lease = std::optional(std::move(*first->force("eth1", kMld, 1)));
  const auto shared = second->force("eth1", kMld, 1);
  ASSERT_TRUE(shared) << shared.error().message;
  const auto other = second->force("eth1", kMld, 2);
  ASSERT_FALSE(other);
  lease.reset();
  EXPECT_EQ(now("eth1", kMld), 1);
}

TEST_F(ForcedMldVersion, OfAKilledProgramIsPutBackWithoutTouchingIgmp) {
  set("1", "eth1", kMld);
  set("2");
  auto record = record_of_eth1();
  record.family = kMld;
  record.forced = 1;
  leave_record(record);
  const auto recovered = program()->recover();
  ASSERT_EQ(recovered.put_back.size(), 1U);
  EXPECT_EQ(recovered.put_back.front().family, kMld);
  EXPECT_EQ(now("eth1", kMld), 0);
  EXPECT_EQ(now(), 2);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedMldVersion, OnAHostWithoutIpv6IsRefusedWithTheFile) {
  std::filesystem::remove(sysctl("eth1", kMld));
  const auto refused = program()->force("eth1", kMld, 1);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("force_mld_version"), std::string::npos);
}

}  // namespace
}  // namespace mcast::netlink
