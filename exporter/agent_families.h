// Metrics of the agent itself: build, reloads, collectors, process. Internal to
// this folder.
#pragma once

#include <vector>

#include "exporter/family_builder.h"
#include "exporter/metrics_text.h"

namespace mcast::exporter {

void add_agent_families(const AgentFacts& agent, Families& families);
void add_collector_families(const std::vector<CollectorResult>& collectors, Families& families);
void add_undecodable_family(const std::vector<UndecodableCount>& counts, Families& families);
void add_process_families(const ProcessFacts& process, Families& families);

}  // namespace mcast::exporter
