#include "cli/terminal/terminal_capability.h"

#include <curses.h>
#include <term.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mcast::cli {

std::string terminal_capability(const char* name) {
  // tigetstr() takes a char* that it does not write to.
  const char* const found = ::tigetstr(const_cast<char*>(name));
  // (char*)-1: not the name of a string.
  if (found == nullptr || reinterpret_cast<std::intptr_t>(found) == -1) return {};
  std::string text;
  for (std::string_view rest(found); !rest.empty();) {
    // A delay, "$<5>", is for tputs() and not for the terminal.
    if (rest.starts_with("$<")) {
      const std::size_t end = rest.find('>');
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
      continue;
    }
    text += rest.front();
    rest.remove_prefix(1);
  }
  return text;
}

bool terminal_is_known() {
  int error = 0;
  if (::setupterm(nullptr, STDOUT_FILENO, &error) != OK) return false;
  ::del_curterm(cur_term);
  return true;
}

}  // namespace mcast::cli
