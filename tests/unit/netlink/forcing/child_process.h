// A process of a test: a fork of it that runs one function. Waits have a deadline.
#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <utility>

#include "base/file_descriptor.h"

namespace mcast::test {

// Children share what is open in their parent, locks too: a test forks before it
// opens anything of its own that matters.
class ChildProcess {
 public:
  // What the child's function talks to its parent with.
  class Parent {
   public:
    Parent(FileDescriptor in, FileDescriptor out) : in_(std::move(in)), out_(std::move(out)) {}
    void tell(char what = '.') const {
      if (::write(out_.get(), &what, 1) != 1) ::_exit(kLost);
    }
    // Until the parent says so; ends the child when the parent is gone.
    void wait() const {
      char what = 0;
      if (::read(in_.get(), &what, 1) != 1) ::_exit(kLost);
    }

   private:
    FileDescriptor in_;
    FileDescriptor out_;
  };

  explicit ChildProcess(const std::function<void(const Parent&)>& run) {
    std::array<int, 2> to_child{};
    std::array<int, 2> from_child{};
    if (::pipe(to_child.data()) != 0 || ::pipe(from_child.data()) != 0) std::abort();
    FileDescriptor child_in(to_child[0]);
    FileDescriptor child_out(from_child[1]);
    out_ = FileDescriptor(to_child[1]);
    in_ = FileDescriptor(from_child[0]);
    pid_ = ::fork();
    if (pid_ < 0) std::abort();
    if (pid_ == 0) {
      in_.reset();
      out_.reset();
      run(Parent(std::move(child_in), std::move(child_out)));
      ::_exit(0);
    }
  }
  ChildProcess(ChildProcess&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)),
        in_(std::move(other.in_)),
        out_(std::move(other.out_)) {}
  ChildProcess& operator=(ChildProcess&&) = delete;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() { kill(); }

  [[nodiscard]] pid_t pid() const { return pid_; }
  void tell() const {
    const char what = '.';
    (void)!::write(out_.get(), &what, 1);
  }
  // What the child told; 0 when it ended or said nothing in ten seconds.
  [[nodiscard]] char hear() const {
    pollfd polled{.fd = in_.get(), .events = POLLIN, .revents = 0};
    char what = 0;
    if (::poll(&polled, 1, kDeadlineMilliseconds) != 1) return 0;
    return ::read(in_.get(), &what, 1) == 1 ? what : '\0';
  }
  void kill() {
    if (pid_ <= 0) return;
    (void)::kill(pid_, SIGKILL);
    (void)::waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  // The status of a child that comes to an end by itself; -1 when it does not in ten
  // seconds.
  [[nodiscard]] int end() {
    pollfd polled{.fd = in_.get(), .events = 0, .revents = 0};
    if (::poll(&polled, 1, kDeadlineMilliseconds) != 1) return -1;
    int status = -1;
    (void)::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }

 private:
  static constexpr int kLost = 99;
  static constexpr int kDeadlineMilliseconds = 10'000;

  pid_t pid_ = -1;
  FileDescriptor in_;
  FileDescriptor out_;
};

}  // namespace mcast::test
