// Several programs that force the same interface, and programs that come to a bad
// end. Each child is a process of its own.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "netlink/forcing/forced_versions.h"
#include "tests/unit/netlink/forcing/child_process.h"
#include "tests/unit/netlink/forcing/forced_versions_fixture.h"

namespace mcast::netlink {
namespace {

using test::ChildProcess;

// For the handler of a child: a program's own business, not the library's.
ForcedVersions* to_restore = nullptr;

class SharedVersion : public test::ForcedVersionsFixture {
 protected:
  // Forces, says 'y' or 'n', lets go when told, says so.
  ChildProcess holder(int version) {
    ChildProcess child([this, version](const ChildProcess::Parent& parent) {
      const auto versions = program();
      {
        const auto lease = versions->force("eth1", Family::kIpv4, version);
        parent.tell(lease && lease->warnings().empty() && now() == version ? 'y' : 'n');
        parent.wait();
      }
      parent.tell();
      parent.wait();
    });
    heard_.push_back(child.hear());
    return child;
  }
  static void let_go(const ChildProcess& child) {
    child.tell();
    EXPECT_EQ(child.hear(), '.');
  }

  std::vector<char> heard_;
};

TEST_F(SharedVersion, IsPutBackByTheLastProgramToWhatTheFirstOneFound) {
  set("3");
  const ChildProcess first = holder(2);
  const ChildProcess second = holder(2);
  ASSERT_EQ(heard_, (std::vector{'y', 'y'}));
  EXPECT_EQ(records().size(), 1U);
  let_go(first);
  EXPECT_EQ(now(), 2);
  let_go(second);
  EXPECT_EQ(now(), 3);
  EXPECT_TRUE(records().empty());
}

TEST_F(SharedVersion, IsPutBackByWhoeverIsLast) {
  const ChildProcess first = holder(2);
  const ChildProcess second = holder(2);
  let_go(second);
  EXPECT_EQ(now(), 2);
  let_go(first);
  EXPECT_EQ(now(), 0);
}

TEST_F(SharedVersion, IsNotChangedUnderAnotherProgramWhichIsNamed) {
  const ChildProcess first = holder(2);
  const auto versions = program();
  const auto lease = versions->force("eth1", Family::kIpv4, 3);
  ASSERT_FALSE(lease);
  EXPECT_NE(lease.error().message.find("process " + std::to_string(first.pid())), std::string::npos)
      << lease.error().message;
  EXPECT_EQ(now(), 2);
  let_go(first);
  EXPECT_TRUE(versions->force("eth1", Family::kIpv4, 3));
}

TEST_F(SharedVersion, IsNotForcedAgainOverWhatSomebodyChoseMeanwhile) {
  const ChildProcess first = holder(2);
  set("1");
  const auto versions = program();
  EXPECT_FALSE(versions->force("eth1", Family::kIpv4, 2));
  EXPECT_EQ(now(), 1);
  let_go(first);
  EXPECT_EQ(now(), 1);
}

TEST_F(SharedVersion, OfAKilledProgramIsPutBackByTheNextStart) {
  ChildProcess killed = holder(2);
  const auto versions = program();
  EXPECT_TRUE(versions->recover().put_back.empty());
  EXPECT_EQ(now(), 2);
  killed.kill();
  const auto recovered = versions->recover();
  ASSERT_EQ(recovered.put_back.size(), 1U);
  EXPECT_EQ(recovered.put_back[0].interface, "eth1");
  EXPECT_EQ(recovered.put_back[0].forced, 2);
  EXPECT_EQ(recovered.put_back[0].before, 0);
  EXPECT_TRUE(recovered.problems.empty());
  EXPECT_EQ(now(), 0);
  EXPECT_TRUE(records().empty());
  EXPECT_TRUE(versions->recover().put_back.empty());
}

TEST_F(SharedVersion, OutlivesTheProgramThatForcedItFirst) {
  ChildProcess killed = holder(2);
  const ChildProcess second = holder(2);
  killed.kill();
  EXPECT_TRUE(program()->recover().put_back.empty());
  EXPECT_EQ(now(), 2);
  let_go(second);
  EXPECT_EQ(now(), 0);
  EXPECT_TRUE(records().empty());
}

TEST_F(SharedVersion, WhoseLastHolderIsKilledIsPutBackToWhatTheFirstOneFound) {
  set("3");
  const ChildProcess first = holder(2);
  ChildProcess killed = holder(2);
  let_go(first);
  killed.kill();
  EXPECT_EQ(program()->recover().put_back.size(), 1U);
  EXPECT_EQ(now(), 3);
}

TEST_F(SharedVersion, OfAKilledProgramDoesNotCountForTheNextThatForces) {
  ChildProcess killed = holder(2);
  killed.kill();
  const auto versions = program();
  {
    // Without recover(), and another version.
    const auto lease = versions->force("eth1", Family::kIpv4, 1);
    ASSERT_TRUE(lease) << lease.error().message;
    EXPECT_EQ(now(), 1);
  }
  EXPECT_EQ(now(), 0);
}

TEST_F(SharedVersion, IsPutBackFromACrashHandler) {
  ChildProcess crashing([this](const ChildProcess::Parent& parent) {
    const auto versions = program();
    to_restore = versions.get();
    (void)std::signal(SIGABRT, [](int) {
      to_restore->restore_now();
      ::_exit(42);
    });
    const auto lease = versions->force("eth1", Family::kIpv4, 2);
    parent.tell(lease && now() == 2 ? 'y' : 'n');
    parent.wait();
    std::abort();
  });
  ASSERT_EQ(crashing.hear(), 'y');
  crashing.tell();
  const int status = crashing.end();
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);
  EXPECT_EQ(now(), 0);
  EXPECT_TRUE(records().empty());
}

TEST_F(SharedVersion, StaysForOthersWhenOneCrashes) {
  const ChildProcess other = holder(2);
  const auto versions = program();
  {
    const auto lease = versions->force("eth1", Family::kIpv4, 2);
    versions->restore_now();
    EXPECT_EQ(now(), 2);
  }
  let_go(other);
  EXPECT_EQ(now(), 0);
}

TEST_F(SharedVersion, ThatACrashHandlerPutBackIsNotTouchedByLeasesThatEndLater) {
  const auto versions = program();
  {
    const auto lease = versions->force("eth1", Family::kIpv4, 2);
    versions->restore_now();
    EXPECT_EQ(now(), 0);
    set("2");
  }
  EXPECT_EQ(now(), 2);
  EXPECT_TRUE(records().empty());
  EXPECT_TRUE(versions->force("eth1", Family::kIpv4, 2));
}

TEST_F(SharedVersion, IsPutBackFromACrashHandlerWithoutAStateDirectory) {
  std::ofstream(state_directory()) << "in the way\n";
  const auto versions = program();
  const auto lease = versions->force("eth1", Family::kIpv4, 2);
  ASSERT_TRUE(lease);
  versions->restore_now();
  EXPECT_EQ(now(), 0);
}

TEST_F(SharedVersion, WaitsForOthersNoLongerThanASecond) {
  {
    (void)program()->force("eth1", Family::kIpv4, 2);
  }
  const FileDescriptor lock(::open((state_directory() / "lock").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);
  const auto versions = program();
  const auto lease = versions->force("eth1", Family::kIpv4, 2);
  ASSERT_FALSE(lease);
  EXPECT_EQ(lease.error().code, EAGAIN);
  EXPECT_EQ(now(), 0);
  EXPECT_EQ(versions->recover().problems.size(), 1U);
}

TEST_F(SharedVersion, IsLeftToTheNextStartWhenOthersKeepTheDirectoryLocked) {
  const auto versions = program();
  std::optional<ForcedVersions::Lease> lease =
      std::move(*versions->force("eth1", Family::kIpv4, 2));
  FileDescriptor lock(::open((state_directory() / "lock").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);
  lease.reset();
  EXPECT_EQ(now(), 2);
  lock.reset();
  EXPECT_EQ(versions->recover().put_back.size(), 1U);
  EXPECT_EQ(now(), 0);
}

TEST_F(SharedVersion, LeavesARecordThatIsAnothersSinceTheDirectoryWasEmptied) {
  const auto first = program();
  std::optional<ForcedVersions::Lease> lease = std::move(*first->force("eth1", Family::kIpv4, 2));
  // As systemd does with RuntimeDirectory=.
  std::filesystem::remove_all(state_directory());
  const auto second = program();
  const auto other = second->force("eth1", Family::kIpv4, 2);
  ASSERT_TRUE(other) << other.error().message;
  ASSERT_EQ(records().size(), 1U);
  lease.reset();
  EXPECT_EQ(records().size(), 1U);
  // A crash leaves it, too.
  const auto third = program();
  std::filesystem::remove_all(state_directory());
  const auto crashing = third->force("eth1", Family::kIpv4, 2);
  ASSERT_TRUE(crashing) << crashing.error().message;
  second->restore_now();
  EXPECT_EQ(records().size(), 1U);
}

// Whatever the order in which programs start, end and die, the version is forced
// while one of them says so and is not afterwards.
TEST_F(SharedVersion, SurvivesManyProgramsThatStartEndAndDieAtOnce) {
  constexpr int kPrograms = 8;
  constexpr int kTimes = 60;
  set("3");
  std::vector<ChildProcess> programs;
  programs.reserve(kPrograms);
  for (int i = 0; i < kPrograms; ++i) {
    programs.emplace_back([this, i](const ChildProcess::Parent& parent) {
      parent.wait();
      for (int time = 0; time < kTimes; ++time) {
        const auto versions = program();
        if (time % 4 == 0) (void)versions->recover();
        const auto lease = versions->force("eth1", Family::kIpv4, 2);
        if (!lease) {
          (void)!::write(STDERR_FILENO, (lease.error().message + "\n").c_str(),
                         lease.error().message.size() + 1);
          parent.tell('n');
          ::_exit(1);
        }
        for (int look = 0; look < 5; ++look) {
          if (now() != 2) ::_exit(2);
        }
        // Half of them die with the lease.
        if (i % 2 == 0 && time == kTimes - 1 - i) (void)::raise(SIGKILL);
      }
    });
  }
  for (const ChildProcess& child : programs) child.tell();
  for (ChildProcess& child : programs) {
    const int status = child.end();
    EXPECT_TRUE((WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
                (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
        << status;
  }
  (void)program()->recover();
  EXPECT_EQ(now(), 3);
  EXPECT_TRUE(records().empty());
}

}  // namespace
}  // namespace mcast::netlink
