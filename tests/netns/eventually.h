// Waiting for a condition: the one place where a test sleeps. A test never waits
// for a fixed time; it says what must come true, by when, and what to print if it
// does not.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

namespace mcast::test {

// Asks `condition` at once and then every 10 ms until it holds or `deadline` has
// passed (it is asked once more at the end). `describe` is called only on failure
// and says what was seen instead.
//
//   EXPECT_TRUE(eventually(5s, [&] { return agent.metrics().value(...) == 1; },
//                          [&] { return agent.metrics().text(); }));
[[nodiscard]] testing::AssertionResult eventually(
    std::chrono::milliseconds deadline, const std::function<bool()>& condition,
    const std::function<std::string()>& describe = {});

// The opposite: holds only if `condition` stays false for all of `period`. For the
// twin of a test that something arrives.
[[nodiscard]] testing::AssertionResult never(std::chrono::milliseconds period,
                                             const std::function<bool()>& condition,
                                             const std::function<std::string()>& describe = {});

}  // namespace mcast::test
