#include <functional>
#include <utility>
#include <vector>

#include "agent/api/api.h"
#include "base/version.h"
#include "exporter/metrics_text.h"

namespace mcast::agent {
namespace {

// Asks the engines and the host, notes how long each took and whether it went well.
std::string metrics_text(const AgentParts& agent) {
  std::vector<exporter::CollectorResult> collectors;
  const auto collect = [&](std::string name, const std::function<bool()>& work) {
    const Nanoseconds started = agent.clock.monotonic();
    const bool success = work();
    collectors.push_back({.collector = std::move(name),
                          .duration_seconds = to_seconds(agent.clock.monotonic() - started),
                          .success = success});
  };

  ProbeSnapshot probe;
  collect("probe", [&] {
    probe.receivers = agent.receivers.snapshot();
    probe.sockets = agent.receivers.sockets();
    probe.senders = agent.senders.snapshot();
    return true;
  });
  netlink::HostSnapshot host;
  collect("host", [&] {
    auto read = agent.network.read_host();
    if (read) {
      host = std::move(*read);
    } else {
      agent.decode_errors.add("host", read.error());
    }
    return read.has_value();
  });
  NetworkWatch::Known known;
  collect("igmp", [&] {
    known = agent.network.known();
    return known.hears_igmp;
  });
  collect("findings", [] { return true; });
  const Reload::State reload = agent.reload.state();
  const exporter::AgentFacts facts{
      .version = std::string(version()),
      .revision = std::string(revision()),
      .compiler = std::string(compiler()),
      .config_last_reload_successful = reload.successful,
      .config_last_reload_success_timestamp_seconds = to_seconds(reload.success_time),
      .igmp_socket_drops = known.igmp_socket_drops};
  exporter::ProcessFacts process;
  collect("process", [&] {
    auto read = exporter::read_process_facts("/proc");
    if (read) process = *read;
    return read.has_value();
  });
  std::vector<exporter::UndecodableCount> undecodable;
  for (const auto& [where, times] : agent.decode_errors.counts()) {
    undecodable.push_back({.source = where, .times = times});
  }
  return exporter::metrics_text({.probe = probe,
                                 .host = host,
                                 .igmp = known.igmp,
                                 .findings = known.findings,
                                 .agent = facts,
                                 .collectors = collectors,
                                 .undecodable = undecodable,
                                 .process = process});
}

}  // namespace

void add_metrics(const AgentParts& agent, http::Routes& routes) {
  for (const char* const path : {"/metrics", "/metrics/"}) {
    routes.get(path, [agent](const http::Request&) {
      return http::Response{
          .content_type = exporter::kContentType, .body = metrics_text(agent), .compress = true};
    });
  }
}

}  // namespace mcast::agent
