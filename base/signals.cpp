#include "base/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace mcast {

Result<Signals> Signals::block(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0) {
    return fail_errno("pthread_sigmask", error);
  }
  FileDescriptor fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd) return fail_errno("signalfd", errno);
  return Signals(std::move(fd));
}

std::optional<int> Signals::take() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) {
    return std::nullopt;
  }
  return static_cast<int>(info.ssi_signo);
}

ScopedSignalBlock::ScopedSignalBlock(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  // Fails only for a number that is no signal.
  (void)::pthread_sigmask(SIG_BLOCK, &set, &before_);
}

ScopedSignalBlock::~ScopedSignalBlock() {
  (void)::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace mcast
