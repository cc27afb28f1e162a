#include "base/command_queue.h"

#include <utility>

namespace mcast {

Result<std::unique_ptr<CommandQueue>> CommandQueue::create() {
  auto wake = WakeUp::create();
  if (!wake) return std::unexpected(wake.error());
  return std::make_unique<CommandQueue>(std::move(*wake));
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
  wake_.wake();
  return finished;
}

void CommandQueue::run_pending() {
  wake_.clear();
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
