#include "cli/live_terminal.h"

#include "cli/crash_handler.h"

namespace mcast::cli {

void CloseLiveTerminal::operator()(Terminal* terminal) const {
  CrashHandler::watch(nullptr);
  const std::unique_ptr<Terminal> closed(terminal);
}

LiveTerminal open_live_terminal(const CommandParts& parts) {
  if (!parts.view) return nullptr;
  auto terminal = Terminal::open(parts.colour);
  if (!terminal) {
    parts.log.warning("no live view", {{"reason", terminal.error().message}});
    return nullptr;
  }
  CrashHandler::watch(terminal->get());
  return LiveTerminal(terminal->release());
}

}  // namespace mcast::cli
