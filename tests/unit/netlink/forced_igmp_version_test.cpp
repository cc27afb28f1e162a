// On a folder that looks like /proc: no root, nothing of the host is touched.
#include "netlink/forced_igmp_version.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "netlink/proc_files.h"

namespace mcast::netlink {
namespace {

class ForcedIgmpVersion : public testing::Test {
 protected:
  ForcedIgmpVersion() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mcast-proc-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(root_ / "sys/net/ipv4/conf/eth1");
    set("0");
  }
  ~ForcedIgmpVersion() override { std::filesystem::remove_all(root_); }
  ForcedIgmpVersion(const ForcedIgmpVersion&) = delete;
  ForcedIgmpVersion& operator=(const ForcedIgmpVersion&) = delete;

  void set(const char* value) const {
    // In place, as a write to a sysctl is.
    std::fstream file(force_igmp_version_path(root_, "eth1"), std::ios::in | std::ios::out);
    if (!file) file.open(force_igmp_version_path(root_, "eth1"), std::ios::out);
    file << value << '\n';
  }
  [[nodiscard]] int now() const {
    return read_proc_number(force_igmp_version_path(root_, "eth1")).value_or(-1);
  }

  std::filesystem::path root_;
};

TEST_F(ForcedIgmpVersion, IsPutBackWithTheLease) {
  set("1");
  ForcedIgmpVersions versions(root_);
  {
    const auto lease = versions.force("eth1", 2);
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_EQ(now(), 2);
  }
  EXPECT_EQ(now(), 1);
}

TEST_F(ForcedIgmpVersion, StaysUntilTheLastLeaseOfTheSameVersionEnds) {
  ForcedIgmpVersions versions(root_);
  std::optional<ForcedIgmpVersions::Lease> first = std::move(*versions.force("eth1", 2));
  std::optional<ForcedIgmpVersions::Lease> second = std::move(*versions.force("eth1", 2));
  first.reset();
  EXPECT_EQ(now(), 2);
  second.reset();
  EXPECT_EQ(now(), 0);
}

TEST_F(ForcedIgmpVersion, OfAnotherKindIsRefusedMeanwhile) {
  ForcedIgmpVersions versions(root_);
  const auto first = versions.force("eth1", 2);
  const auto second = versions.force("eth1", 3);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("IGMPv2 is already forced on eth1"), std::string::npos);
  EXPECT_EQ(now(), 2);
}

TEST_F(ForcedIgmpVersion, ThatSomebodyElseChangedMeanwhileIsLeftAlone) {
  ForcedIgmpVersions versions(root_);
  {
    const auto lease = versions.force("eth1", 2);
    set("1");
  }
  EXPECT_EQ(now(), 1);
}

TEST_F(ForcedIgmpVersion, OfAnInterfaceThatIsGoneIsForgotten) {
  ForcedIgmpVersions versions(root_);
  {
    const auto lease = versions.force("eth1", 2);
    std::filesystem::remove_all(root_ / "sys/net/ipv4/conf/eth1");
  }
  EXPECT_FALSE(versions.force("eth1", 2));
}

TEST_F(ForcedIgmpVersion, OfAnInterfaceThatWasMadeAgainIsNotUndoneByAnOldLease) {
  ForcedIgmpVersions versions(root_);
  std::optional<ForcedIgmpVersions::Lease> old = std::move(*versions.force("eth1", 2));
  std::filesystem::remove(force_igmp_version_path(root_, "eth1"));
  set("2");
  old.reset();
  EXPECT_EQ(now(), 2);
}

TEST_F(ForcedIgmpVersion, WantsAnInterfaceNameAndAVersionThatExist) {
  ForcedIgmpVersions versions(root_);
  for (const char* name :
       {"", ".", "..", "all", "default", "../eth1", "a/b", "a b", "abcdefghijklmnop"}) {
    EXPECT_FALSE(versions.force(name, 2)) << name;
  }
  EXPECT_FALSE(versions.force("eth1", 0));
  EXPECT_FALSE(versions.force("eth1", 4));
  EXPECT_FALSE(versions.force("eth9", 2));
}

}  // namespace
}  // namespace mcast::netlink
