// An input in which every metric has at least one series and the cases that
// differ stand side by side: ASM and SSM, every state, two senders, IPv6, odd
// labels. The golden file is its text.
#pragma once

#include <string>
#include <vector>

#include "exporter/metrics_text.h"

namespace mcast::test {

struct RichInput {
  ProbeSnapshot probe;
  netlink::HostSnapshot host;
  std::vector<netlink::InterfaceActivity> igmp;
  std::vector<findings::StreamFindings> findings;
  exporter::AgentFacts agent;
  std::vector<exporter::CollectorResult> collectors;
  std::vector<exporter::UndecodableCount> undecodable;
  exporter::ProcessFacts process;

  [[nodiscard]] std::string text() const;
};

[[nodiscard]] RichInput rich_input();

}  // namespace mcast::test
