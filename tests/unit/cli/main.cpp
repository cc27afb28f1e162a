// Widths come from the locale and times of day from the time zone: here the same
// everywhere.
#include <gtest/gtest.h>

#include <clocale>
#include <cstdlib>

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  // NOLINTBEGIN(concurrency-mt-unsafe): before any thread
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) return 1;
  ::setenv("TZ", "UTC", 1);
  // NOLINTEND(concurrency-mt-unsafe)
  return RUN_ALL_TESTS();
}
