// Why silent streams get nothing, wherever that is found out: in this process
// (SilenceExaminer), or by an agent (AgentSilence). One thread, the command's main loop.
#pragma once

#include <array>
#include <vector>

#include "cli/streams/silence_report.h"
#include "findings/schedule.h"
#include "probe/snapshot.h"

namespace mcast::cli {

class Silence {
 public:
  Silence() = default;
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  virtual ~Silence() = default;

  // To poll for, and advance() when one is readable; -1: nothing.
  [[nodiscard]] virtual std::array<int, 2> fds() const = 0;
  // Call it several times a second. Returns what is wrong and was not so the last time.
  virtual std::vector<findings::Schedule::New> advance() = 0;
  // For the view, about the receivers that it shows.
  [[nodiscard]] virtual SilenceReport report(
      const std::vector<ReceiverSnapshot>& receivers) const = 0;
};

}  // namespace mcast::cli
