// Short ways from a snapshot to the lines of the text that a test looks at.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/metrics_text.h"
#include "netlink/types.h"
#include "probe/snapshot.h"

namespace mcast::test {

// The whole text for one part of the input; the other parts are empty.
[[nodiscard]] std::string metrics_of(const ProbeSnapshot& probe);
[[nodiscard]] std::string metrics_of(const ReceiverSnapshot& receiver);
[[nodiscard]] std::string metrics_of(const SenderSnapshot& sender);
[[nodiscard]] std::string metrics_of(const netlink::HostSnapshot& host);
[[nodiscard]] std::string metrics_of(const exporter::AgentFacts& agent);

// Lines without their newline.
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);

// The samples of one metric, "name{labels} value", as they stand in the text.
[[nodiscard]] std::vector<std::string> samples(std::string_view text, std::string_view name);

// An address that the test has written itself.
[[nodiscard]] IpAddress address(std::string_view text);

// A receiver of 239.0.10.101 on eth1 that has heard nothing yet.
[[nodiscard]] ReceiverSnapshot waiting_receiver();
// The same with one sender, 10.1.1.1, that sent 100 packets.
[[nodiscard]] ReceiverSnapshot hearing_receiver();

}  // namespace mcast::test
