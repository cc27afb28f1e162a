// Metrics of receivers: those of the stream as a whole, whoever sends to it.
// Internal to this folder.
#pragma once

#include <vector>

#include "exporter/family_builder.h"
#include "probe/snapshot.h"

namespace mcast::exporter {

// stream, group, source (SSM only), interface: what every receiver metric carries.
[[nodiscard]] LabelSet receiver_labels(const ReceiverSnapshot& receiver);

void add_receiver_families(const std::vector<ReceiverSnapshot>& receivers, Families& families);

}  // namespace mcast::exporter
