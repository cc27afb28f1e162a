// From snapshots to what Prometheus reads: a pure function of its input, so that
// any thread may call it and a test can hold its whole output against a file.
// This folder is the only one that sees Prometheus headers, and this header shows
// none of them. Names, labels and meanings: docs/metrics.md.
#pragma once

#include <string>
#include <vector>

#include "exporter/process_facts.h"
#include "findings/evidence.h"
#include "netlink/types.h"
#include "netlink/wire/protocol_activity.h"
#include "probe/snapshot.h"

namespace mcast::exporter {

// The Content-Type of metrics_text().
inline constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

// What this program is, how its last reload ended, and what it missed.
struct AgentFacts {
  std::string version;
  std::string revision;
  std::string compiler;
  bool config_last_reload_successful = true;
  double config_last_reload_success_timestamp_seconds = 0;  // since 1970; 0: never
  std::uint64_t igmp_socket_drops = 0;
};

// How one source of numbers ("probe", "host", "igmp", "findings", "process") did in this scrape.
struct CollectorResult {
  std::string collector;
  double duration_seconds = 0;
  bool success = true;
};

// What could not be read or decoded of one source ("igmp", "netlink", "packets",
// "host"), since the agent started.
struct UndecodableCount {
  std::string source;
  std::uint64_t times = 0;
};

// Borrows everything but `process`; must not outlive what it points to.
struct Input {
  const ProbeSnapshot& probe;
  const netlink::HostSnapshot& host;
  const std::vector<netlink::InterfaceActivity>& igmp;    // empty where nobody listens
  const std::vector<findings::StreamFindings>& findings;  // of silent receivers
  const AgentFacts& agent;
  const std::vector<CollectorResult>& collectors;
  const std::vector<UndecodableCount>& undecodable;
  ProcessFacts process;
};

// The Prometheus text format 0.0.4, ending in a newline. Whatever the names in
// the input hold, the text stays readable for Prometheus: bytes that are no
// UTF-8 become U+FFFD, labels with a bad or an already used name and values that
// are not finite are left out.
[[nodiscard]] std::string metrics_text(const Input& input);

}  // namespace mcast::exporter
