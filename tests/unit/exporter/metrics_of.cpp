#include "tests/unit/exporter/metrics_of.h"

#include <stdexcept>

namespace mcast::test {
namespace {

std::string text_of(const ProbeSnapshot& probe, const netlink::HostSnapshot& host,
                    const exporter::AgentFacts& agent) {
  const std::vector<exporter::CollectorResult> collectors;
  return exporter::metrics_text({.probe = probe,
                                 .host = host,
                                 .igmp = {},
                                 .findings = {},
                                 .agent = agent,
                                 .collectors = collectors,
                                 .undecodable = {},
                                 .process = exporter::ProcessFacts{}});
}

}  // namespace

std::string metrics_of(const ProbeSnapshot& probe) {
  return text_of(probe, {}, {});
}

std::string metrics_of(const ReceiverSnapshot& receiver) {
  return metrics_of(ProbeSnapshot{.receivers = {receiver}, .senders = {}, .sockets = {}});
}

std::string metrics_of(const SenderSnapshot& sender) {
  return metrics_of(ProbeSnapshot{.receivers = {}, .senders = {sender}, .sockets = {}});
}

std::string metrics_of(const netlink::HostSnapshot& host) {
  return text_of({}, host, {});
}

std::string metrics_of(const exporter::AgentFacts& agent) {
  return text_of({}, {}, agent);
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::vector<std::string> samples(std::string_view text, std::string_view name) {
  std::vector<std::string> found;
  for (std::string& line : lines_of(text)) {
    const bool sample = line.starts_with(name) && line.size() > name.size() &&
                        (line[name.size()] == '{' || line[name.size()] == ' ');
    if (sample) found.push_back(std::move(line));
  }
  return found;
}

IpAddress address(std::string_view text) {
  auto parsed = IpAddress::parse(text);
  if (!parsed) throw std::invalid_argument("not an address: " + std::string(text));
  return *parsed;
}

ReceiverSnapshot waiting_receiver() {
  ReceiverSnapshot receiver;
  receiver.spec.name = "video";
  receiver.spec.group = address("239.0.10.101");
  receiver.interface = "eth1";
  return receiver;
}

ReceiverSnapshot hearing_receiver() {
  ReceiverSnapshot receiver = waiting_receiver();
  receiver.state = ReceiverState::kReceiving;
  SourceSnapshot source;
  source.source = address("10.1.1.1");
  source.counters.packets = 100;
  receiver.sources.push_back(source);
  return receiver;
}

}  // namespace mcast::test
