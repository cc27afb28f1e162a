#include "cli/streams/live_terminal.h"

#include "base/crash_handler.h"

namespace mcast::cli {

void CloseLiveTerminal::operator()(Terminal* terminal) const {
  CrashHandler::remove(terminal);
  const std::unique_ptr<Terminal> closed(terminal);
}

LiveTerminal open_live_terminal(const CommandParts& parts) {
  if (!parts.view) return nullptr;
  auto terminal = Terminal::open(parts.colour);
  if (!terminal) {
    parts.log.warning("no live view", {{"reason", terminal.error().message}});
    return nullptr;
  }
  CrashHandler::add(
      [](void* what) noexcept { static_cast<const Terminal*>(what)->restore_after_crash(); },
      terminal->get());
  return LiveTerminal(terminal->release());
}

}  // namespace mcast::cli
