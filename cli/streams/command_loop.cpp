#include "cli/streams/command_loop.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace mcast::cli {

bool CommandLoop::wait(Nanoseconds until, std::span<const int> more) {
  // Descriptors below zero are left out by poll.
  const int keys = terminal_ != nullptr ? STDIN_FILENO : -1;
  std::vector polled{pollfd{.fd = signals_.fd(), .events = POLLIN, .revents = 0},
                     pollfd{.fd = session_.fd(), .events = POLLIN, .revents = 0},
                     pollfd{.fd = keys, .events = POLLIN, .revents = 0}};
  for (const int fd : more) polled.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  const Nanoseconds left = std::max<Nanoseconds>(0, until - clock_.monotonic());
  const timespec timeout{.tv_sec = left / kSecond, .tv_nsec = left % kSecond};
  (void)::ppoll(polled.data(), polled.size(), &timeout, nullptr);
  if (signals_.take()) return false;
  if (terminal_ != nullptr) {
    // A terminal that has gone away is readable for ever.
    if ((polled[2].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return false;
    while (const auto key = terminal_->key()) {
      if (*key == 'q' || *key == 'Q') return false;
    }
  }
  session_.look_after();
  return true;
}

}  // namespace mcast::cli
