#include "base/command_queue.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace mcast::test {
namespace {

bool readable(const CommandQueue& queue, int timeout_ms) {
  pollfd wake{.fd = queue.fd(), .events = POLLIN, .revents = 0};
  return ::poll(&wake, 1, timeout_ms) == 1;
}

class CommandQueueTest : public ::testing::Test {
 protected:
  std::unique_ptr<CommandQueue> queue_ = std::move(CommandQueue::create().value());
};

TEST_F(CommandQueueTest, RunsACommandAtOnceWhileNoEngineRuns) {
  std::thread::id ran_on;
  queue_->execute([&] { ran_on = std::this_thread::get_id(); });
  EXPECT_EQ(ran_on, std::this_thread::get_id());
  EXPECT_FALSE(readable(*queue_, 0));
}

TEST_F(CommandQueueTest, RunsACommandOnTheEnginesThreadAndReturnsAfterIt) {
  bool running = true;
  std::thread engine;
  std::thread::id engine_id;
  {
    std::promise<void> opened;
    engine = std::thread([&] {
      queue_->open();
      opened.set_value();
      while (running) {
        if (readable(*queue_, -1)) queue_->run_pending();
      }
      queue_->close();
    });
    opened.get_future().wait();
    engine_id = engine.get_id();
  }
  std::thread::id ran_on;
  queue_->execute([&] { ran_on = std::this_thread::get_id(); });
  EXPECT_EQ(ran_on, engine_id);

  // From many threads: every one runs once, none at the same time as another.
  int count = 0;
  std::vector<std::thread> callers;
  callers.reserve(8);
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      for (int k = 0; k < 500; ++k) queue_->execute([&] { ++count; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(count, 4000);

  ran_on = {};
  EXPECT_TRUE(queue_->execute_if_open([&] { ran_on = std::this_thread::get_id(); }));
  EXPECT_EQ(ran_on, engine_id);

  queue_->execute([&] { running = false; });
  engine.join();
  EXPECT_FALSE(queue_->execute_if_open([&] { ADD_FAILURE() << "nothing runs this"; }));
  queue_->execute([&] { ran_on = std::this_thread::get_id(); });
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST_F(CommandQueueTest, GivesUpWhatWaitsWhenItIsAbandoned) {
  queue_->open();
  bool ran = false;
  std::thread caller([&] { EXPECT_FALSE(queue_->execute_if_open([&] { ran = true; })); });
  EXPECT_TRUE(readable(*queue_, -1));
  queue_->abandon();
  caller.join();
  EXPECT_FALSE(ran);
  EXPECT_FALSE(queue_->execute_if_open([&] { ran = true; }));
}

}  // namespace
}  // namespace mcast::test
