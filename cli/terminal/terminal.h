// The terminal as a place to draw on, through ncurses. One thread, one object at a
// time; what the terminal was before is back when it is gone.
//
// The locale (LC_CTYPE) has been set before. Signals stay the caller's, but for
// SIGTSTP: ncurses handles Ctrl-Z in whatever thread gets it, so other threads block
// it.
#pragma once

#include <termios.h>

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/terminal/screen.h"

struct screen;  // of ncurses

namespace mcast::cli {

// How lines that are printed once may look on stdout.
struct OutputForm {
  bool colour = false;   // a terminal, neither TERM=dumb nor NO_COLOR
  int columns = 80;      // of the terminal
  bool terminal = true;  // a pipe or a file has no width: nothing need be left out
  bool unicode = true;   // what the locale can show
};
// As the environment and the terminal say. Sets the locale's LC_CTYPE, for the views too: call it
// before there is any thread.
[[nodiscard]] OutputForm output_form();

// Keys that are no characters.
inline constexpr int kKeyUp = 0x10000;
inline constexpr int kKeyDown = 0x10001;
inline constexpr int kKeyPageUp = 0x10002;
inline constexpr int kKeyPageDown = 0x10003;
inline constexpr int kKeyHome = 0x10004;
inline constexpr int kKeyEnd = 0x10005;

class Terminal {
 public:
  // Whether stdin and stdout are a terminal that can be drawn on: not for a pipe,
  // TERM unset or "dumb", and not for a program in the background.
  [[nodiscard]] static bool usable();

  // `colour` false: NO_COLOR was set. Fails where the terminal is not known.
  [[nodiscard]] static Result<std::unique_ptr<Terminal>> open(bool colour);
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  // Restores the terminal.
  ~Terminal();

  // As it is now: ask before each picture, so that it follows resizing.
  [[nodiscard]] ScreenSize size();
  void draw(const Screen& screen);
  // The next key that was pressed, a byte or one of the above, without waiting for it. Readable
  // through stdin's poll. Ctrl-L draws everything anew, and what has come of an escape sequence
  // that is not known is thrown away: 0.
  [[nodiscard]] std::optional<int> key();

  // Puts the terminal back from a signal handler: async-signal-safe.
  void restore_after_crash() const noexcept;

 private:
  Terminal(::screen* screen, const termios& before, bool colour);

  ::screen* const screen_;
  // For a crash: what the terminal was like, and what brings it back.
  const termios before_;
  std::string restoring_;
  const bool colour_;
  const bool unicode_;
};

}  // namespace mcast::cli
