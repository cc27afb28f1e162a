// Findings as JSON: the same in the agent's API and in what mcast-status prints. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "findings/finding.h"
#include "findings/stream_findings.h"

namespace mcast::api {

// {"findings": [{"stream", "group", "source", "interface", "port", "examined", "checks"}]}
[[nodiscard]] nlohmann::ordered_json findings_json(
    const std::vector<findings::StreamFindings>& streams);

// {"check", "verdict", "seen"}, and of what was found "meaning" and "remedy".
[[nodiscard]] nlohmann::ordered_json finding_json(const findings::Finding& finding);

}  // namespace mcast::api
