// CPU time of single threads, as the scheduler counts it: user and system time
// together, in nanoseconds and not in ticks (/proc/PID/task/TID/schedstat).
#pragma once

#include <sys/types.h>

#include <string_view>

#include "base/clock.h"

namespace mcast::bench {

// The calling thread's number.
[[nodiscard]] pid_t this_thread();
// The one thread of this process with that name; throws test::Failure unless
// there is exactly one.
[[nodiscard]] pid_t thread_named(std::string_view name);
[[nodiscard]] Nanoseconds thread_time(pid_t thread);
// All threads of a process that live now.
[[nodiscard]] Nanoseconds process_time(pid_t process);
// VmRSS of a process, in bytes.
[[nodiscard]] double resident_bytes(pid_t process);

}  // namespace mcast::bench
