// The strings of the terminal's description (terminfo). A file of its own, because
// <term.h> defines macros called `lines` and `columns`.
#pragma once

#include <string>

namespace mcast::cli {

// The capability of the terminal that ncurses has been set up for, as it is written
// to it ("rmcup", "cnorm", ...); empty where it has none. Delays are left out.
[[nodiscard]] std::string terminal_capability(const char* name);

// Whether the terminal description of $TERM is there; asked before newterm(), which
// keeps memory for ever when it fails.
[[nodiscard]] bool terminal_is_known();

}  // namespace mcast::cli
