// The picture of mcast-receive: a pure function of snapshots, whether they come
// from an engine in this process or from an agent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/streams/findings_report.h"
#include "cli/streams/send_view.h"

namespace mcast::cli {

struct ReceiveViewInput : ViewInput {
  // What is received now; several with --groups. At least one.
  std::vector<ReceiverSnapshot> receivers;
  std::vector<SocketSnapshot> sockets;

  std::string interface_address;         // "" where there is none
  std::optional<int> igmp_requested;     // nothing: left alone (--no-force)
  std::optional<int> igmp_in_operation;  // nothing: cannot be read
  Nanoseconds now = 0;                   // realtime, for "last: 1.6s ago"
  FindingsReport findings;               // why nothing arrives
};

[[nodiscard]] Screen receive_view(const ReceiveViewInput& input, const ScreenSize& size);

}  // namespace mcast::cli
