#include "tests/netns/namespace.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

// Short-lived threads move into namespaces so that the test's own thread never does.
void in_a_thread(const std::function<void()>& function) {
  std::exception_ptr trouble;
  std::thread thread([&] {
    try {
      function();
    } catch (...) {
      trouble = std::current_exception();
    }
  });
  thread.join();
  if (trouble) std::rethrow_exception(trouble);
}

std::string sysctl_path(std::string_view key) {
  std::string path(key);
  if (path.find('/') == std::string::npos) std::replace(path.begin(), path.end(), '.', '/');
  return "/proc/sys/" + path;
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) fail_with_errno("open " + path, errno);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

Namespace::Namespace(std::string name, Ipv6 ipv6)
    : name_(std::move(name)), ipv6_(::access("/proc/sys/net/ipv6", F_OK) == 0 ? ipv6 : Ipv6::kOff) {
  in_a_thread([&] {
    if (::unshare(CLONE_NEWNET) != 0) fail_with_errno("make network namespace " + name_, errno);
    fd_ = FileDescriptor(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!fd_) fail_with_errno("open network namespace " + name_, errno);
  });
  // Settings of a new namespace are copies of the host's, so all that tests depend
  // on is set here. "all" for rp_filter because the larger of the two counts.
  for (const char* where : {"all", "default", "lo"}) {
    const std::string conf = std::string("net.ipv4.conf.") + where;
    set_sysctl(conf + ".rp_filter", "0");
    set_sysctl(conf + ".force_igmp_version", "0");
    if (::access("/proc/sys/net/ipv6", F_OK) != 0) continue;
    const std::string conf6 = std::string("net.ipv6.conf.") + where;
    set_sysctl(conf6 + ".disable_ipv6", ipv6_ == Ipv6::kOff ? "1" : "0");
    // Of "all" and the interface, the larger one counts here too.
    set_sysctl(conf6 + ".accept_dad", ipv6_ == Ipv6::kWithDad ? "1" : "0");
    set_sysctl(conf6 + ".accept_ra", "0");
    set_sysctl(conf6 + ".force_mld_version", "0");
  }
  set_sysctl("net.ipv4.ip_forward", "1");

  const FileDescriptor control = socket(AF_INET, SOCK_DGRAM);
  ifreq loopback{};
  std::string_view("lo").copy(loopback.ifr_name, IFNAMSIZ - 1);
  loopback.ifr_flags = IFF_UP;
  if (::ioctl(control.get(), SIOCSIFFLAGS, &loopback) != 0) {
    fail_with_errno("switch on lo in " + name_, errno);
  }
}

void Namespace::forward_ipv6() const {
  if (ipv6_ != Ipv6::kOff) set_sysctl("net.ipv6.conf.all.forwarding", "1");
}

ino_t Namespace::inode() const {
  struct stat status{};
  if (::fstat(fd_.get(), &status) != 0) fail_with_errno("stat namespace " + name_, errno);
  return status.st_ino;
}

void Namespace::call_inside(const std::function<void()>& function) const {
  in_a_thread([&] {
    if (::setns(fd_.get(), CLONE_NEWNET) != 0) fail_with_errno("enter " + name_, errno);
    function();
  });
}

std::string Namespace::run(std::vector<std::string> arguments, const RunOptions& options) const {
  std::string command;
  for (const std::string& argument : arguments) command += " " + argument;
  RunResult result = try_run(std::move(arguments), options);
  if (result.exit_status != 0) {
    fail_with("in " + name_ + ":" + command + ": exit status " +
              std::to_string(result.exit_status) + "\n" + result.error + result.output);
  }
  return std::move(result.output);
}

RunResult Namespace::try_run(std::vector<std::string> arguments, const RunOptions& options) const {
  Process process(std::move(arguments), {fd_.get(), options.input, options.inherited});
  const std::optional<int> status = process.wait_exit(options.deadline);
  if (!status) {
    process.signal(SIGKILL);
    process.wait_exit(std::chrono::seconds(10));
    fail_with("in " + name_ + ": " + process.command_line() + ": did not end within " +
              std::to_string(options.deadline.count()) + " ms\n" + process.standard_error());
  }
  return {*status, process.standard_output(), process.standard_error()};
}

Process Namespace::spawn(std::vector<std::string> arguments) const {
  return Process(std::move(arguments), {fd_.get(), {}, {}});
}

FileDescriptor Namespace::socket(int domain, int type, int protocol) const {
  return enter([&] {
    FileDescriptor socket(::socket(domain, type | SOCK_CLOEXEC, protocol));
    if (!socket) fail_with_errno("open a socket in " + name_, errno);
    return socket;
  });
}

void Namespace::set_sysctl(std::string_view key, std::string_view value) const {
  enter([&] {
    const std::string path = sysctl_path(key);
    const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) fail_with_errno("open " + path + " in " + name_, errno);
    if (::write(file.get(), value.data(), value.size()) < 0) {
      fail_with_errno("write " + path + " in " + name_, errno);
    }
  });
}

std::string Namespace::sysctl(std::string_view key) const {
  std::string value = enter([&] { return read_file(sysctl_path(key)); });
  while (!value.empty() && value.back() == '\n') value.pop_back();
  return value;
}

std::string Namespace::proc_net(std::string_view file) const {
  // Not /proc/net: that is the namespace of the process's first thread.
  return enter([&] { return read_file("/proc/thread-self/net/" + std::string(file)); });
}

unsigned Namespace::interface_index(const std::string& interface) const {
  return enter([&] { return ::if_nametoindex(interface.c_str()); });
}

}  // namespace mcast::test
