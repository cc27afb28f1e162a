#include "exporter/metrics_text.h"

#include <prometheus/text_serializer.h>

#include <sstream>
#include <utility>

#include "exporter/families.h"

namespace mcast::exporter {

std::string metrics_text(const Input& input) {
  Families families;
  add_receiver_families(input.probe.receivers, families);
  add_per_sender_families(input.probe.receivers, families);
  add_sender_families(input.probe.senders, families);
  add_socket_families(input.probe.sockets, families);
  add_membership_families(input.host, families);
  add_protocol_families(input.host, input.igmp, families);
  add_route_families(input.host, families);
  add_finding_families(input.findings, families);
  add_address_families(input.host, families);
  add_agent_families(input.agent, families);
  add_collector_families(input.collectors, families);
  add_undecodable_family(input.undecodable, families);
  add_process_families(input.process, families);

  std::erase_if(families, [](const auto& family) { return family.metric.empty(); });
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace mcast::exporter
