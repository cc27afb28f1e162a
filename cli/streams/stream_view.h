// The pictures of mcast-send and mcast-receive: pure functions of snapshots, whether they come from
// an engine in this process or from an agent, and of what the person's keys have chosen.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/streams/findings_report.h"
#include "cli/streams/rate_history.h"
#include "cli/streams/view_controls.h"
#include "cli/terminal/screen.h"
#include "probe/snapshot.h"

namespace mcast::cli {

// What the pictures of both commands are made of, besides the snapshots.
struct ViewInput {
  // Fed by the command with the sum over the streams; its losses are send errors of senders.
  const RateHistory* history = nullptr;
  std::vector<RateHistory::Rates> rates;  // of each stream, in their order; may be missing
  Nanoseconds elapsed = 0;                // since the command began
  Nanoseconds duration = 0;               // asked for; 0: until Ctrl-C
  Nanoseconds now = 0;                    // realtime, for "last: 1.6s ago"
  std::vector<std::string> warnings;      // for the person, oldest first
  ViewControls controls;
};

struct SendViewInput : ViewInput {
  // What is sent now; several with --groups. At least one.
  std::vector<SenderSnapshot> senders;
  std::string local_address;  // that packets carry; "" while not known
  FindingsReport findings;    // why nothing leaves
};

struct ReceiveViewInput : ViewInput {
  // What is received now; several with --groups. At least one.
  std::vector<ReceiverSnapshot> receivers;
  std::vector<SocketSnapshot> sockets;

  std::string interface_address;            // "" where there is none
  std::optional<int> version_requested;     // nothing: left alone (--no-force)
  std::optional<int> version_in_operation;  // nothing: cannot be read
  FindingsReport findings;                  // why nothing arrives
};

[[nodiscard]] Screen send_view(const SendViewInput& input, const ScreenSize& size);
[[nodiscard]] Screen receive_view(const ReceiveViewInput& input, const ScreenSize& size);

}  // namespace mcast::cli
