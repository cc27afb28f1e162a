// Which streams of our programs hold joins on this host now, as the programs say
// themselves (stream_register.h). Any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "streams/stream_register.h"

namespace mcast {

struct RunningStream {
  pid_t pid = 0;
  std::string program;  // as the process calls itself: may hold any byte
  HeldJoin join;

  friend bool operator==(const RunningStream&, const RunningStream&) = default;
};

struct RunningStreams {
  std::vector<RunningStream> streams;  // by process, in the order of its own list
  // Programs of other users, that only root can look into; perhaps in another
  // network namespace.
  std::size_t unreadable_programs = 0;
  // What they say is not of the format (another version of it, or a lie), or is more
  // than this program wants to hold.
  std::size_t garbled_programs = 0;
};

// Looks at the processes in this process's network namespace whose name starts with
// "mcast-". `proc_root` is "/proc" outside of tests. Processes that end meanwhile are
// left out.
//
// Nothing that another user's process does can block this: only a sealed memfd is
// read, and no other kind of file is ever opened. At most 16 MiB are read of a
// program, 32 MiB and half a million joins of all.
[[nodiscard]] Result<RunningStreams> read_running_streams(const std::filesystem::path& proc_root);

}  // namespace mcast
