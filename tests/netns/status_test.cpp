// mcast-status on a host with joins of ours, of others, and of the kernel.
//
//   host eth1 .2 --- eth1 .1 other
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/foreign_joins.h"
#include "tests/netns/temporary_directory.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

std::string status_binary() {
  return std::string(MCAST_BINARIES) + "/mcast-status";
}

class StatusOf : public testing::Test {
 protected:
  explicit StatusOf(Net net) : net_(std::move(net)) {
    connect(host_, "eth1", addresses(1, 2), other_, "eth1", addresses(1, 1));
  }
  [[nodiscard]] std::string receivers() const {
    const std::string ssm = ", group: " + quoted(net_.ssm_group) + ", source: ";
    return "defaults: {interface: eth1}\nreceivers:\n  - {name: video, group: " +
           quoted(net_.group) + "}\n  - {name: one" + ssm + quoted(net_.host(1, 1)) +
           "}\n  - {name: two" + ssm + quoted(net_.host(1, 3)) + "}\n";
  }
  // "eth1 IGMPv3 - ": where nothing is forced.
  [[nodiscard]] std::string newest() const {
    return "eth1 " + net_.protocol + "v" + std::to_string(net_.newest_version) + " - ";
  }

  [[nodiscard]] RunResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), status_binary());
    return host_.try_run(std::move(arguments));
  }
  // The rows of the table, each with its words one space apart.
  [[nodiscard]] std::vector<std::string> rows(
      const std::vector<std::string>& arguments = {}) const {
    const RunResult result = run(arguments);
    EXPECT_EQ(result.exit_status, 0) << result.error;
    std::vector<std::string> rows(1);
    for (const char c : result.output) {
      if (c == '\n') {
        rows.emplace_back();
      } else if (c != ' ' || !rows.back().ends_with(' ')) {
        rows.back() += c;
      }
    }
    rows.pop_back();
    if (!rows.empty()) rows.erase(rows.begin());
    return rows;
  }
  [[nodiscard]] Json json(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{"--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Json::parse(run(arguments).output);
  }

  static std::string of(const Process& process, const char* stream) {
    return "mcast-agent[" + std::to_string(process.pid()) + "] " + stream;
  }

  const Net net_;
  const std::string foreign_ = net_.group_plus(9);
  const std::string class_ = net_.is_v4() ? "admin-scoped" : "transient, global scope";
  const std::string ssm_class_ = net_.is_v4() ? "SSM" : "SSM (source-specific), global scope";
  Namespace host_{"host"};
  Namespace other_{"other"};
};

class Status : public StatusOf, public testing::WithParamInterface<Net> {
 protected:
  Status() : StatusOf(GetParam()) {}
};

// Of interfaces. lo does no multicast in IPv6.
class StatusOfIpv4 : public StatusOf {
 protected:
  StatusOfIpv4() : StatusOf(ipv4()) {}
};

TEST_P(Status, ShowsOurJoinsWithTheirStreamsAndOthersWithout) {
  Agent agent(host_, receivers());
  const ForeignJoins program(host_, "eth1");
  program.join(foreign_);
  const std::string ssm = newest() + net_.ssm_group + " 2 " + ssm_class_ + " " + net_.host(1, 1) +
                          ", " + net_.host(1, 3) + " " + of(agent.process(), "one") + ", " +
                          of(agent.process(), "two");
  const std::string video =
      newest() + net_.group + " 1 " + class_ + " any " + of(agent.process(), "video");
  const std::string other = newest() + foreign_ + " 1 " + class_ + " any";
  // By address: 232 is below 239, and ff3e above ff1e.
  EXPECT_EQ(rows(),
            net_.is_v4() ? (std::vector{ssm, video, other}) : (std::vector{video, other, ssm}));
  EXPECT_EQ(agent.stop().exit_status, 0);
  EXPECT_EQ(rows(), std::vector{other});
  program.leave(foreign_);
  EXPECT_EQ(rows(), std::vector<std::string>{"eth1 IGMPv3 - none"});
}

TEST_P(Status, OfAnotherHostShowsNothingOfThisOne) {
  const Agent agent(host_, receivers());
  EXPECT_EQ(other_.run({status_binary()}).find("mcast-agent"), std::string::npos);
}

TEST_P(Status, ShowsTheStreamOfAnAgentThatWasKilledNoLonger) {
  Agent agent(host_, receivers());
  agent.process().signal(SIGKILL);
  ASSERT_TRUE(agent.process().wait_exit(5s));
  EXPECT_EQ(rows(), std::vector<std::string>{"eth1 IGMPv3 - none"});
}

TEST_P(Status, ShowsTheForcedVersion) {
  const std::string version = std::to_string(net_.older_version);
  const Agent agent(host_, receiver_configuration(
                               {.group = net_.group, .more = net_.version_key + ": " + version}));
  EXPECT_TRUE(
      rows().at(0).starts_with("eth1 " + net_.protocol + "v" + version + " " + version + " "))
      << rows().at(0);
  const Json interface = json()["interfaces"][0];
  EXPECT_EQ(interface[net_.version_key], net_.older_version);
  EXPECT_EQ(interface[net_.is_v4() ? "forced_version" : "forced_mld_version"], net_.older_version);
}

TEST_F(StatusOfIpv4, ShowsTheLoopbackInterfaceToWhoAsks) {
  const Agent agent(host_, receiver_configuration({.interface = "lo", .more = ""}));
  EXPECT_EQ(rows({"-i", "lo"}).size(), 1U);
  // Asked for or not: a join of ours is what people look for.
  EXPECT_TRUE(rows().at(0).starts_with("lo IGMPv3 - 239.0.10.101 1 admin-scoped any mcast-agent["));
  EXPECT_TRUE(
      rows({"--all", "-i", "eth1"}).at(0).starts_with("eth1 IGMPv3 - 224.0.0.1 1 link-local"));
  const auto all = rows({"--all"});
  EXPECT_TRUE(std::ranges::none_of(all, [](const std::string& row) {
    return row.find("232.255.255.255") != std::string::npos;
  }));
}

TEST_P(Status, PrintsJsonAlone) {
  Agent agent(host_, receivers());
  const Json status = json({"-i", "eth1"});
  EXPECT_EQ(status["tool"], "mcast-status");
  const Json& memberships = status["interfaces"][0]["memberships"];
  ASSERT_EQ(memberships.size(), 2U) << status;
  const Json& ssm = memberships[net_.is_v4() ? 0 : 1];
  const Json& video = memberships[net_.is_v4() ? 1 : 0];
  EXPECT_EQ(ssm["group"], net_.ssm_group);
  EXPECT_EQ(ssm["filter_mode"], "include");
  EXPECT_EQ(ssm["sources"], (Json{net_.host(1, 1), net_.host(1, 3)}));
  EXPECT_EQ(video["group"], net_.group);
  EXPECT_EQ(video["streams"], (Json{{{"program", "mcast-agent"},
                                     {"pid", agent.process().pid()},
                                     {"stream", "video"},
                                     {"source", nullptr},
                                     {"port", 19779}}}));
}

TEST_F(StatusOfIpv4, NamesTheInterfacesThatThereAre) {
  const RunResult result = run({"-i", "eth7"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_EQ(result.output, "");
  EXPECT_EQ(result.error, "mcast-status: --interface: there is no 'eth7' here, only lo, eth1\n");
}

// Since Linux 6.14 the kernel tells; before, the program looks every 250 ms.
bool kernel_tells_of_joins() {
  utsname name{};
  int major = 0;
  int minor = 0;
  return ::uname(&name) == 0 &&
         std::sscanf(&name.release[0], "%d.%d", &major, &minor) == 2 &&  // NOLINT(cert-err34-c)
         std::pair(major, minor) >= std::pair(6, 14);
}

class StatusWatch : public Status {
 protected:
  // As wide as its column is at least.
  static std::string cell(std::string group) {
    group.resize(std::max<std::size_t>(group.size(), 15), ' ');
    return group;
  }
  static std::chrono::milliseconds at_once() { return kernel_tells_of_joins() ? 200ms : 600ms; }

  [[nodiscard]] std::unique_ptr<Process> watch(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{status_binary(), "--watch"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto process = std::make_unique<Process>(
        std::move(arguments),
        ProcessOptions{.namespace_fd = host_.fd(), .input = {}, .inherited = {}});
    EXPECT_TRUE(eventually(5s, [&] { return !process->standard_output().empty(); }));
    return process;
  }
  static testing::AssertionResult soon(const Process& process, const std::string& text,
                                       std::chrono::milliseconds deadline = at_once()) {
    return eventually(
        deadline, [&] { return process.standard_output().find(text) != std::string::npos; },
        [&] { return "no '" + text + "' in\n" + process.standard_output(); });
  }
};

TEST_P(StatusWatch, ShowsJoinsAndLeavesOfAnotherProgramAtOnce) {
  const auto process = watch();
  const ForeignJoins program(host_, "eth1");
  program.join(foreign_);
  EXPECT_TRUE(soon(*process, " join   eth1       " + cell(foreign_) + " users 1  any\n"));
  program.leave(foreign_);
  EXPECT_TRUE(soon(*process, " leave  eth1       " + cell(foreign_) + " any\n"));
  process->signal(SIGINT);
  EXPECT_EQ(process->wait_exit(2s), 0);
  EXPECT_EQ(process->standard_error(), "");
}

TEST_P(StatusWatch, ShowsAJoinThatIsOverBeforeAnybodyCanLook) {
  if (!kernel_tells_of_joins()) GTEST_SKIP() << "Linux before 6.14";
  const auto process = watch();
  const ForeignJoins program(host_, "eth1");
  program.join(foreign_);
  program.leave(foreign_);
  EXPECT_TRUE(soon(*process, " leave  eth1       " + foreign_));
  EXPECT_TRUE(soon(*process, " join   eth1       " + foreign_));
}

TEST_P(StatusWatch, ShowsNothingWhereNothingHappens) {
  const auto process = watch({"--all"});
  const auto lines = [&] { return std::ranges::count(process->standard_output(), '\n'); };
  ASSERT_TRUE(eventually(5s, [&] { return process->standard_output().ends_with("\n\n"); }));
  const auto before = lines();
  // Longer than it waits before it reads again; another one reads meanwhile.
  EXPECT_TRUE(never(
      1500ms, [&] { return run({}).exit_status != 0 || lines() != before; },
      [&] { return process->standard_output(); }));
}

TEST_P(StatusWatch, NamesTheStreamThatJoinedOrLeft) {
  const auto process = watch();
  Agent agent(host_, receivers());
  EXPECT_TRUE(soon(*process, cell(net_.group) + " users 1  any  " + of(agent.process(), "video")));
  EXPECT_TRUE(soon(*process, cell(net_.ssm_group) + " users 2  " + net_.host(1, 1) + ", " +
                                 net_.host(1, 3) + "  " + of(agent.process(), "one") + ", " +
                                 of(agent.process(), "two")));
  EXPECT_EQ(agent.stop().exit_status, 0);
  EXPECT_TRUE(soon(*process, " leave  eth1       " + cell(net_.group) + " any  " +
                                 of(agent.process(), "video")));
}

TEST_P(StatusWatch, ShowsASecondSourceAndASecondUserWithinASecond) {
  const ForeignJoins program(host_, "eth1");
  program.join(net_.ssm_group, net_.host(1, 1));
  const auto process = watch();
  program.join(net_.ssm_group, net_.host(1, 3));
  const std::string change = " change eth1       " + cell(net_.ssm_group) + " users ";
  EXPECT_TRUE(soon(*process, change + "1  " + net_.host(1, 1) + ", " + net_.host(1, 3), 1500ms));
  const ForeignJoins second(host_, "eth1");
  second.join(net_.ssm_group, net_.host(1, 3));
  EXPECT_TRUE(soon(*process, change + "2", 1500ms));
}

TEST_P(StatusWatch, ShowsThatAnInterfaceTookItsMembershipsAlong) {
  const ForeignJoins program(host_, "eth1");
  program.join(foreign_);
  const auto process = watch();
  delete_link(host_, "eth1");
  EXPECT_TRUE(soon(*process, " leave  eth1       " + foreign_, 2000ms));
}

TEST_P(StatusWatch, MissesNothingOfTenThousandJoins) {
  host_.set_sysctl("net.ipv4.igmp_max_memberships", "10000");
  const auto process = watch();
  std::vector<ForeignJoins> programs;
  const auto join_all = [&] {
    for (std::uint32_t i = 0; i < 10'000; ++i) {
      if (i % 500 == 0) programs.emplace_back(host_, "eth1");
      programs.back().join(net_.group_plus(i));
    }
  };
  join_all();
  const auto count = [&](const std::string& word) {
    const std::string text = process->standard_output();
    std::size_t number = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
      ++number;
    }
    return number;
  };
  // However slow the machine is: as long as more come.
  const auto told_all = [&](const std::string& word) {
    for (std::size_t before = 0;;) {
      auto all = eventually(
          30s, [&] { return count(word) == 10'000; },
          [&] { return std::to_string(count(word)) + word; });
      const std::size_t now = count(word);
      if (all || now == before) return all;
      before = now;
    }
  };
  EXPECT_TRUE(told_all(" join "));
  programs.clear();
  EXPECT_TRUE(told_all(" leave "));
}

TEST_P(StatusWatch, EndsAlsoWhileNobodyReadsItsOutput) {
  host_.set_sysctl("net.ipv4.igmp_max_memberships", "500");
  const ForeignJoins program(host_, "eth1");
  for (std::uint32_t i = 0; i < 500; ++i) program.join(net_.group_plus(i));
  const TemporaryDirectory directory;
  const std::string fifo = directory.path("output");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Process process =
      host_.spawn({"sh", "-c", "exec \"$0\" --watch --json 1<>\"$1\"", status_binary(), fifo});
  const FileDescriptor reader(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const auto waiting = [&] {
    int bytes = 0;
    return ::ioctl(reader.get(), FIONREAD, &bytes) == 0 ? bytes : -1;
  };
  ASSERT_TRUE(eventually(
      5s, [&] { return waiting() == 65'536; },
      [&] { return std::to_string(waiting()) + " bytes\n" + process.standard_error(); }));
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait_exit(2s), 0);
}

TEST_P(StatusWatch, PrintsJsonLines) {
  const auto process = watch({"--json"});
  const ForeignJoins program(host_, "eth1");
  program.join(foreign_);
  ASSERT_TRUE(soon(*process, "\"event\""));
  const std::string text = process->standard_output();
  const std::size_t end = text.find('\n');
  EXPECT_EQ(Json::parse(text.substr(0, end))["tool"], "mcast-status");
  const Json event = Json::parse(text.substr(end + 1));
  EXPECT_EQ(event["event"], "join");
  EXPECT_EQ(event["interface"], "eth1");
  EXPECT_EQ(event["group"], foreign_);
  EXPECT_EQ(event["users"], 1);
  EXPECT_EQ(event["streams"], Json::array());
}

INSTANTIATE_TEST_SUITE_P(, Status, both_families(), net_name);
INSTANTIATE_TEST_SUITE_P(, StatusWatch, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
