// mcast-receive forces the IGMP or MLD version and puts it back, whatever ends it.
//
//   host eth1 --- other
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <tuple>
#include <utility>

#include "tests/netns/command.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

class ForcedVersionOf : public testing::Test {
 protected:
  explicit ForcedVersionOf(Net net) : net_(std::move(net)) {
    connect(host_, "eth1", addresses(1, 1), other_, "eth1", "");
  }

  [[nodiscard]] std::string forced() const { return host_.sysctl(net_.forced_key); }
  // "IGMPv2"
  [[nodiscard]] std::string versioned(int version) const {
    return net_.protocol + "v" + std::to_string(version);
  }
  [[nodiscard]] Process receive(std::vector<std::string> arguments) const {
    std::vector<std::string> all{net_.group, "-i", "eth1", "-q"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    Process process = host_.spawn(command("mcast-receive", all));
    wait_until_joined(process);
    return process;
  }

  const Net net_;
  const std::string old_ = std::to_string(net_.older_version);
  const std::string newest_ = std::to_string(net_.newest_version);
  Namespace host_{"host"};
  Namespace other_{"other"};
};

class ForcedVersion : public ForcedVersionOf, public testing::WithParamInterface<Net> {
 protected:
  ForcedVersion() : ForcedVersionOf(GetParam()) {}
};

class ForcedVersionEnds : public ForcedVersionOf,
                          public testing::WithParamInterface<std::tuple<Net, int>> {
 protected:
  ForcedVersionEnds() : ForcedVersionOf(std::get<Net>(GetParam())) {}
};

TEST_P(ForcedVersionEnds, AndIsPutBack) {
  Process receiver = receive({net_.version_option, old_});
  EXPECT_EQ(forced(), old_);
  EXPECT_NE(receiver.standard_output().find(versioned(net_.older_version)), std::string::npos);
  receiver.signal(std::get<int>(GetParam()));
  ASSERT_TRUE(receiver.wait_exit(5s));
  EXPECT_EQ(forced(), "0");
}

INSTANTIATE_TEST_SUITE_P(Signals, ForcedVersionEnds,
                         testing::Combine(both_families(),
                                          testing::Values(SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGSEGV,
                                                          SIGABRT, SIGBUS)),
                         [](const auto& end) {
                           return std::get<Net>(end.param).name + "By" +
                                  ::sigabbrev_np(std::get<int>(end.param));
                         });

TEST_P(ForcedVersion, IsPutBackAtANormalEnd) {
  host_.set_sysctl(net_.forced_key, "1");
  const auto result =
      host_.try_run(command("mcast-receive", {net_.group, "-i", "eth1", "-v", "2", "-t", "1"}));
  EXPECT_EQ(result.exit_status, 0) << result.error;
  EXPECT_EQ(forced(), "1");
}

// The newest is what the kernel does where nothing is forced: nobody's sysctl is written for it.
TEST_P(ForcedVersion, IsLeftAloneUnlessSomebodyAsksOrForcesAnotherOne) {
  {
    const Process receiver = receive({});
    EXPECT_EQ(forced(), "0");
    EXPECT_NE(receiver.standard_output().find(versioned(net_.newest_version)), std::string::npos);
  }
  {
    // A host that is forced to MLDv2 no longer hears queries of MLDv1; one of IGMPv3 does.
    const Process receiver = receive({"-v", newest_});
    EXPECT_EQ(forced(), net_.is_v4() ? "3" : "0");
  }
  EXPECT_EQ(forced(), "0");
  host_.set_sysctl(net_.forced_key, old_);
  {
    const Process receiver = receive({});
    EXPECT_EQ(forced(), newest_);
  }
  EXPECT_EQ(forced(), old_);
}

TEST_P(ForcedVersion, IsLeftAloneWithNoForce) {
  const Process receiver = receive({"--no-force"});
  EXPECT_EQ(forced(), "0");
}

class AfterAKill : public ForcedVersionOf,
                   public testing::WithParamInterface<std::tuple<Net, std::string>> {
 protected:
  AfterAKill() : ForcedVersionOf(std::get<Net>(GetParam())) {}
};

TEST_P(AfterAKill, TheNextProgramPutsItBack) {
  Process receiver = receive({"-v", old_});
  receiver.signal(SIGKILL);
  ASSERT_TRUE(receiver.wait_exit(5s));
  EXPECT_EQ(forced(), old_);
  const auto& program = std::get<std::string>(GetParam());
  std::vector<std::string> arguments;
  if (program == "mcast-send") arguments = {net_.group, "-i", "eth1", "--count", "1"};
  if (program == "mcast-receive") arguments = {net_.group, "-i", "eth1", "--no-force", "-t", "1"};
  const RunResult result = host_.try_run(command(program, arguments));
  EXPECT_EQ(result.exit_status, 0) << result.error;
  EXPECT_NE(result.error.find("put back the " + net_.protocol + " version of eth1"),
            std::string::npos)
      << result.error;
  EXPECT_EQ(forced(), "0");
}

INSTANTIATE_TEST_SUITE_P(Programs, AfterAKill,
                         testing::Combine(both_families(),
                                          testing::Values(std::string("mcast-send"),
                                                          "mcast-receive", "mcast-status")),
                         [](const auto& program) {
                           std::string name = std::get<Net>(program.param).name +
                                              std::get<std::string>(program.param);
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(ForcedVersion, IsSharedByTwoReceiversAndPutBackByTheLast) {
  Process first = receive({"-v", old_});
  Process second = receive({"-v", old_});
  first.signal(SIGINT);
  ASSERT_TRUE(first.wait_exit(5s));
  EXPECT_EQ(forced(), old_);
  second.signal(SIGINT);
  ASSERT_TRUE(second.wait_exit(5s));
  EXPECT_EQ(forced(), "0");
}

TEST_P(ForcedVersion, IsNotChangedWhileAnotherReceiverHoldsIt) {
  const int other = net_.is_v4() ? 1 : 2;
  const Process first = receive({"-v", old_});
  const Process second = receive({"-v", std::to_string(other)});
  EXPECT_EQ(forced(), old_);
  EXPECT_EQ(second.standard_error(), "mcast-receive: cannot force " + versioned(other) +
                                         " on eth1: process " + std::to_string(first.pid()) +
                                         " already forces " + versioned(net_.older_version) + "\n");
}

TEST_P(ForcedVersion, NeedsRootAndIsSaidOnceWithoutIt) {
  if (host_.try_run({"setpriv", "--reuid=65534", "true"}).exit_status != 0) {
    // In a user namespace with one user there is nobody else to be.
    GTEST_SKIP() << "this user namespace has no second user";
  }
  std::vector<std::string> as_nobody{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                     "--"};
  for (std::string& argument : command(
           "mcast-receive", {net_.group, "--groups", "5", "-i", "eth1", "-v", old_, "-t", "1"})) {
    as_nobody.push_back(argument);
  }
  const RunResult result = host_.try_run(as_nobody);
  EXPECT_EQ(result.exit_status, 0) << result.error;
  const std::string& said = result.error;
  const auto first = said.find("cannot force " + versioned(net_.older_version) + " on eth1");
  ASSERT_NE(first, std::string::npos) << said;
  EXPECT_EQ(said.find("cannot force", first + 1), std::string::npos) << said;
  EXPECT_EQ(forced(), "0");
  // Who does not ask for it does not hear of it, even where another version is forced.
  host_.set_sysctl(net_.forced_key, old_);
  const auto asked = std::ranges::find(as_nobody, "-v");
  as_nobody.erase(asked, asked + 2);
  const RunResult quiet = host_.try_run(as_nobody);
  EXPECT_EQ(quiet.exit_status, 0);
  EXPECT_EQ(quiet.error, "");
}

INSTANTIATE_TEST_SUITE_P(, ForcedVersion, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
