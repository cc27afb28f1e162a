// The picture of mcast-send: a pure function of snapshots.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/streams/rate_history.h"
#include "cli/terminal/screen.h"
#include "probe/snapshot.h"

namespace mcast::cli {

struct SendViewInput {
  // What is sent now; several with --groups. At least one.
  std::vector<SenderSnapshot> senders;
  // Fed by the command with the sum over `senders` (its losses are send errors).
  const RateHistory* history = nullptr;

  std::string local_address;  // that packets carry; "" while not known
  Nanoseconds elapsed = 0;
  Nanoseconds duration = 0;  // asked for; 0: until Ctrl-C
  std::vector<std::string> warnings;
};

[[nodiscard]] Screen send_view(const SendViewInput& input, const ScreenSize& size);

}  // namespace mcast::cli
