// An anonymous network namespace: nothing but a file descriptor. It has no name and
// leaves nothing in /run/netns; the kernel removes it, and every interface in it,
// when the last descriptor, socket and process of it is gone, however the test
// process ends.
//
// Any thread may call any member function.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/file_descriptor.h"
#include "tests/netns/process.h"

namespace mcast::test {

struct RunOptions {
  std::chrono::milliseconds deadline{10'000};
  std::string_view input = {};
  // Descriptors of other namespaces: stay open in the program as /proc/self/fd/N.
  std::vector<int> inherited = {};
};

struct RunResult {
  int exit_status = 0;  // as Process::wait_exit says it
  std::string output;
  std::string error;
};

class Namespace {
 public:
  enum class Ipv6 {
    kOn,       // addresses are there at once
    kWithDad,  // after duplicate address detection, as on a host that nobody has configured
    kOff,      // net.ipv6.conf.all.disable_ipv6
  };

  // `name` is for messages alone. Loopback is up, rp_filter is 0 and IPv4's forwarding
  // is 1 on everything that will be added. In IPv6 it is a host: routers
  // (forward_ipv6()) are in groups of their own, which every list would show.
  explicit Namespace(std::string name, Ipv6 ipv6 = Ipv6::kOn);
  Namespace(Namespace&&) noexcept = default;
  Namespace& operator=(Namespace&&) noexcept = default;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] Ipv6 ipv6() const { return ipv6_; }
  // Makes it a router of IPv6 too. Does nothing where IPv6 is off.
  void forward_ipv6() const;
  // What /proc/PID/ns/net of a process in here has as its inode.
  [[nodiscard]] ino_t inode() const;

  // Runs a program to its end and returns its stdout; throws Failure with its
  // stderr unless it exits with 0 within the deadline.
  std::string run(std::vector<std::string> arguments, const RunOptions& options = {}) const;
  // The same, but any exit status is a result.
  [[nodiscard]] RunResult try_run(std::vector<std::string> arguments,
                                  const RunOptions& options = {}) const;
  // Starts a program that goes on. See process.h about threads.
  [[nodiscard]] Process spawn(std::vector<std::string> arguments) const;

  // Calls `function` in a thread that is inside, waits, and returns what it returns
  // or throws what it throws. A socket stays in the namespace where it was opened.
  template <typename Function>
  auto enter(Function&& function) const {
    using T = std::invoke_result_t<Function>;
    if constexpr (std::is_void_v<T>) {
      call_inside(std::forward<Function>(function));
    } else {
      T value{};
      call_inside([&] { value = function(); });
      return value;
    }
  }
  // A close-on-exec socket that was opened inside.
  [[nodiscard]] FileDescriptor socket(int domain, int type, int protocol = 0) const;

  // `key` as sysctl takes it, with dots or slashes ("net.ipv4.ip_forward").
  void set_sysctl(std::string_view key, std::string_view value) const;
  [[nodiscard]] std::string sysctl(std::string_view key) const;
  // A file that shows the namespace of whoever reads it, below /proc/net/ ("igmp").
  [[nodiscard]] std::string proc_net(std::string_view file) const;
  // 0 if there is no such interface.
  [[nodiscard]] unsigned interface_index(const std::string& interface) const;

 private:
  void call_inside(const std::function<void()>& function) const;

  std::string name_;
  Ipv6 ipv6_;
  FileDescriptor fd_;
};

}  // namespace mcast::test
