// Puts back what must not stay changed when a command crashes: the terminal and
// forced IGMP versions. Signals of a crash have no other way to reach an object
// than a global, so there is one in crash_handler.cpp, and at most one
// CrashHandler at a time.
#pragma once

#include "cli/terminal.h"
#include "netlink/forced_igmp_version.h"

namespace mcast::cli {

class CrashHandler {
 public:
  // From now on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT call the two
  // restorers, then do what they do by default. `igmp_versions` outlives this.
  explicit CrashHandler(netlink::ForcedIgmpVersions& igmp_versions);
  CrashHandler(const CrashHandler&) = delete;
  CrashHandler& operator=(const CrashHandler&) = delete;
  ~CrashHandler();

  // The terminal that is drawn on now, or null. Outlives this or is taken away.
  static void watch(const Terminal* terminal);
};

}  // namespace mcast::cli
