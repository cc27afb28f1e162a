#include "tests/unit/cli/arguments/shell.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace mcast::test {

ShellOutput run_shell(const std::string& script) {
  ShellOutput output;
  std::FILE* pipe = ::popen(("{ " + script + "\n} 2>&1 < /dev/null").c_str(), "re");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.text.append(buffer.data(), size);
  }
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) output.code = WEXITSTATUS(status);
  return output;
}

bool is_installed(const std::string& program) {
  return run_shell("command -v " + program).code == 0;
}

TextFile::TextFile(std::string_view name, std::string_view text)
    : folder_(testing::TempDir() + "mcast-XXXXXX"), name_(name) {
  if (::mkdtemp(folder_.data()) == nullptr) {
    ADD_FAILURE() << "cannot make " << folder_;
    return;
  }
  std::ofstream file(path(), std::ios::binary);
  file << text;
  file.close();
  EXPECT_TRUE(file) << path();
}

TextFile::~TextFile() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace mcast::test
