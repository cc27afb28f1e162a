// A program that a test runs: a child process inside a network namespace, owned by
// this object. It ends with its owner, and, through PR_SET_PDEATHSIG, with the test
// process however that dies.
//
// The kernel ties PR_SET_PDEATHSIG to the *thread* that forked, so start programs
// from a thread that lives as long as they should (the test's own thread), not from
// inside Namespace::enter().
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"

namespace mcast::test {

struct ProcessOptions {
  // The network namespace to run in; -1: the test's own.
  int namespace_fd = -1;
  // What the program reads on stdin; it ends there.
  std::string_view input = {};
  // Stay open in the child under the same number (as /proc/self/fd/N).
  std::vector<int> inherited = {};
};

class Process {
 public:
  // arguments[0] is looked for in PATH and in /usr/sbin and /sbin. Throws Failure
  // if there is no such program; a failure after the fork is exit status 127.
  explicit Process(std::vector<std::string> arguments, const ProcessOptions& options = {});
  Process(Process&&) noexcept = default;
  Process& operator=(Process&&) = delete;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  // SIGTERM (and SIGCONT), SIGKILL after two seconds, and waits.
  ~Process();

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Does nothing once the process has been waited for.
  void signal(int number) const;
  // Nothing if it still runs after `deadline`. Else its exit status as a shell says
  // it: the exit code, or 128 + the number of the signal. May be asked again.
  std::optional<int> wait_exit(std::chrono::milliseconds deadline);
  [[nodiscard]] bool running() { return !wait_exit(std::chrono::milliseconds(0)); }

  // All that it has written so far.
  [[nodiscard]] std::string standard_output() const;
  [[nodiscard]] std::string standard_error() const;
  [[nodiscard]] const std::string& command_line() const { return command_line_; }

 private:
  std::string command_line_;
  FileDescriptor output_;  // memfds: nobody has to read along
  FileDescriptor error_;
  FileDescriptor pidfd_;  // empty in a moved-from object
  pid_t pid_ = -1;
  std::optional<int> exit_status_;
};

}  // namespace mcast::test
