// Metrics of this host's own senders. Internal to this folder.
#pragma once

#include <vector>

#include "exporter/family_builder.h"
#include "probe/snapshot.h"

namespace mcast::exporter {

void add_sender_families(const std::vector<SenderSnapshot>& senders, Families& families);

}  // namespace mcast::exporter
