#include "tests/netns/frr_router.h"

#include <pwd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <fstream>
#include <sstream>

#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

constexpr const char* kUser = "frr";

// zebra returns once it listens to pimd. pimd stays in the foreground, and the shell
// with it: it has to stay the first process of their namespace. Debian keeps both
// programs out of PATH.
constexpr const char* kScript = R"(set -e
PATH="$PATH:/usr/sbin:/sbin:/usr/lib/frr:/usr/libexec/frr"
mount -t tmpfs none /var/tmp
chown -R frr:frr "$1"
files="--vty_socket $1 -z $1/zserv -P 0"
zebra -d $files -f "$1/zebra.conf" -i "$1/zebra.pid" --log "file:$1/zebra.log"
pimd $files -f "$1/pimd.conf" -i "$1/pimd.pid" --log stdout
exit 1
)";

// Each line as its words.
std::vector<std::vector<std::string>> words_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string>& row = rows.emplace_back();
    for (std::string word; words >> word;) row.push_back(word);
  }
  return rows;
}

Process ask_pimd(const std::string& directory, const std::string& command) {
  // The socket is a file, so it is reached from any network namespace.
  Process shell({"vtysh", "--vty_socket", directory, "-d", "pimd", "-c", command});
  shell.wait_exit(std::chrono::seconds(10));
  return shell;
}

}  // namespace

std::string pim_configuration(const std::vector<PimInterface>& interfaces) {
  std::string text;
  for (const PimInterface& interface : interfaces) {
    text += "interface " + interface.name + "\n ip pim\n ip pim hello 1\n";
    // In this order: answers have to come before the next query, which FRR 10 insists on.
    // The first is in tenths of a second.
    if (interface.igmp) {
      text += " ip igmp\n ip igmp query-max-response-time 5\n ip igmp query-interval 1\n";
    }
    text += "exit\n";
  }
  return text;
}

std::optional<std::string> FrrRouter::why_it_cannot_run() {
  std::array<char, 4096> text{};
  passwd entry{};
  passwd* found = nullptr;
  // One who is not there is for the constructor to say: scripts/setup was not run.
  if (::getpwnam_r(kUser, &entry, text.data(), text.size(), &found) != 0 || found == nullptr) {
    return std::nullopt;
  }
  // user_namespaces(7): first ID inside, first outside, how many.
  std::ifstream map("/proc/self/uid_map");
  std::uint64_t inside = 0;
  std::uint64_t outside = 0;
  std::uint64_t count = 0;
  while (map >> inside >> outside >> count) {
    if (entry.pw_uid >= inside && entry.pw_uid - inside < count) return std::nullopt;
  }
  return "FRR changes to user frr, and this user namespace does not have that user";
}

FrrRouter::FrrRouter(const Namespace& where, const std::vector<PimInterface>& interfaces) {
  for (const PimInterface& interface : interfaces) {
    if (where.interface_index(interface.name) == 0) {
      fail_with("no interface " + interface.name + " in " + where.name() + " for FRR");
    }
  }
  (void)directory_.write("zebra.conf", "");
  (void)directory_.write("pimd.conf", pim_configuration(interfaces));
  process_ = std::make_unique<Process>(
      where.spawn({"unshare", "--pid", "--fork", "--kill-child", "--mount", "sh", "-c", kScript,
                   "router", directory()}));
  std::string answer;
  const auto is_up = [&] {
    if (!process_->running()) {
      fail_with("FRR in " + where.name() + " ended: " + process_->standard_error() + log());
    }
    answer = ask("show ip pim interface");
    const auto rows = words_of(answer);
    return std::ranges::all_of(interfaces, [&](const PimInterface& interface) {
      return std::ranges::any_of(rows, [&](const std::vector<std::string>& row) {
        return row.size() > 2 && row[0] == interface.name && row[1] == "up";
      });
    });
  };
  if (!eventually(std::chrono::seconds(10), is_up)) {
    fail_with("pimd in " + where.name() + " does not come up: " + answer + log());
  }
}

FrrRouter::~FrrRouter() {
  // unshare holds back SIGTERM until its child has ended.
  process_->signal(SIGKILL);
  process_->wait_exit(std::chrono::seconds(10));
}

std::string FrrRouter::ask(const std::string& command) const {
  return ask_pimd(directory(), command).standard_output();
}

std::optional<std::uint64_t> FrrRouter::routed_packets(const std::string& source,
                                                       const std::string& group) const {
  // Source Group LastUsed Packets Bytes WrongIf
  for (const auto& row : words_of(ask("show ip mroute count"))) {
    if (row.size() < 6 || row[0] != source || row[1] != group) continue;
    std::istringstream packets(row[3]);
    std::uint64_t count = 0;
    if (packets >> count) return count;
  }
  return std::nullopt;
}

}  // namespace mcast::test
