// Writes the man pages and the completions of all programs: a part of the build, not
// of what is installed.
#include <array>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/version.h"
#include "cli/documents/completion.h"
#include "cli/documents/manual_page.h"

namespace mcast::cli {
namespace {

Result<void> write(const std::filesystem::path& path, const std::string& text) {
  std::error_code code;
  std::filesystem::create_directories(path.parent_path(), code);
  if (code) return fail_errno("cannot make " + path.parent_path().string(), code.value());
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return fail("cannot write " + path.string());
  return {};
}

Result<void> write_all(const std::filesystem::path& share, const std::string& zsh_folder,
                       const Edition& edition) {
  for (const CommandDescription* command : documented_commands()) {
    const std::string name(command->name);
    const std::string section = std::to_string(command->manual_section);
    const std::array documents{
        std::pair(share / "man" / ("man" + section) /
                      std::filesystem::path(name).concat(".").concat(section),
                  manual_page(*command, documented_commands(), edition)),
        std::pair(share / "bash-completion" / "completions" / name, bash_completion(*command)),
        std::pair(share / "zsh" / zsh_folder / ("_" + name), zsh_completion(*command)),
    };
    for (const auto& [path, text] : documents) {
      if (auto written = write(path, text); !written) return written;
    }
  }
  return {};
}

int run(std::span<const char* const> arguments) {
  if (arguments.size() != 4) {
    (void)std::fputs(
        "usage: mcast-documents SHARE ZSH_FOLDER DATE\n"
        "Writes SHARE/man, SHARE/bash-completion/completions and SHARE/zsh/ZSH_FOLDER.\n"
        "DATE, as the man pages show it, may be ''.\n",
        stderr);
    return 2;
  }
  const auto written =
      write_all(arguments[1], arguments[2], {.version = version(), .date = arguments[3]});
  if (written) return 0;
  (void)std::fprintf(stderr, "mcast-documents: %s\n", written.error().message.c_str());
  return 1;
}

}  // namespace
}  // namespace mcast::cli

int main(int argc, char** argv) {
  try {
    return mcast::cli::run({argv, static_cast<std::size_t>(argc)});
  } catch (const std::exception& error) {
    (void)std::fprintf(stderr, "mcast-documents: %s\n", error.what());
    return 1;
  }
}
