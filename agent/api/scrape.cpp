#include "agent/api/scrape.h"

#include <functional>
#include <utility>
#include <vector>

namespace mcast::agent {

Scrape::Scrape(const Parts& parts, exporter::AgentFacts facts)
    : parts_(parts), facts_(std::move(facts)) {}

std::string Scrape::metrics_text() {
  std::vector<exporter::CollectorResult> collectors;
  const auto collect = [&](std::string name, const std::function<bool()>& work) {
    const Nanoseconds started = parts_.clock.monotonic();
    const bool success = work();
    collectors.push_back({.collector = std::move(name),
                          .duration_seconds = to_seconds(parts_.clock.monotonic() - started),
                          .success = success});
  };

  ProbeSnapshot probe;
  collect("probe", [&] {
    probe.receivers = parts_.receivers.snapshot();
    probe.sockets = parts_.receivers.sockets();
    probe.senders = parts_.senders.snapshot();
    return true;
  });
  netlink::HostSnapshot host;
  collect("host", [&] {
    auto read = parts_.host.read();
    if (read) {
      host = std::move(*read);
    } else {
      parts_.decode_errors.add("host", read.error());
    }
    return read.has_value();
  });
  std::vector<netlink::IgmpInterfaceActivity> igmp;
  std::vector<findings::StreamFindings> findings;
  collect("igmp", [&] {
    igmp = parts_.network.igmp();
    return parts_.network.hears_igmp();
  });
  collect("findings", [&] {
    findings = parts_.network.findings();
    return true;
  });
  const ReloadStatus::State reload = parts_.reload.state();
  exporter::AgentFacts facts = facts_;
  facts.config_last_reload_successful = reload.successful;
  facts.igmp_socket_drops = parts_.network.igmp_socket_drops();
  facts.config_last_reload_success_timestamp_seconds = to_seconds(reload.success_time);
  exporter::ProcessFacts process;
  collect("process", [&] {
    auto read = exporter::read_process_facts("/proc");
    if (read) process = *read;
    return read.has_value();
  });
  std::vector<exporter::UndecodableCount> undecodable;
  for (auto& [where, times] : parts_.decode_errors.counts()) {
    undecodable.push_back({.source = std::move(where), .times = times});
  }
  return exporter::metrics_text({.probe = probe,
                                 .host = host,
                                 .igmp = igmp,
                                 .findings = findings,
                                 .agent = facts,
                                 .collectors = collectors,
                                 .undecodable = undecodable,
                                 .process = process});
}

}  // namespace mcast::agent
