// Findings as JSON: the same in the agent's API and in what the commands print. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "findings/evidence.h"
#include "findings/finding.h"

namespace mcast::api {

// {"findings": [{"stream", "group", "source", "interface", "port", "examined", "checks"}]}
[[nodiscard]] nlohmann::ordered_json findings_json(
    const std::vector<findings::StreamFindings>& streams);

// The way back. A check that this version does not know is left out.
[[nodiscard]] Result<std::vector<findings::StreamFindings>> parse_findings(std::string_view text);

// {"check", "verdict", "seen"}, and of what was found "meaning" and "remedy".
[[nodiscard]] nlohmann::ordered_json finding_json(const findings::Finding& finding);

// One line of what mcast-receive --events prints: {"event": "finding", "time", "stream",
// "group", "check", "seen", "meaning", "remedy"}. `time`: since 1970.
[[nodiscard]] nlohmann::ordered_json finding_event_json(const findings::Subject& subject,
                                                        const findings::Finding& finding,
                                                        Nanoseconds time);

}  // namespace mcast::api
