#include "tests/unit/cli/expected_picture.h"

#include <fstream>
#include <iterator>
#include <sstream>

namespace mcast::cli::test {

testing::AssertionResult is_picture(const Screen& screen, const std::string& name) {
  const std::string path = std::string(MCAST_PICTURES) + "/" + name + ".txt";
  std::ifstream file(path);
  const std::string expected(std::istreambuf_iterator<char>(file), {});
  const std::string actual = plain_text(screen);
  if (actual == expected) return testing::AssertionSuccess();

  std::istringstream left(expected);
  std::istringstream right(actual);
  std::string expected_line;
  std::string actual_line;
  int line = 1;
  while (std::getline(left, expected_line) && std::getline(right, actual_line) &&
         expected_line == actual_line) {
    ++line;
  }
  return testing::AssertionFailure() << "not " << path << ", from line " << line << " on; it is:\n"
                                     << actual;
}

}  // namespace mcast::cli::test
