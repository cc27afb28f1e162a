// The picture of mcast-send: a pure function of snapshots.
#pragma once

#include <string>
#include <vector>

#include "cli/streams/view_blocks.h"
#include "cli/terminal/screen.h"
#include "probe/snapshot.h"

namespace mcast::cli {

// The losses of its history are send errors.
struct SendViewInput : ViewInput {
  // What is sent now; several with --groups. At least one.
  std::vector<SenderSnapshot> senders;
  std::string local_address;  // that packets carry; "" while not known
};

[[nodiscard]] Screen send_view(const SendViewInput& input, const ScreenSize& size);

}  // namespace mcast::cli
