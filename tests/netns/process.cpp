#include "tests/netns/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

// glibc 2.36 declares these two for C alone.
int pidfd_open(pid_t pid) {
  return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U));
}
int pidfd_send_signal(int pidfd, int number) {
  return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, number, nullptr, 0U));
}

using std::chrono::milliseconds;

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (::access(name.c_str(), X_OK) == 0) return name;
    fail_with_errno("program " + name, errno);
  }
  // Nothing in a test program changes the environment.
  const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe)
  std::istringstream folders(std::string(path != nullptr ? path : "") +
                             ":/usr/sbin:/usr/bin:/sbin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (folder.empty()) continue;
    std::string candidate = folder;
    candidate += '/';
    candidate += name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  fail_with("program " + name + " is not installed");
}

FileDescriptor memory_file(const char* name) {
  FileDescriptor file(::memfd_create(name, MFD_CLOEXEC));
  if (!file) fail_with_errno("memfd_create", errno);
  return file;
}

std::string content_of(const FileDescriptor& file) {
  std::string content;
  std::array<char, 16'384> block{};
  while (true) {
    const ssize_t count =
        ::pread(file.get(), block.data(), block.size(), static_cast<off_t>(content.size()));
    if (count <= 0) return content;
    content.append(block.data(), static_cast<std::size_t>(count));
  }
}

// Between fork and exec of a process with threads: async-signal-safe calls only.
[[noreturn]] void give_up(std::string_view step) {
  constexpr std::string_view kEnd = " failed before exec\n";
  (void)!::write(STDERR_FILENO, step.data(), step.size());
  (void)!::write(STDERR_FILENO, kEnd.data(), kEnd.size());
  ::_exit(127);
}

[[noreturn]] void become(const char* program, char* const* arguments, pid_t parent, int input,
                         int output, int error, const ProcessOptions& options) {
  if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
      ::dup2(error, STDERR_FILENO) < 0) {
    give_up("dup2");
  }
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up("prctl");
  // The parent may have died before the line above.
  if (::getppid() != parent) ::_exit(127);
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  for (const int fd : options.inherited) {
    if (::fcntl(fd, F_SETFD, 0) != 0) give_up("fcntl");
  }
  if (options.namespace_fd >= 0 && ::setns(options.namespace_fd, CLONE_NEWNET) != 0) {
    give_up("setns");
  }
  ::execv(program, arguments);
  give_up("execv");
}

}  // namespace

Process::Process(std::vector<std::string> arguments, const ProcessOptions& options)
    : output_(memory_file("stdout")), error_(memory_file("stderr")) {
  if (arguments.empty()) fail_with("no program to run");
  for (const std::string& argument : arguments) {
    command_line_ += (command_line_.empty() ? "" : " ") + argument;
  }
  const std::string program = find_program(arguments[0]);
  const FileDescriptor input = memory_file("stdin");
  if (::pwrite(input.get(), options.input.data(), options.input.size(), 0) !=
      static_cast<ssize_t>(options.input.size())) {
    fail_with_errno("write the input of " + command_line_, errno);
  }
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) fail_with_errno("fork", errno);
  if (pid_ == 0) {
    become(program.c_str(), argv.data(), parent, input.get(), output_.get(), error_.get(), options);
  }
  pidfd_ = FileDescriptor(pidfd_open(pid_));
  if (!pidfd_) {
    const int code = errno;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    fail_with_errno("pidfd_open", code);
  }
}

Process::~Process() {
  if (!pidfd_ || exit_status_) return;
  signal(SIGTERM);
  signal(SIGCONT);
  if (!wait_exit(std::chrono::seconds(2))) {
    signal(SIGKILL);
    wait_exit(std::chrono::seconds(10));
  }
}

void Process::signal(int number) const {
  if (!exit_status_) pidfd_send_signal(pidfd_.get(), number);
}

std::optional<int> Process::wait_exit(milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!exit_status_) {
    const auto left =
        std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now()).count();
    pollfd wait{pidfd_.get(), POLLIN, 0};
    const int ready = ::poll(&wait, 1, left > 0 ? static_cast<int>(left) : 0);
    if (ready < 0 && errno != EINTR) fail_with_errno("poll for the end of " + command_line_, errno);
    if (ready == 0) return std::nullopt;
    if (ready < 0) continue;
    int status = 0;
    if (::waitpid(pid_, &status, 0) != pid_) fail_with_errno("wait for " + command_line_, errno);
    exit_status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  return exit_status_;
}

std::string Process::standard_output() const {
  return content_of(output_);
}
std::string Process::standard_error() const {
  return content_of(error_);
}

}  // namespace mcast::test
