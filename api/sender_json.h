// Senders as JSON, as docs/api.md describes them: written by the agent, read by the
// commands. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/json_fields.h"
#include "base/clock.h"
#include "base/result.h"
#include "probe/snapshot.h"

namespace mcast::api {

[[nodiscard]] std::string sender_json(const SenderSnapshot& sender, Detail detail);

// {"time", "senders"}
[[nodiscard]] std::string senders_json(const std::vector<SenderSnapshot>& senders,
                                       Nanoseconds realtime, Detail detail);

// The way back, as parse_receivers().
[[nodiscard]] Result<std::vector<SenderSnapshot>> parse_senders(std::string_view text);

}  // namespace mcast::api
