// mcast-send: sends to one group or several until time, number or person ends it.
#pragma once

#include "cli/streams/command_parts.h"
#include "cli/streams/stream_options.h"

namespace mcast::cli {

// The exit code.
[[nodiscard]] int run_send(const SendOptions& options, const CommandParts& parts);

}  // namespace mcast::cli
