// What the main() of a command hands to it: time, randomness, signals and where to
// print.
#pragma once

#include <ostream>

#include "base/clock.h"
#include "base/signals.h"
#include "cli/streams/command_log.h"
#include "netlink/forcing/forced_igmp_version.h"
#include "probe/send_engine.h"

namespace mcast::cli {

struct CommandParts {
  const Clock& clock;
  SendEngine::RandomSenderId random;
  netlink::ForcedIgmpVersions& igmp_versions;
  CommandLog& log;
  // SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGPIPE, blocked.
  Signals& signals;
  std::ostream& out;
  std::ostream& err;
  // A live view may be drawn on stdout, in colour if `colour`.
  bool view = false;
  bool colour = false;
};

}  // namespace mcast::cli
