#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace mcast::test {
namespace {

TEST(Errno, HasTheNameThatLabelsCarry) {
  EXPECT_EQ(errno_name(ENETUNREACH), "ENETUNREACH");
  EXPECT_EQ(errno_name(ENOBUFS), "ENOBUFS");
  EXPECT_EQ(errno_name(EAGAIN), "EAGAIN");
}

TEST(Errno, WithoutANameKeepsItsNumber) {
  EXPECT_EQ(errno_name(99999), "errno_99999");
  EXPECT_EQ(errno_name(-1), "errno_-1");
}

TEST(Failure, OfTheSystemSaysWhatWasTriedAndKeepsTheCode) {
  const Result<int> result = fail_errno("join 239.0.0.1 on eth1", ENODEV);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "join 239.0.0.1 on eth1: No such device");
  EXPECT_EQ(result.error().code, ENODEV);
}

TEST(Failure, OfOurOwnCheckingHasNoCode) {
  const Result<int> result = fail("no");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().message, "no");
  EXPECT_EQ(result.error().code, 0);
}

}  // namespace
}  // namespace mcast::test
