#include "base/file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace mcast {
namespace {

TEST(File, IsReadToItsEndThoughItHasNoSize) {
  const auto content = read_file("/proc/self/status", 1 << 20);
  ASSERT_TRUE(content);
  EXPECT_NE(content->find("Pid:"), std::string::npos);
}

TEST(File, ErrorsNameThePath) {
  const auto missing = read_file("/nonexistent/file", 100);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "cannot open /nonexistent/file: No such file or directory");
  const auto folder = read_file("/proc", 100);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().message, "cannot read /proc: Is a directory");
}

TEST(File, LargerThanAllowedIsAnError) {
  const auto path = std::filesystem::temp_directory_path() / "mcast_file_test";
  std::ofstream(path) << std::string(100, 'x');
  EXPECT_TRUE(read_file(path, 100));
  const auto refused = read_file(path, 99);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("is larger than 99 bytes"), std::string::npos);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace mcast
