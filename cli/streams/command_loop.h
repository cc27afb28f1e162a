// What the main loops of mcast-send and mcast-receive have in common: waiting for
// time, keys, signals and the network. One thread.
#pragma once

#include <memory>
#include <span>

#include "base/clock.h"
#include "base/signals.h"
#include "cli/session/session.h"
#include "cli/terminal/terminal.h"

namespace mcast::cli {

class CommandLoop {
 public:
  // All outlive the loop; `terminal` may be null.
  CommandLoop(const Clock& clock, Signals& signals, Session& session, Terminal* terminal)
      : clock_(clock), signals_(signals), session_(session), terminal_(terminal) {}

  // Waits until `until` (monotonic) at the longest, or until one of `more` descriptors (-1:
  // none) is readable, and looks after the session's streams. False: the person wants the command
  // to end (a signal, or the key q).
  [[nodiscard]] bool wait(Nanoseconds until, std::span<const int> more = {});

 private:
  const Clock& clock_;
  Signals& signals_;
  Session& session_;
  Terminal* terminal_;
};

}  // namespace mcast::cli
