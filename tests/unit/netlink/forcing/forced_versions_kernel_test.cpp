// Forced versions on the kernel that this runs on. Needs root: each test moves its
// own process into a new network namespace, which ends with the process.
//
//   v0 ---- v1      both in that namespace; v0 has 10.1.1.1/24 and is forced
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <tuple>

#include "netlink/forcing/forced_versions.h"
#include "netlink/proc/proc_net.h"
#include "netlink/proc/protocol_versions.h"
#include "netlink/proc/sysctls.h"
#include "tests/unit/netlink/forcing/child_process.h"
#include "tests/unit/netlink/kernel_network.h"

namespace mcast::test {
namespace {

using netlink::ForcedVersions;

// For the handler of a child: a program's own business, not the library's.
ForcedVersions* to_restore = nullptr;

class ForcedVersionsKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (!enter_new_network()) GTEST_SKIP() << "no permission to make a network namespace";
    add_veth();
    std::string pattern = (std::filesystem::temp_directory_path() / "mcast-state-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override {
    if (!root_.empty()) std::filesystem::remove_all(root_);
  }

  // What the kernel uses.
  static int used(const std::string& interface = "v0") {
    const auto text = netlink::read_proc_file("/proc/net/igmp").value();
    const auto igmp = netlink::parse_proc_igmp(text).value();
    const auto found =
        std::ranges::find(igmp.interfaces, interface, &netlink::ProcIgmp::Interface::name);
    return found == igmp.interfaces.end() ? -1 : found->version;
  }
  static std::filesystem::path sysctl(const std::string& interface) {
    return netlink::force_version_path("/proc", Family::kIpv4, interface);
  }
  static void set(const std::string& interface, int value) {
    ASSERT_TRUE(std::ofstream(sysctl(interface)) << value << std::flush);
  }
  static int now(const std::string& interface = "v0") {
    return netlink::read_proc_number(sysctl(interface)).value_or(-1);
  }
  [[nodiscard]] std::filesystem::path state_directory() const { return root_ / "state"; }
  [[nodiscard]] std::size_t records() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(state_directory())) {
      if (entry.path().filename() != "lock") ++count;
    }
    return count;
  }
  [[nodiscard]] ChildProcess holder(Family family = Family::kIpv4, int version = 2) const {
    ChildProcess child([this, family, version](const ChildProcess::Parent& parent) {
      ForcedVersions versions("/proc", state_directory());
      const auto lease = versions.force("v0", family, version);
      parent.tell(lease && lease->warnings().empty() ? 'y' : 'n');
      parent.wait();
    });
    EXPECT_EQ(child.hear(), 'y');
    return child;
  }

  std::filesystem::path root_;
};

TEST_F(ForcedVersionsKernel, ShowsTheForcedVersionUntilItIsPutBack) {
  EXPECT_EQ(used(), 3);
  ForcedVersions versions("/proc", state_directory());
  {
    const auto lease = versions.force("v0", Family::kIpv4, 2);
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_TRUE(lease->warnings().empty());
    EXPECT_EQ(used(), 2);
  }
  EXPECT_EQ(used(), 3);
  EXPECT_EQ(records(), 0U);
}

TEST_F(ForcedVersionsKernel, UsesTheLowerVersionOfTheInterfaceAndOfAllAsTheWarningSays) {
  ForcedVersions versions("/proc", state_directory());
  for (int all = 0; all <= 3; ++all) {
    set("all", all);
    for (int version = 1; version <= 3; ++version) {
      const auto lease = versions.force("v0", Family::kIpv4, version);
      ASSERT_TRUE(lease) << lease.error().message;
      EXPECT_EQ(used(), netlink::version_in_force(Family::kIpv4, version, all))
          << version << " " << all;
      EXPECT_EQ(lease->warnings().empty(), used() == version) << version << " " << all;
    }
  }
}

TEST_F(ForcedVersionsKernel, IsPutBackAfterAKill) {
  ChildProcess killed = holder();
  ForcedVersions versions("/proc", state_directory());
  EXPECT_TRUE(versions.recover().put_back.empty());
  killed.kill();
  EXPECT_EQ(used(), 2);
  EXPECT_EQ(versions.recover().put_back.size(), 1U);
  EXPECT_EQ(now(), 0);
  EXPECT_EQ(used(), 3);
}

TEST_F(ForcedVersionsKernel, OfMldIsPutBackAfterAKill) {
  ChildProcess killed = holder(Family::kIpv6, 1);
  ForcedVersions versions("/proc", state_directory());
  EXPECT_TRUE(versions.recover().put_back.empty());
  EXPECT_EQ(netlink::version_in_operation("/proc", Family::kIpv6, "v0"), 1);
  killed.kill();
  EXPECT_EQ(versions.forced_on("v0", Family::kIpv6), 1);
  EXPECT_EQ(versions.recover().put_back.size(), 1U);
  EXPECT_EQ(versions.forced_on("v0", Family::kIpv6), 0);
  EXPECT_EQ(used(), 3);
}

TEST_F(ForcedVersionsKernel, IsPutBackByTheHandlerOfACrash) {
  ChildProcess crashing([this](const ChildProcess::Parent& parent) {
    ForcedVersions versions("/proc", state_directory());
    to_restore = &versions;
    (void)std::signal(SIGSEGV, [](int number) {
      to_restore->restore_now();
      (void)std::signal(number, SIG_DFL);
      (void)std::raise(number);
    });
    const auto lease = versions.force("v0", Family::kIpv4, 2);
    parent.tell(used() == 2 ? 'y' : 'n');
    parent.wait();
    (void)std::raise(SIGSEGV);
  });
  ASSERT_EQ(crashing.hear(), 'y');
  crashing.tell();
  const int status = crashing.end();
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(now(), 0);
  EXPECT_EQ(records(), 0U);
}

TEST_F(ForcedVersionsKernel, FollowsAnInterfaceThatIsRenamed) {
  ForcedVersions versions("/proc", state_directory());
  {
    const auto lease = versions.force("v0", Family::kIpv4, 2);
    ip({"link", "set", "v0", "down"});
    ip({"link", "set", "v0", "name", "w0"});
    // The kernel keeps the value.
    EXPECT_EQ(now("w0"), 2);
  }
  EXPECT_EQ(now("w0"), 0);
  EXPECT_EQ(records(), 0U);
}

TEST_F(ForcedVersionsKernel, OfAKilledProgramIsFoundUnderANewName) {
  ChildProcess killed = holder();
  killed.kill();
  ip({"link", "set", "v0", "down"});
  ip({"link", "set", "v0", "name", "w0"});
  ForcedVersions versions("/proc", state_directory());
  const auto recovered = versions.recover();
  ASSERT_EQ(recovered.put_back.size(), 1U);
  EXPECT_EQ(recovered.put_back[0].interface, "w0");
  EXPECT_EQ(now("w0"), 0);
}

TEST_F(ForcedVersionsKernel, IsNotPutBackOnAnInterfaceThatWasMadeAgain) {
  ChildProcess killed = holder();
  killed.kill();
  ip({"link", "delete", "v0"});
  add_veth();
  set("v0", 2);
  ForcedVersions versions("/proc", state_directory());
  EXPECT_TRUE(versions.recover().put_back.empty());
  EXPECT_EQ(now(), 2);
  EXPECT_EQ(records(), 0U);
}

TEST_F(ForcedVersionsKernel, OfAnotherNamespaceIsLeftAloneWithTheSameNamesAndIndexes) {
  ChildProcess killed = holder();
  const int index = static_cast<int>(::if_nametoindex("v0"));
  // The holder keeps the old namespace until it is killed.
  ASSERT_TRUE(enter_new_network());
  add_veth();
  ASSERT_EQ(static_cast<int>(::if_nametoindex("v0")), index);
  set("v0", 2);
  ForcedVersions versions("/proc", state_directory());
  EXPECT_TRUE(versions.recover().put_back.empty());
  EXPECT_EQ(records(), 1U);
  EXPECT_TRUE(versions.force("v0", Family::kIpv4, 2));
  killed.kill();
  EXPECT_TRUE(versions.recover().put_back.empty());
  EXPECT_EQ(now(), 2);
}

TEST_F(ForcedVersionsKernel, IsForcedWithAWarningWhereTheStateDirectoryIsReadOnly) {
  ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
  ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  std::filesystem::create_directory(state_directory());
  ASSERT_EQ(::mount("none", state_directory().c_str(), "tmpfs", MS_RDONLY, "mode=0755"), 0);
  {
    ForcedVersions versions("/proc", state_directory());
    const auto recovered = versions.recover();
    EXPECT_TRUE(recovered.problems.empty());
    {
      const auto lease = versions.force("v0", Family::kIpv4, 2);
      ASSERT_TRUE(lease) << lease.error().message;
      ASSERT_EQ(lease->warnings().size(), 1U);
      EXPECT_NE(lease->warnings().front().find("Read-only file system"), std::string::npos);
      EXPECT_EQ(used(), 2);
    }
    EXPECT_EQ(used(), 3);
  }
  EXPECT_EQ(::umount(state_directory().c_str()), 0);
}

TEST_F(ForcedVersionsKernel, IsForcedWithAWarningByAUserInANamespaceOfHis) {
  std::filesystem::create_directory(state_directory());
  // As /run and what is in it: the group class, too, for a child that keeps root's group.
  std::filesystem::permissions(root_, std::filesystem::perms{0755});
  std::filesystem::permissions(state_directory(), std::filesystem::perms{0755});
  ChildProcess user([this](const ChildProcess::Parent& parent) {
    if (::setresuid(65534, 65534, 65534) != 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
      parent.tell('-');
      return;
    }
    // As `unshare -Ur` does: root here, for whom the directory of the real root is nobody's.
    // The change of user took the files below /proc/self away from it.
    if (::prctl(PR_SET_DUMPABLE, 1) != 0 ||
        !(std::ofstream("/proc/self/uid_map") << "0 65534 1\n").flush() || ::geteuid() != 0) {
      parent.tell('n');
      return;
    }
    ForcedVersions versions("/proc", state_directory());
    const bool quiet = versions.recover().problems.empty();
    bool forced = false;
    {
      const auto lease = versions.force("lo", Family::kIpv4, 2);
      forced = lease && lease->warnings().size() == 1 && now("lo") == 2;
    }
    parent.tell(quiet && forced && now("lo") == 0 ? 'y' : 'n');
  });
  const char heard = user.hear();
  if (heard == '-') GTEST_SKIP() << "users may not make namespaces here";
  EXPECT_EQ(heard, 'y');
}

TEST_F(ForcedVersionsKernel, IsRefusedToAUserWithTheReason) {
  ChildProcess user([this](const ChildProcess::Parent& parent) {
    if (::setresuid(65534, 65534, 65534) != 0) return;
    ForcedVersions versions("/proc", state_directory());
    const auto lease = versions.force("v0", Family::kIpv4, 2);
    parent.tell(!lease && lease.error().message.find("only root") != std::string::npos ? 'y' : 'n');
  });
  EXPECT_EQ(user.hear(), 'y');
  EXPECT_EQ(now(), 0);
}

// Nothing has to be written for MLDv2 where nothing is forced.
TEST_F(ForcedVersionsKernel, OfMldThatIsInUseAnywayIsGivenToAUser) {
  ChildProcess user([this](const ChildProcess::Parent& parent) {
    if (::setresuid(65534, 65534, 65534) != 0) return;
    ForcedVersions versions("/proc", state_directory());
    const auto newest = versions.force("v0", Family::kIpv6, 2);
    const auto again = versions.force("v0", Family::kIpv6, 2);
    const auto older = versions.force("v0", Family::kIpv6, 1);
    parent.tell(newest && again && !older ? 'y' : 'n');
  });
  EXPECT_EQ(user.hear(), 'y');
  EXPECT_EQ(netlink::read_version_in_force("/proc", Family::kIpv6, "v0"), 0);
}

}  // namespace
}  // namespace mcast::test
