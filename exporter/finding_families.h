// What was found of streams that receive nothing, as metrics. Internal to this
// folder.
#pragma once

#include <vector>

#include "exporter/family_builder.h"
#include "findings/stream_findings.h"

namespace mcast::exporter {

void add_finding_families(const std::vector<findings::StreamFindings>& streams, Families& families);

}  // namespace mcast::exporter
