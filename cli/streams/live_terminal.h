// The terminal of a live view, looked after by the crash handler while it is open.
#pragma once

#include <memory>

#include "cli/streams/command_parts.h"
#include "cli/terminal/terminal.h"

namespace mcast::cli {

struct CloseLiveTerminal {
  void operator()(Terminal* terminal) const;
};
using LiveTerminal = std::unique_ptr<Terminal, CloseLiveTerminal>;

// Null where no view is wanted, or where the terminal cannot be drawn on: then the
// log says why, and the command prints lines.
[[nodiscard]] LiveTerminal open_live_terminal(const CommandParts& parts);

}  // namespace mcast::cli
