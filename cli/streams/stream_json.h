// The object that mcast-send and mcast-receive print with --json: the original's keys, and more.
// What is not known is null, so that a script finds every key. Pure.
#pragma once

#include <string>

#include "cli/streams/stream_report.h"

namespace mcast::cli {

// On one line, with its newline.
[[nodiscard]] std::string summary_json(const StreamResult& result);

}  // namespace mcast::cli
