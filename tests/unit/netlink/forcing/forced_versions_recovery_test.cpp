// What a start makes of records that others left, true ones and bad ones.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "netlink/forcing/forced_versions.h"
#include "tests/unit/netlink/forcing/forced_versions_fixture.h"

namespace mcast::netlink {
namespace {

class ForcedVersionsRecovery : public test::ForcedVersionsFixture {
 protected:
  // eth1 as a killed program leaves it, and the record that `change` made of the true
  // one.
  ForcedVersions::Recovery recover_with(const ForcingRecord& record) {
    set("2");
    leave_record(record);
    return program()->recover();
  }
};

TEST_F(ForcedVersionsRecovery, PutsBackWhatIsWrittenDown) {
  EXPECT_EQ(recover_with(record_of_eth1()).put_back.size(), 1U);
  EXPECT_EQ(now(), 0);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedVersionsRecovery, LeavesWhatSomebodyElseChoseMeanwhile) {
  ForcingRecord record = record_of_eth1();
  record.forced = 1;
  const auto recovered = recover_with(record);
  EXPECT_TRUE(recovered.put_back.empty());
  EXPECT_TRUE(recovered.problems.empty());
  EXPECT_EQ(now(), 2);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedVersionsRecovery, DoesNotTakeANewInterfaceForTheOneOfItsName) {
  remove_interface("eth1");
  add_interface("eth1", 8);
  EXPECT_TRUE(recover_with(record_of_eth1()).put_back.empty());
  EXPECT_EQ(now(), 2);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedVersionsRecovery, FindsAnInterfaceThatIsCalledOtherwiseNow) {
  remove_interface("eth1");
  add_interface("wan0", 7);
  add_interface("eth1", 8);
  set("2", "wan0");
  const auto recovered = recover_with(record_of_eth1());
  ASSERT_EQ(recovered.put_back.size(), 1U);
  EXPECT_EQ(recovered.put_back[0].interface, "wan0");
  EXPECT_EQ(now("wan0"), 0);
  EXPECT_EQ(now("eth1"), 2);
}

TEST_F(ForcedVersionsRecovery, LeavesRecordsOfOtherNamespacesAlone) {
  ForcingRecord record = record_of_eth1();
  record.network.inode += 1;
  const auto recovered = recover_with(record);
  EXPECT_TRUE(recovered.put_back.empty());
  EXPECT_TRUE(recovered.problems.empty());
  EXPECT_EQ(now(), 2);
  EXPECT_EQ(records().size(), 1U);
}

TEST_F(ForcedVersionsRecovery, RemovesRecordsOfANamespaceWhoseNumberIsUsedAgain) {
  ForcingRecord record = record_of_eth1();
  record.network.cookie += 1;
  EXPECT_TRUE(recover_with(record).put_back.empty());
  EXPECT_EQ(now(), 2);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedVersionsRecovery, RemovesRecordsOfAnEarlierBoot) {
  ForcingRecord record = record_of_eth1();
  record.network.boot_id.front() = '1';
  const auto recovered = recover_with(record);
  EXPECT_TRUE(recovered.put_back.empty());
  EXPECT_TRUE(recovered.problems.empty());
  EXPECT_EQ(now(), 2);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedVersionsRecovery, OfAnEarlierBootDoesNotKeepAnyoneFromForcing) {
  ForcingRecord record = record_of_eth1();
  record.network.boot_id.front() = '1';
  record.before = 1;
  set("3");
  leave_record(record);
  const auto versions = program();
  {
    const auto lease = versions->force("eth1", Family::kIpv4, 2);
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_EQ(now(), 2);
  }
  EXPECT_EQ(now(), 3);
}

TEST_F(ForcedVersionsRecovery, SaysWhatIsNoRecordAndRemovesIt) {
  set("2");
  const std::string good = encode_forcing_record(record_of_eth1());
  for (const std::string& bad :
       {std::string(), good.substr(0, 100), std::string(kForcingRecordSize, '\0'),
        std::string(kForcingRecordSize, 'x'), good + std::string(1U << 20U, 'x')}) {
    write_file(record_path(), bad);
    const auto recovered = program()->recover();
    ASSERT_EQ(recovered.problems.size(), 1U) << bad.size();
    EXPECT_NE(recovered.problems[0].find(record_path().string()), std::string::npos);
    EXPECT_TRUE(recovered.put_back.empty());
    EXPECT_EQ(now(), 2);
    EXPECT_TRUE(records().empty());
  }
}

TEST_F(ForcedVersionsRecovery, DoesNotBelieveARecordUnderTheNameOfAnother) {
  set("2");
  write_file(record_path(9), encode_forcing_record(record_of_eth1()));
  EXPECT_EQ(program()->recover().problems.size(), 1U);
  EXPECT_EQ(now(), 2);
  EXPECT_TRUE(records().empty());
}

TEST_F(ForcedVersionsRecovery, DoesNotFollowLinks) {
  set("2");
  const std::filesystem::path outside = root_ / "outside";
  write_file(outside, encode_forcing_record(record_of_eth1()));
  std::filesystem::create_symlink(outside, record_path());
  EXPECT_EQ(program()->recover().problems.size(), 1U);
  EXPECT_TRUE(records().empty());
  std::filesystem::create_hard_link(outside, record_path());
  EXPECT_EQ(program()->recover().problems.size(), 1U);
  EXPECT_TRUE(records().empty());
  EXPECT_TRUE(std::filesystem::exists(outside));
  EXPECT_EQ(now(), 2);
}

TEST_F(ForcedVersionsRecovery, DoesNotHangOnAPipeAndLeavesADirectoryWhereItIs) {
  set("2");
  write_file(root_ / "unused", "");
  ASSERT_EQ(::mkfifo(record_path().c_str(), 0600), 0);
  EXPECT_EQ(program()->recover().problems.size(), 1U);
  EXPECT_TRUE(records().empty());
  std::filesystem::create_directory(record_path());
  EXPECT_FALSE(program()->recover().problems.empty());
  EXPECT_EQ(records().size(), 1U);
  EXPECT_EQ(now(), 2);
}

TEST_F(ForcedVersionsRecovery, DoesNotBelieveARecordThatOthersCanWrite) {
  set("2");
  leave_record(record_of_eth1());
  ASSERT_EQ(::chmod(record_path().c_str(), 0666), 0);
  EXPECT_EQ(program()->recover().problems.size(), 1U);
  EXPECT_EQ(now(), 2);
}

TEST_F(ForcedVersionsRecovery, DoesNotBelieveARecordOfAnotherUser) {
  set("2");
  leave_record(record_of_eth1());
  if (::chown(record_path().c_str(), ::geteuid() + 1, ::getegid()) != 0) GTEST_SKIP() << "not root";
  EXPECT_EQ(program()->recover().problems.size(), 1U);
  EXPECT_EQ(now(), 2);
}

TEST_F(ForcedVersionsRecovery, IsInNobodysWayWhenSomethingElseHasTheRecordsName) {
  write_file(root_ / "unused", "");
  std::filesystem::create_symlink(root_ / "unused", record_path());
  const auto versions = program();
  {
    const auto lease = versions->force("eth1", Family::kIpv4, 2);
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_EQ(lease->warnings().size(), 1U);
    EXPECT_EQ(now(), 2);
  }
  EXPECT_EQ(now(), 0);
  EXPECT_EQ(std::filesystem::file_size(root_ / "unused"), 0U);
}

TEST_F(ForcedVersionsRecovery, IgnoresOtherFiles) {
  write_file(state_directory() / "api.sock", "something");
  EXPECT_TRUE(program()->recover().problems.empty());
  EXPECT_TRUE(std::filesystem::exists(state_directory() / "api.sock"));
}

}  // namespace
}  // namespace mcast::netlink
