#include "cli/terminal/terminal.h"

// Without its macros ncurses leaves names like `erase` and `move` alone.
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <string>
#include <string_view>
#include <utility>

#include "cli/terminal/terminal_capability.h"

namespace mcast::cli {
namespace {

constexpr int kOutput = STDOUT_FILENO;
constexpr int kControlL = 12;

// Colour pairs of ncurses; 0 is the terminal's own.
constexpr short kGreen = 1;
constexpr short kYellow = 2;
constexpr short kRed = 3;

// ncurses takes these over at its start. That is not wanted: the program ends in its
// own way, and the size is asked for.
constexpr std::array kOwnSignals{SIGINT, SIGTERM, SIGWINCH};

class KeepSignals {
 public:
  KeepSignals() {
    for (std::size_t i = 0; i < kOwnSignals.size(); ++i) {
      ::sigaction(kOwnSignals[i], nullptr, &before_[i]);
    }
  }
  KeepSignals(const KeepSignals&) = delete;
  KeepSignals& operator=(const KeepSignals&) = delete;
  ~KeepSignals() {
    for (std::size_t i = 0; i < kOwnSignals.size(); ++i) {
      ::sigaction(kOwnSignals[i], &before_[i], nullptr);
    }
  }

 private:
  std::array<struct sigaction, kOwnSignals.size()> before_{};
};

std::string_view environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::string_view terminal_name() {
  return environment("TERM");
}

bool output_is_capable() {
  return ::isatty(kOutput) == 1 && !terminal_name().empty() && terminal_name() != "dumb";
}

// Whether the locale can show the signs that the views draw.
bool locale_shows_bars() {
  constexpr std::string_view kFullBlock = "█";
  std::mbstate_t state{};
  wchar_t character = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the state is its own
  return std::mbrtowc(&character, kFullBlock.data(), kFullBlock.size(), &state) ==
             kFullBlock.size() &&
         character == L'\u2588';
}

attr_t attributes(Style style, bool colour) {
  switch (style) {
    case Style::kPlain:
      return A_NORMAL;
    case Style::kHeading:
      return A_BOLD;
    case Style::kFaint:
      return A_DIM;
    case Style::kGood:
      return colour ? A_BOLD | static_cast<attr_t>(COLOR_PAIR(kGreen)) : A_BOLD;
    case Style::kWarning:
      return colour ? A_BOLD | static_cast<attr_t>(COLOR_PAIR(kYellow)) : A_BOLD;
    case Style::kBad:
      return colour ? A_BOLD | static_cast<attr_t>(COLOR_PAIR(kRed)) : A_BOLD;
  }
  return A_NORMAL;
}

}  // namespace

struct Terminal::State {
  SCREEN* screen = nullptr;
  bool colour = false;
  bool unicode = false;
  // For a crash: what the terminal was like, and what brings it back.
  termios before{};
  std::string restoring;
};

OutputForm output_form() {
  constexpr int kNarrowest = 40;
  // For characters; numbers keep their point.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
  (void)std::setlocale(LC_CTYPE, "");
  OutputForm form{.colour = output_is_capable() && environment("NO_COLOR").empty(),
                  .unicode = locale_shows_bars()};
  winsize size{};
  if (::ioctl(kOutput, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) {
    form.columns = std::max<int>(kNarrowest, size.ws_col);
  }
  return form;
}

bool Terminal::usable() {
  return output_is_capable() && ::isatty(STDIN_FILENO) == 1 &&
         ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

Result<std::unique_ptr<Terminal>> Terminal::open(bool colour) {
  auto state = std::make_unique<State>();
  if (::tcgetattr(kOutput, &state->before) != 0) {
    return fail_errno("read the settings of the terminal", errno);
  }
  if (terminal_is_known()) {
    const KeepSignals keep;
    // Not initscr(), which ends the program where it fails.
    state->screen = ::newterm(nullptr, stdout, stdin);
  }
  if (state->screen == nullptr) {
    return fail("the terminal '" + std::string(terminal_name()) + "' cannot be drawn on");
  }
  // In the order in which ncurses itself takes its leave.
  for (const char* const name : {"op", "sgr0", "cnorm", "rmcup"}) {
    state->restoring += terminal_capability(name);
  }
  state->unicode = locale_shows_bars();
  ::cbreak();  // not raw(): Ctrl-C stays a signal
  ::noecho();
  ::nonl();
  ::nodelay(stdscr, true);
  // The cursor is hidden: it need not be moved after every picture.
  ::leaveok(stdscr, true);
  ::curs_set(0);
  state->colour = colour && ::has_colors() && ::start_color() == OK;
  if (state->colour) {
    ::use_default_colors();
    ::init_pair(kGreen, COLOR_GREEN, -1);
    ::init_pair(kYellow, COLOR_YELLOW, -1);
    ::init_pair(kRed, COLOR_RED, -1);
  }
  return std::unique_ptr<Terminal>(new Terminal(std::move(state)));
}

Terminal::Terminal(std::unique_ptr<State> state) : state_(std::move(state)) {}

Terminal::~Terminal() {
  ::endwin();
  ::delscreen(state_->screen);
}

ScreenSize Terminal::size() {
  winsize now{};
  if (::ioctl(kOutput, TIOCGWINSZ, &now) == 0 && now.ws_row > 0 && now.ws_col > 0 &&
      (now.ws_row != ::getmaxy(stdscr) || now.ws_col != ::getmaxx(stdscr))) {
    // resizeterm() would put a key into the queue besides. What the terminal has made
    // of the old picture is not known: everything is drawn anew.
    ::resize_term(now.ws_row, now.ws_col);
    ::clearok(curscr, true);
  }
  return {.columns = ::getmaxx(stdscr), .rows = ::getmaxy(stdscr), .unicode = state_->unicode};
}

void Terminal::draw(const Screen& screen) {
  ::werase(stdscr);
  const int rows = ::getmaxy(stdscr);
  for (std::size_t row = 0; row < screen.lines.size() && std::cmp_less(row, rows); ++row) {
    ::wmove(stdscr, static_cast<int>(row), 0);
    for (const Span& span : screen.lines[row]) {
      ::wattrset(stdscr, static_cast<int>(attributes(span.style, state_->colour)));
      ::waddnstr(stdscr, span.text.data(), static_cast<int>(span.text.size()));
    }
  }
  ::wattrset(stdscr, A_NORMAL);
  // Writes what differs from the picture before.
  ::wrefresh(stdscr);
}

std::optional<int> Terminal::key() {
  const int pressed = ::wgetch(stdscr);
  if (pressed == ERR) return std::nullopt;
  if (pressed != kControlL) return pressed;
  ::clearok(curscr, true);
  return key();
}

void Terminal::restore_after_crash() const noexcept {
  const int code = errno;
  (void)!::write(kOutput, state_->restoring.data(), state_->restoring.size());
  ::tcsetattr(kOutput, TCSANOW, &state_->before);
  errno = code;
}

}  // namespace mcast::cli
