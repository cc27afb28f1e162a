#include "probe/command_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace mcast {

Result<std::unique_ptr<CommandQueue>> CommandQueue::create() {
  FileDescriptor wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake) return fail_errno("eventfd", errno);
  return std::make_unique<CommandQueue>(std::move(wake));
}

void CommandQueue::execute(const std::function<void()>& command) {
  if (auto waiting = submit(command, [&] { command(); })) (void)waiting->get();
}

bool CommandQueue::execute_if_open(const std::function<void()>& command) {
  auto waiting = submit(command, [] {});
  return waiting && waiting->get();
}

std::optional<std::future<bool>> CommandQueue::submit(const std::function<void()>& command,
                                                      const std::function<void()>& if_closed) {
  std::promise<bool> done;
  auto finished = done.get_future();
  {
    const std::scoped_lock lock(mutex_);
    if (!open_) {
      if_closed();
      return std::nullopt;
    }
    waiting_.push_back(Waiting{.command = &command, .done = std::move(done)});
  }
  const std::uint64_t one = 1;
  // Cannot fail but when the counter is full, and then the engine wakes anyway.
  (void)!::write(wake_.get(), &one, sizeof one);
  return finished;
}

void CommandQueue::run_pending() {
  std::uint64_t count = 0;
  (void)!::read(wake_.get(), &count, sizeof count);
  std::vector<Waiting> waiting;
  {
    const std::scoped_lock lock(mutex_);
    waiting.swap(waiting_);
  }
  for (Waiting& entry : waiting) {
    (*entry.command)();
    entry.done.set_value(true);
  }
}

void CommandQueue::open() {
  const std::scoped_lock lock(mutex_);
  open_ = true;
}

void CommandQueue::abandon() {
  std::vector<Waiting> waiting;
  {
    const std::scoped_lock lock(mutex_);
    open_ = false;
    waiting.swap(waiting_);
  }
  for (Waiting& entry : waiting) entry.done.set_value(false);
}

void CommandQueue::close() {
  {
    const std::scoped_lock lock(mutex_);
    open_ = false;
  }
  run_pending();
}

}  // namespace mcast
