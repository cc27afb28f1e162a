// The answers of /api/v1. Pure functions; any thread.
#pragma once

#include <vector>

#include "agent/http_routes.h"
#include "findings/stream_findings.h"

namespace mcast::agent {

// GET /api/v1/findings: of every silent receiver that has been examined.
[[nodiscard]] HttpResponse findings_response(const std::vector<findings::StreamFindings>& streams);

}  // namespace mcast::agent
