// mcast-status on a host with joins of ours, of others, and of the kernel.
//
//   host eth1 10.1.1.2/24 --- eth1 10.1.1.1/24 other
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/address.h"
#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"
#include "tests/netns/temporary_directory.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr const char* kReceivers =
    "receivers:\n"
    "  - {name: video, group: 239.0.10.101, interface: eth1}\n"
    "  - {name: one, group: 232.5.5.5, source: 10.1.1.1, interface: eth1}\n"
    "  - {name: two, group: 232.5.5.5, source: 10.1.1.3, interface: eth1}\n";

std::string status_binary() {
  return std::string(MCAST_BINARIES) + "/mcast-status";
}

class Status : public testing::Test {
 protected:
  Status() { connect(host_, "eth1", "10.1.1.2/24", other_, "eth1", "10.1.1.1/24"); }

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

  void change(const FileDescriptor& socket, int option, const char* group) const {
    ip_mreqn request{};
    request.imr_multiaddr.s_addr = htonl(IpAddress::parse(group).value().v4_host_order());
    request.imr_ifindex = static_cast<int>(host_.interface_index("eth1"));
    if (::setsockopt(socket.get(), IPPROTO_IP, option, &request, sizeof request) != 0) {
      fail_with_errno("join or leave", errno);
    }
  }
  void add_source(const FileDescriptor& socket, const char* group, const char* source) const {
    ip_mreq_source request{};
    request.imr_multiaddr.s_addr = htonl(IpAddress::parse(group).value().v4_host_order());
    request.imr_interface.s_addr = htonl(0x0A010102);
    request.imr_sourceaddr.s_addr = htonl(IpAddress::parse(source).value().v4_host_order());
    if (::setsockopt(socket.get(), IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &request,
                     sizeof request) != 0) {
      fail_with_errno("join a source", errno);
    }
  }
  [[nodiscard]] FileDescriptor new_socket() const { return host_.socket(AF_INET, SOCK_DGRAM); }

  static std::string of(const Process& process, const char* stream) {
    return "mcast-agent[" + std::to_string(process.pid()) + "] " + stream;
  }

  Namespace host_{"host"};
  Namespace other_{"other"};
};

TEST_F(Status, ShowsOurJoinsWithTheirStreamsAndOthersWithout) {
  Agent agent(host_, kReceivers);
  const FileDescriptor socket = new_socket();
  change(socket, IP_ADD_MEMBERSHIP, "239.9.9.9");
  EXPECT_EQ(rows(), (std::vector<std::string>{
                        "eth1 3 - 232.5.5.5 2 SSM 10.1.1.1, 10.1.1.3 " +
                            of(agent.process(), "one") + ", " + of(agent.process(), "two"),
                        "eth1 3 - 239.0.10.101 1 admin-scoped any " + of(agent.process(), "video"),
                        "eth1 3 - 239.9.9.9 1 admin-scoped any"}));
  EXPECT_EQ(agent.stop().exit_status, 0);
  EXPECT_EQ(rows(), std::vector<std::string>{"eth1 3 - 239.9.9.9 1 admin-scoped any"});
  change(socket, IP_DROP_MEMBERSHIP, "239.9.9.9");
  EXPECT_EQ(rows(), std::vector<std::string>{"eth1 3 - none"});
}

TEST_F(Status, OfAnotherHostShowsNothingOfThisOne) {
  const Agent agent(host_, kReceivers);
  EXPECT_EQ(other_.run({status_binary()}).find("mcast-agent"), std::string::npos);
}

TEST_F(Status, ShowsTheStreamOfAnAgentThatWasKilledNoLonger) {
  Agent agent(host_, kReceivers);
  agent.process().signal(SIGKILL);
  ASSERT_TRUE(agent.process().wait_exit(5s));
  EXPECT_EQ(rows(), std::vector<std::string>{"eth1 3 - none"});
}

TEST_F(Status, ShowsTheForcedVersion) {
  const Agent agent(host_, receiver_configuration({.more = "igmp_version: 2"}));
  EXPECT_EQ(rows().at(0).substr(0, 9), "eth1 2 2 ");
  const Json interface = json()["interfaces"][0];
  EXPECT_EQ(interface["igmp_version"], 2);
  EXPECT_EQ(interface["forced_version"], 2);
}

TEST_F(Status, ShowsTheLoopbackInterfaceToWhoAsks) {
  const Agent agent(host_, receiver_configuration({.interface = "lo", .more = ""}));
  EXPECT_EQ(rows({"-i", "lo"}).size(), 1U);
  // Asked for or not: a join of ours is what people look for.
  EXPECT_TRUE(rows().at(0).starts_with("lo 3 - 239.0.10.101 1 admin-scoped any mcast-agent["));
  EXPECT_TRUE(rows({"--all", "-i", "eth1"}).at(0).starts_with("eth1 3 - 224.0.0.1 1 link-local"));
  const auto all = rows({"--all"});
  EXPECT_TRUE(std::ranges::none_of(all, [](const std::string& row) {
    return row.find("232.255.255.255") != std::string::npos;
  }));
}

TEST_F(Status, PrintsJsonAlone) {
  Agent agent(host_, kReceivers);
  const Json status = json({"-i", "eth1"});
  EXPECT_EQ(status["tool"], "mcast-status");
  const Json& memberships = status["interfaces"][0]["memberships"];
  ASSERT_EQ(memberships.size(), 2U) << status;
  EXPECT_EQ(memberships[0]["group"], "232.5.5.5");
  EXPECT_EQ(memberships[0]["filter_mode"], "include");
  EXPECT_EQ(memberships[0]["sources"], (Json{"10.1.1.1", "10.1.1.3"}));
  EXPECT_EQ(memberships[1]["streams"], (Json{{{"program", "mcast-agent"},
                                              {"pid", agent.process().pid()},
                                              {"stream", "video"},
                                              {"source", nullptr},
                                              {"port", 19779}}}));
}

TEST_F(Status, NamesTheInterfacesThatThereAre) {
  const RunResult result = run({"-i", "eth7"});
  EXPECT_EQ(result.exit_status, 2);
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

TEST_F(StatusWatch, ShowsJoinsAndLeavesOfAnotherProgramAtOnce) {
  const auto process = watch();
  const FileDescriptor socket = new_socket();
  change(socket, IP_ADD_MEMBERSHIP, "239.9.9.9");
  EXPECT_TRUE(soon(*process, " join   eth1       239.9.9.9       users 1  any\n"));
  change(socket, IP_DROP_MEMBERSHIP, "239.9.9.9");
  EXPECT_TRUE(soon(*process, " leave  eth1       239.9.9.9       any\n"));
  process->signal(SIGINT);
  EXPECT_EQ(process->wait_exit(2s), 0);
  EXPECT_EQ(process->standard_error(), "");
}

TEST_F(StatusWatch, ShowsAJoinThatIsOverBeforeAnybodyCanLook) {
  if (!kernel_tells_of_joins()) GTEST_SKIP() << "Linux before 6.14";
  const auto process = watch();
  const FileDescriptor socket = new_socket();
  change(socket, IP_ADD_MEMBERSHIP, "239.9.9.8");
  change(socket, IP_DROP_MEMBERSHIP, "239.9.9.8");
  EXPECT_TRUE(soon(*process, " leave  eth1       239.9.9.8"));
  EXPECT_TRUE(soon(*process, " join   eth1       239.9.9.8"));
}

TEST_F(StatusWatch, ShowsNothingWhereNothingHappens) {
  const auto process = watch({"--all"});
  const auto lines = [&] { return std::ranges::count(process->standard_output(), '\n'); };
  ASSERT_TRUE(eventually(5s, [&] { return process->standard_output().ends_with("\n\n"); }));
  const auto before = lines();
  // Longer than it waits before it reads again; another one reads meanwhile.
  EXPECT_TRUE(never(
      1500ms, [&] { return run({}).exit_status != 0 || lines() != before; },
      [&] { return process->standard_output(); }));
}

TEST_F(StatusWatch, NamesTheStreamThatJoinedOrLeft) {
  const auto process = watch();
  Agent agent(host_, kReceivers);
  EXPECT_TRUE(soon(*process, "239.0.10.101    users 1  any  " + of(agent.process(), "video")));
  EXPECT_TRUE(soon(*process, "232.5.5.5       users 2  10.1.1.1, 10.1.1.3  " +
                                 of(agent.process(), "one") + ", " + of(agent.process(), "two")));
  EXPECT_EQ(agent.stop().exit_status, 0);
  EXPECT_TRUE(
      soon(*process, " leave  eth1       239.0.10.101    any  " + of(agent.process(), "video")));
}

TEST_F(StatusWatch, ShowsASecondSourceAndASecondUserWithinASecond) {
  const FileDescriptor socket = new_socket();
  add_source(socket, "232.5.5.5", "10.1.1.1");
  const auto process = watch();
  add_source(socket, "232.5.5.5", "10.1.1.3");
  EXPECT_TRUE(
      soon(*process, " change eth1       232.5.5.5       users 1  10.1.1.1, 10.1.1.3", 1500ms));
  const FileDescriptor second = new_socket();
  add_source(second, "232.5.5.5", "10.1.1.3");
  EXPECT_TRUE(soon(*process, " change eth1       232.5.5.5       users 2", 1500ms));
}

TEST_F(StatusWatch, ShowsThatAnInterfaceTookItsMembershipsAlong) {
  const FileDescriptor socket = new_socket();
  change(socket, IP_ADD_MEMBERSHIP, "239.9.9.9");
  const auto process = watch();
  delete_link(host_, "eth1");
  EXPECT_TRUE(soon(*process, " leave  eth1       239.9.9.9", 2000ms));
}

TEST_F(StatusWatch, MissesNothingOfTenThousandJoins) {
  host_.set_sysctl("net.ipv4.igmp_max_memberships", "10000");
  const auto process = watch();
  std::vector<FileDescriptor> sockets;
  const auto join_all = [&] {
    for (std::uint32_t i = 0; i < 10'000; ++i) {
      if (i % 500 == 0) sockets.push_back(new_socket());
      change(sockets.back(), IP_ADD_MEMBERSHIP, IpAddress::v4(0xEF000000 + i).to_string().c_str());
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
  sockets.clear();
  EXPECT_TRUE(told_all(" leave "));
}

TEST_F(StatusWatch, EndsAlsoWhileNobodyReadsItsOutput) {
  host_.set_sysctl("net.ipv4.igmp_max_memberships", "500");
  const FileDescriptor socket = new_socket();
  for (std::uint32_t i = 0; i < 500; ++i) {
    change(socket, IP_ADD_MEMBERSHIP, IpAddress::v4(0xEF000000 + i).to_string().c_str());
  }
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

TEST_F(StatusWatch, PrintsJsonLines) {
  const auto process = watch({"--json"});
  const FileDescriptor socket = new_socket();
  change(socket, IP_ADD_MEMBERSHIP, "239.9.9.9");
  ASSERT_TRUE(soon(*process, "\"event\""));
  const std::string text = process->standard_output();
  const std::size_t end = text.find('\n');
  EXPECT_EQ(Json::parse(text.substr(0, end))["tool"], "mcast-status");
  const Json event = Json::parse(text.substr(end + 1));
  EXPECT_EQ(event["event"], "join");
  EXPECT_EQ(event["interface"], "eth1");
  EXPECT_EQ(event["group"], "239.9.9.9");
  EXPECT_EQ(event["users"], 1);
  EXPECT_EQ(event["streams"], Json::array());
}

}  // namespace
}  // namespace mcast::test
