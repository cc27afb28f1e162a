#include "base/wake_up.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <thread>

#include "base/thread.h"

namespace mcast {
namespace {

bool is_readable(const WakeUp& wake, int patience_ms) {
  pollfd polled{.fd = wake.fd(), .events = POLLIN, .revents = 0};
  return ::poll(&polled, 1, patience_ms) == 1;
}

TEST(WakeUp, IsReadableFromWakeUntilClear) {
  const auto wake = WakeUp::create();
  ASSERT_TRUE(wake);
  EXPECT_FALSE(is_readable(*wake, 0));
  wake->wake();
  wake->wake();
  EXPECT_TRUE(is_readable(*wake, 0));
  wake->clear();
  EXPECT_FALSE(is_readable(*wake, 0));
  // Clearing what nobody woke waits for nobody.
  wake->clear();
}

TEST(WakeUp, WakesFromAnotherThread) {
  const auto wake = WakeUp::create();
  ASSERT_TRUE(wake);
  auto thread = start_thread("waker", [&wake] { wake->wake(); });
  ASSERT_TRUE(thread);
  EXPECT_TRUE(is_readable(*wake, 10'000));
  thread->join();
}

}  // namespace
}  // namespace mcast
