// A private directory for the files of one program under test (configuration,
// PID file, Unix socket). Made with mkdtemp below TMPDIR or /tmp, removed with all
// that is in it by the destructor.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace mcast::test {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  [[nodiscard]] std::string path(std::string_view file) const { return (root_ / file).string(); }
  // Creates or replaces a file and returns its path.
  std::string write(std::string_view file, std::string_view content) const;

 private:
  std::filesystem::path root_;
};

}  // namespace mcast::test
