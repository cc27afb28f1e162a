// Runs what stands in a PATH of Debian: shells and formatters of man pages, to see
// what they make of a text of ours.
#pragma once

#include <string>
#include <string_view>

namespace mcast::test {

struct ShellOutput {
  int code = -1;     // what it ended with; -1: it could not be run, or a signal ended it
  std::string text;  // of stdout and stderr
};

// Runs `script` in sh. Waits for its end.
[[nodiscard]] ShellOutput run_shell(const std::string& script);

[[nodiscard]] bool is_installed(const std::string& program);

// A file that holds `text`, gone with the object.
class TextFile {
 public:
  // In a folder of its own, called `name`.
  TextFile(std::string_view name, std::string_view text);
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile();

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string path() const { return folder_ + "/" + name_; }

 private:
  std::string folder_;
  std::string name_;
};

}  // namespace mcast::test
