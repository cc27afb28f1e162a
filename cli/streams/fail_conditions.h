// What mcast-receive --fail-on-... looks at, at the end. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/snapshot.h"

namespace mcast::cli {

struct FailConditions {
  std::optional<double> fail_on_loss;  // percent that is still fine
  bool fail_on_stall = false;
};

// Why the command ends with exit code 3, a line a reason; empty: it does not. A
// stream in which nothing arrived at all meets both conditions.
[[nodiscard]] std::vector<std::string> conditions_met(const FailConditions& conditions,
                                                      const std::vector<ReceiverSnapshot>& streams);

}  // namespace mcast::cli
