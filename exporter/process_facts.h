// What the kernel says about one process, for the usual process_* metrics.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace mcast::exporter {

// Each value is absent while it is not known; the metric is then absent as well.
struct ProcessFacts {
  std::optional<double> cpu_seconds;
  std::optional<double> open_fds;
  std::optional<double> max_fds;  // absent: unlimited
  std::optional<double> virtual_memory_bytes;
  std::optional<double> virtual_memory_max_bytes;  // absent: unlimited
  std::optional<double> resident_memory_bytes;
  std::optional<double> threads;
  std::optional<double> start_time_seconds;  // since 1970

  friend bool operator==(const ProcessFacts&, const ProcessFacts&) = default;
};

// What the numbers in /proc count in; of the running system unless given.
struct ProcUnits {
  double ticks_per_second;
  double page_bytes;

  [[nodiscard]] static ProcUnits of_this_system();
};

// Reads self/{stat,statm,limits,fd} and stat (for the boot time) below
// `proc_root`, which is "/proc" outside of tests; formats: proc(5). Any number of
// threads may call it. The error names the file and what is wrong in it.
[[nodiscard]] Result<ProcessFacts> read_process_facts(
    const std::filesystem::path& proc_root, ProcUnits units = ProcUnits::of_this_system());

}  // namespace mcast::exporter
