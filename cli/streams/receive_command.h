// mcast-receive: joins one group or several and measures until time, number or
// person ends it.
#pragma once

#include "cli/streams/command_parts.h"
#include "cli/streams/stream_options.h"

namespace mcast::cli {

// The exit code.
[[nodiscard]] int run_receive(const ReceiveOptions& options, const CommandParts& parts);

}  // namespace mcast::cli
