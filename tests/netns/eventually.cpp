#include "tests/netns/eventually.h"

#include <thread>

namespace mcast::test {
namespace {

constexpr std::chrono::milliseconds kPollInterval{10};

bool became_true(std::chrono::milliseconds deadline, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (true) {
    const bool last = std::chrono::steady_clock::now() >= end;
    if (condition()) return true;
    if (last) return false;
    std::this_thread::sleep_for(kPollInterval);
  }
}

}  // namespace

testing::AssertionResult eventually(std::chrono::milliseconds deadline,
                                    const std::function<bool()>& condition,
                                    const std::function<std::string()>& describe) {
  if (became_true(deadline, condition)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "did not come true within " << deadline.count() << " ms"
                                     << (describe ? "; seen: " + describe() : std::string());
}

testing::AssertionResult never(std::chrono::milliseconds period,
                               const std::function<bool()>& condition,
                               const std::function<std::string()>& describe) {
  if (!became_true(period, condition)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "came true within " << period.count() << " ms"
                                     << (describe ? "; seen: " + describe() : std::string());
}

}  // namespace mcast::test
