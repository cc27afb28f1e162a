#include "tests/netns/temporary_directory.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "tests/netns/failure.h"

namespace mcast::test {

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "mcast-netns-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) fail_with_errno("make " + pattern, errno);
  root_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::string TemporaryDirectory::write(std::string_view file, std::string_view content) const {
  std::string name = path(file);
  std::ofstream stream(name, std::ios::binary | std::ios::trunc);
  stream << content;
  stream.close();
  if (!stream) fail_with("write " + name + " failed");
  return name;
}

}  // namespace mcast::test
