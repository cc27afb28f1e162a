#include "base/file_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace mcast::test {
namespace {

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

FileDescriptor open_null() {
  return FileDescriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

TEST(FileDescriptor, ClosesAtTheEndOfItsLife) {
  int number = -1;
  {
    const FileDescriptor fd = open_null();
    ASSERT_TRUE(fd);
    number = fd.get();
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(FileDescriptor, OwnsNothingAfterAMove) {
  FileDescriptor first = open_null();
  const int number = first.get();
  const FileDescriptor second = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): the state after a move is the subject
  EXPECT_EQ(second.get(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(FileDescriptor, ClosesWhatAnAssignmentReplaces) {
  FileDescriptor first = open_null();
  FileDescriptor second = open_null();
  const int replaced = first.get();
  const int kept = second.get();
  first = std::move(second);
  EXPECT_FALSE(is_open(replaced));
  EXPECT_EQ(first.get(), kept);
  EXPECT_TRUE(is_open(kept));
}

TEST(FileDescriptor, SurvivesAssignmentToItself) {
  FileDescriptor fd = open_null();
  FileDescriptor& same = fd;
  fd = std::move(same);
  EXPECT_TRUE(fd);
  EXPECT_TRUE(is_open(fd.get()));
}

TEST(FileDescriptor, LeavesAReleasedOneOpen) {
  int number = -1;
  {
    FileDescriptor fd = open_null();
    number = fd.release();
    EXPECT_FALSE(fd);
  }
  EXPECT_TRUE(is_open(number));
  ::close(number);
}

TEST(FileDescriptor, IsFalseWhenTheCallFailed) {
  const FileDescriptor fd(::open("/nonexistent/file", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(fd);
  FileDescriptor empty;
  empty.reset();
  EXPECT_FALSE(empty);
}

}  // namespace
}  // namespace mcast::test
