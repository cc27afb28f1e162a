#include "agent/scrape.h"

#include <functional>
#include <utility>
#include <vector>

namespace mcast::agent {

Scrape::Scrape(ReceiveEngine& receivers, SendEngine& senders, HostCollector& host,
               const Clock& clock, exporter::AgentFacts facts)
    : receivers_(receivers),
      senders_(senders),
      host_(host),
      clock_(clock),
      facts_(std::move(facts)) {}

std::string Scrape::metrics_text() {
  std::vector<exporter::CollectorResult> collectors;
  const auto collect = [&](std::string name, const std::function<bool()>& work) {
    const Nanoseconds started = clock_.monotonic();
    const bool success = work();
    collectors.push_back({.collector = std::move(name),
                          .duration_seconds = to_seconds(clock_.monotonic() - started),
                          .success = success});
  };

  ProbeSnapshot probe;
  collect("probe", [&] {
    probe.receivers = receivers_.snapshot();
    probe.sockets = receivers_.sockets();
    probe.senders = senders_.snapshot();
    return true;
  });
  netlink::HostSnapshot host;
  collect("host", [&] {
    auto read = host_.read();
    if (read) host = std::move(*read);
    return read.has_value();
  });
  exporter::ProcessFacts process;
  collect("process", [&] {
    auto read = exporter::read_process_facts("/proc");
    if (read) process = *read;
    return read.has_value();
  });
  return exporter::metrics_text({.probe = probe,
                                 .host = host,
                                 .agent = facts_,
                                 .collectors = collectors,
                                 .process = process});
}

}  // namespace mcast::agent
