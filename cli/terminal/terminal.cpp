#include "cli/terminal/terminal.h"

// Without its macros ncurses leaves names like `erase` and `move` alone.
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>
// Macros of <term.h>, which has no way to do without.
#undef columns
#undef lines

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace mcast::cli {
namespace {

constexpr int kOutput = STDOUT_FILENO;
constexpr int kControlL = 12;
constexpr int kEscape = 27;
constexpr int kEscapeMilliseconds = 25;  // that an arrow's sequence may take to come

constexpr std::array<std::pair<int, int>, 6> kKeys{{{KEY_UP, kKeyUp},
                                                    {KEY_DOWN, kKeyDown},
                                                    {KEY_PPAGE, kKeyPageUp},
                                                    {KEY_NPAGE, kKeyPageDown},
                                                    {KEY_HOME, kKeyHome},
                                                    {KEY_END, kKeyEnd}}};

std::string_view environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool output_is_capable() {
  return ::isatty(kOutput) == 1 && !environment("TERM").empty() && environment("TERM") != "dumb";
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

// Asked before newterm(), which keeps memory for ever when it fails.
bool terminal_is_known() {
  int error = 0;
  if (::setupterm(nullptr, kOutput, &error) != OK) return false;
  ::del_curterm(cur_term);
  return true;
}

// Not initscr(), which ends the program where it fails. nullptr: the terminal is not known.
SCREEN* new_screen() {
  if (!terminal_is_known()) return nullptr;
  // ncurses takes these over at its start. That is not wanted: the program ends in its
  // own way, and the size is asked for.
  constexpr std::array kOwnSignals{SIGINT, SIGTERM, SIGWINCH};
  std::array<struct sigaction, kOwnSignals.size()> before{};
  for (std::size_t i = 0; i < before.size(); ++i) {
    ::sigaction(kOwnSignals[i], nullptr, &before[i]);
  }
  SCREEN* const screen = ::newterm(nullptr, stdout, stdin);
  for (std::size_t i = 0; i < before.size(); ++i) {
    ::sigaction(kOwnSignals[i], &before[i], nullptr);
  }
  return screen;
}

// A capability of the terminal ("rmcup", "cnorm", ...) as it is written to it; empty where it
// has none.
std::string capability(const char* name) {
  // tigetstr() takes a char* that it does not write to.
  const char* const found = ::tigetstr(const_cast<char*>(name));
  // (char*)-1: not the name of a string.
  if (found == nullptr || reinterpret_cast<std::intptr_t>(found) == -1) return {};
  std::string text = found;
  // A delay, "$<5>", is for tputs() and not for the terminal.
  for (std::size_t at = 0; (at = text.find("$<", at)) != std::string::npos;) {
    const std::size_t end = text.find('>', at);
    text.erase(at, end == std::string::npos ? end : end + 1 - at);
  }
  return text;
}

attr_t attributes(Style style, bool colour) {
  constexpr std::array<attr_t, 6> kAttributes{A_NORMAL, A_BOLD, A_DIM, A_BOLD, A_BOLD, A_BOLD};
  // Each has the pair of its number; 0 is the terminal's own.
  constexpr std::array<int, 6> kColours{0, 0, 0, COLOR_GREEN, COLOR_YELLOW, COLOR_RED};
  const auto index = static_cast<std::size_t>(style);
  return kAttributes[index] | (colour ? static_cast<attr_t>(COLOR_PAIR(kColours[index])) : 0);
}

}  // namespace

OutputForm output_form() {
  constexpr int kNarrowest = 40;
  // For characters; numbers keep their point.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread
  (void)std::setlocale(LC_CTYPE, "");
  OutputForm form{.colour = output_is_capable() && environment("NO_COLOR").empty(),
                  .terminal = ::isatty(kOutput) == 1,
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
  termios before{};
  if (::tcgetattr(kOutput, &before) != 0) {
    return fail_errno("read the settings of the terminal", errno);
  }
  SCREEN* const screen = new_screen();
  if (screen == nullptr) {
    return fail("terminal type " + printable(environment("TERM")) +
                " is unknown here; set TERM=xterm-256color");
  }
  colour = colour && ::has_colors() && ::start_color() == OK;
  return std::unique_ptr<Terminal>(new Terminal(screen, before, colour));
}

Terminal::Terminal(SCREEN* screen, const termios& before, bool colour)
    : screen_(screen), before_(before), colour_(colour), unicode_(locale_shows_bars()) {
  // In the order in which ncurses itself takes its leave.
  for (const char* const name : {"op", "sgr0", "cnorm", "rmkx", "rmcup"})
    restoring_ += capability(name);
  ::cbreak();  // not raw(): Ctrl-C stays a signal
  ::noecho();
  ::nonl();
  ::nodelay(stdscr, true);
  // For the keys that are sequences. The loop must not wait long for one that is cut off.
  ::keypad(stdscr, true);
  ::set_escdelay(kEscapeMilliseconds);
  // The cursor is hidden: it need not be moved after every picture.
  ::leaveok(stdscr, true);
  ::curs_set(0);
  if (!colour) return;
  ::use_default_colors();
  for (short number = COLOR_RED; number <= COLOR_YELLOW; ++number) ::init_pair(number, number, -1);
}

Terminal::~Terminal() {
  ::endwin();
  ::delscreen(screen_);
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
  return {.columns = ::getmaxx(stdscr), .rows = ::getmaxy(stdscr), .unicode = unicode_};
}

void Terminal::draw(const Screen& screen) {
  ::werase(stdscr);
  const int rows = ::getmaxy(stdscr);
  for (std::size_t row = 0; row < screen.lines.size() && std::cmp_less(row, rows); ++row) {
    ::wmove(stdscr, static_cast<int>(row), 0);
    for (const Span& span : screen.lines[row]) {
      ::wattrset(stdscr, static_cast<int>(attributes(span.style, colour_)));
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
  if (pressed == kControlL) {
    ::clearok(curscr, true);
    return 0;
  }
  if (pressed == kEscape) {
    ::flushinp();
    return 0;
  }
  const auto* const known = std::ranges::find(kKeys, pressed, &std::pair<int, int>::first);
  if (known != kKeys.end()) return known->second;
  return pressed < KEY_MIN ? pressed : 0;
}

void Terminal::restore_after_crash() const noexcept {
  const int code = errno;
  (void)!::write(kOutput, restoring_.data(), restoring_.size());
  ::tcsetattr(kOutput, TCSANOW, &before_);
  errno = code;
}

}  // namespace mcast::cli
