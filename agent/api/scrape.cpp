#include "agent/api/scrape.h"

#include <functional>
#include <utility>
#include <vector>

#include "base/version.h"
#include "exporter/metrics_text.h"

namespace mcast::agent {

std::string Scrape::metrics_text() {
  std::vector<exporter::CollectorResult> collectors;
  const auto collect = [&](std::string name, const std::function<bool()>& work) {
    const Nanoseconds started = agent_.clock.monotonic();
    const bool success = work();
    collectors.push_back({.collector = std::move(name),
                          .duration_seconds = to_seconds(agent_.clock.monotonic() - started),
                          .success = success});
  };

  ProbeSnapshot probe;
  collect("probe", [&] {
    probe.receivers = agent_.receivers.snapshot();
    probe.sockets = agent_.receivers.sockets();
    probe.senders = agent_.senders.snapshot();
    return true;
  });
  netlink::HostSnapshot host;
  collect("host", [&] {
    auto read = agent_.network.read_host();
    if (read) {
      host = std::move(*read);
    } else {
      agent_.decode_errors.add("host", read.error());
    }
    return read.has_value();
  });
  std::vector<netlink::IgmpInterfaceActivity> igmp;
  std::vector<findings::StreamFindings> findings;
  collect("igmp", [&] {
    igmp = agent_.network.igmp();
    return agent_.network.hears_igmp();
  });
  collect("findings", [&] {
    findings = agent_.network.findings();
    return true;
  });
  const Reload::State reload = agent_.reload.state();
  const exporter::AgentFacts facts{
      .version = std::string(version()),
      .revision = std::string(revision()),
      .compiler = std::string(compiler()),
      .config_last_reload_successful = reload.successful,
      .config_last_reload_success_timestamp_seconds = to_seconds(reload.success_time),
      .igmp_socket_drops = agent_.network.igmp_socket_drops()};
  exporter::ProcessFacts process;
  collect("process", [&] {
    auto read = exporter::read_process_facts("/proc");
    if (read) process = *read;
    return read.has_value();
  });
  std::vector<exporter::UndecodableCount> undecodable;
  for (auto& [where, times] : agent_.decode_errors.counts()) {
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
