// mcast-receive forces the IGMP version and puts it back, whatever ends it.
//
//   host eth1 --- other
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "tests/netns/command.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kGroup = "239.0.10.101";
constexpr const char* kSysctl = "net/ipv4/conf/eth1/force_igmp_version";

class ForcedVersion : public testing::Test {
 protected:
  ForcedVersion() { connect(host_, "eth1", "10.1.1.1/24", other_, "eth1", ""); }

  [[nodiscard]] std::string forced() const { return host_.sysctl(kSysctl); }
  [[nodiscard]] Process receive(std::vector<std::string> arguments) const {
    std::vector<std::string> all{kGroup, "-i", "eth1", "-q"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    Process process = host_.spawn(command("mcast-receive", all));
    wait_until_joined(process);
    return process;
  }

  Namespace host_{"host"};
  Namespace other_{"other"};
};

class ForcedVersionEnds : public ForcedVersion, public testing::WithParamInterface<int> {};

TEST_P(ForcedVersionEnds, AndIsPutBack) {
  Process receiver = receive({"--igmp-version", "2"});
  EXPECT_EQ(forced(), "2");
  EXPECT_NE(receiver.standard_output().find("IGMPv2"), std::string::npos);
  receiver.signal(GetParam());
  ASSERT_TRUE(receiver.wait_exit(5s));
  EXPECT_EQ(forced(), "0");
}

INSTANTIATE_TEST_SUITE_P(Signals, ForcedVersionEnds,
                         testing::Values(SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGABRT,
                                         SIGBUS),
                         [](const auto& signal) {
                           return std::string("By") + ::sigabbrev_np(signal.param);
                         });

TEST_F(ForcedVersion, IsPutBackAtANormalEnd) {
  host_.set_sysctl(kSysctl, "1");
  const auto result =
      host_.try_run(command("mcast-receive", {kGroup, "-i", "eth1", "-v", "2", "-t", "1"}));
  EXPECT_EQ(result.exit_status, 0) << result.error;
  EXPECT_EQ(forced(), "1");
}

// Three is what the kernel does where nothing is forced: nobody's sysctl is written for it.
TEST_F(ForcedVersion, IsLeftAloneUnlessSomebodyAsksOrForcesAnotherOne) {
  {
    const Process receiver = receive({});
    EXPECT_EQ(forced(), "0");
    EXPECT_NE(receiver.standard_output().find("IGMPv3"), std::string::npos);
  }
  {
    const Process receiver = receive({"-v", "3"});
    EXPECT_EQ(forced(), "3");
  }
  EXPECT_EQ(forced(), "0");
  host_.set_sysctl(kSysctl, "2");
  {
    const Process receiver = receive({});
    EXPECT_EQ(forced(), "3");
  }
  EXPECT_EQ(forced(), "2");
}

TEST_F(ForcedVersion, IsLeftAloneWithNoForce) {
  const Process receiver = receive({"--no-force"});
  EXPECT_EQ(forced(), "0");
}

class AfterAKill : public ForcedVersion, public testing::WithParamInterface<std::string> {};

TEST_P(AfterAKill, TheNextProgramPutsItBack) {
  Process receiver = receive({"-v", "2"});
  receiver.signal(SIGKILL);
  ASSERT_TRUE(receiver.wait_exit(5s));
  EXPECT_EQ(forced(), "2");
  const std::string& program = GetParam();
  std::vector<std::string> arguments;
  if (program == "mcast-send") arguments = {kGroup, "-i", "eth1", "--count", "1"};
  if (program == "mcast-receive") arguments = {kGroup, "-i", "eth1", "--no-force", "-t", "1"};
  const RunResult result = host_.try_run(command(program, arguments));
  EXPECT_EQ(result.exit_status, 0) << result.error;
  EXPECT_NE(result.error.find("put back the IGMP version of eth1"), std::string::npos)
      << result.error;
  EXPECT_EQ(forced(), "0");
}

INSTANTIATE_TEST_SUITE_P(Programs, AfterAKill,
                         testing::Values("mcast-send", "mcast-receive", "mcast-status"),
                         [](const auto& program) {
                           std::string name = program.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(ForcedVersion, IsSharedByTwoReceiversAndPutBackByTheLast) {
  Process first = receive({"-v", "2"});
  Process second = receive({"-v", "2"});
  first.signal(SIGINT);
  ASSERT_TRUE(first.wait_exit(5s));
  EXPECT_EQ(forced(), "2");
  second.signal(SIGINT);
  ASSERT_TRUE(second.wait_exit(5s));
  EXPECT_EQ(forced(), "0");
}

TEST_F(ForcedVersion, IsNotChangedWhileAnotherReceiverHoldsIt) {
  const Process first = receive({"-v", "2"});
  const Process second = receive({"-v", "1"});
  EXPECT_EQ(forced(), "2");
  EXPECT_EQ(second.standard_error(), "mcast-receive: cannot force IGMPv1 on eth1: process " +
                                         std::to_string(first.pid()) + " already forces IGMPv2\n");
}

TEST_F(ForcedVersion, NeedsRootAndIsSaidOnceWithoutIt) {
  if (host_.try_run({"setpriv", "--reuid=65534", "true"}).exit_status != 0) {
    // In a user namespace with one user there is nobody else to be.
    GTEST_SKIP() << "this user namespace has no second user";
  }
  std::vector<std::string> as_nobody{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                     "--"};
  for (std::string& argument : command(
           "mcast-receive", {"239.0.10.1", "--groups", "5", "-i", "eth1", "-v", "2", "-t", "1"})) {
    as_nobody.push_back(argument);
  }
  const RunResult result = host_.try_run(as_nobody);
  EXPECT_EQ(result.exit_status, 0) << result.error;
  const std::string& said = result.error;
  const auto first = said.find("cannot force IGMPv2 on eth1");
  ASSERT_NE(first, std::string::npos) << said;
  EXPECT_EQ(said.find("cannot force", first + 1), std::string::npos) << said;
  EXPECT_EQ(forced(), "0");
  // Who does not ask for it does not hear of it, even where another version is forced.
  host_.set_sysctl(kSysctl, "2");
  std::erase(as_nobody, "-v");
  std::erase(as_nobody, "2");
  const RunResult quiet = host_.try_run(as_nobody);
  EXPECT_EQ(quiet.exit_status, 0);
  EXPECT_EQ(quiet.error, "");
}

}  // namespace
}  // namespace mcast::test
