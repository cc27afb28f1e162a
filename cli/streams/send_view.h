// The picture of mcast-send: a pure function of snapshots.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/streams/findings_report.h"
#include "cli/streams/rate_history.h"
#include "cli/terminal/screen.h"
#include "probe/snapshot.h"

namespace mcast::cli {

// What the pictures of both commands are made of, besides the snapshots.
struct ViewInput {
  // Fed by the command with the sum over the streams; its losses are send errors of senders.
  const RateHistory* history = nullptr;
  Nanoseconds elapsed = 0;            // since the command began
  Nanoseconds duration = 0;           // asked for; 0: until Ctrl-C
  std::vector<std::string> warnings;  // for the person, oldest first
};

struct SendViewInput : ViewInput {
  // What is sent now; several with --groups. At least one.
  std::vector<SenderSnapshot> senders;
  std::string local_address;  // that packets carry; "" while not known
  FindingsReport findings;    // why nothing leaves
};

[[nodiscard]] Screen send_view(const SendViewInput& input, const ScreenSize& size);

}  // namespace mcast::cli
