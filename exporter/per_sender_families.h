// Metrics of what receivers got from each sender's address: packets, loss,
// order, TTL, DSCP, jitter. Internal to this folder.
#pragma once

#include <vector>

#include "exporter/family_builder.h"
#include "probe/snapshot.h"

namespace mcast::exporter {

void add_per_sender_families(const std::vector<ReceiverSnapshot>& receivers, Families& families);

}  // namespace mcast::exporter
