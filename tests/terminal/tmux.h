// A program on a terminal of its own: a pane of a tmux server that belongs to this
// object and ends with it. The terminal can be typed on, resized and looked at; what
// its settings were before the program and are after it can be compared.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/netns/process.h"
#include "tests/netns/temporary_directory.h"

namespace mcast::test {

struct TmuxOptions {
  int columns = 80;
  int rows = 24;
  // "NAME=VALUE", of the program.
  std::vector<std::string> environment = {};
};

class Tmux {
 public:
  // The line that the terminal shows before the program begins, and after it ended.
  static constexpr const char* kBefore = "the line before";
  static constexpr const char* kAfter = "the line after";

  // Runs `program` with its arguments, in a UTF-8 locale unless the environment says
  // otherwise. Throws Failure where tmux does not do what it is asked for.
  explicit Tmux(const std::vector<std::string>& program, const TmuxOptions& options = {});
  Tmux(const Tmux&) = delete;
  Tmux& operator=(const Tmux&) = delete;
  // Ends the server and, should the program outlive its terminal, the program too: one
  // that is hung up while the leak sanitizer looks at it never ends by itself.
  ~Tmux();

  // As tmux names them: "q", "C-c", "Enter".
  void press(const std::string& key) const;
  // Bytes in hexadecimal, "1b 5b", as a terminal might send them.
  void type_bytes(const std::string& bytes) const;
  void resize(int columns, int rows) const;

  // What it shows, lines ended by '\n', without white space at their ends.
  [[nodiscard]] std::string screen() const;
  [[nodiscard]] bool shows(const std::string& text) const;
  // The same with escape sequences for attributes and colours.
  [[nodiscard]] std::string styled_screen() const;
  [[nodiscard]] bool on_alternate_screen() const;
  [[nodiscard]] bool cursor_visible() const;

  // The program's; nothing before it began.
  [[nodiscard]] std::optional<pid_t> pid() const;
  // As a shell says it; nothing while it runs.
  [[nodiscard]] std::optional<int> exit_status() const;
  // "stty -a" before and after; empty where that has not been yet.
  [[nodiscard]] std::string settings_before() const;
  [[nodiscard]] std::string settings_after() const;

 private:
  // Asks the server; what it answered.
  [[nodiscard]] std::string ask(std::vector<std::string> command) const;
  [[nodiscard]] std::string file(const std::string& name) const;

  TemporaryDirectory directory_;  // socket, script, and what the script noted
  std::optional<Process> server_;
};

}  // namespace mcast::test
