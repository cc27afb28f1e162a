// What one GET /metrics does: asks the engines and the host, notes how long each
// took and whether it went well, and writes the text. Thread-safe.
#pragma once

#include <string>

#include "agent/host_collector.h"
#include "base/clock.h"
#include "exporter/metrics_text.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"

namespace mcast::agent {

class Scrape {
 public:
  // All references outlive this.
  Scrape(ReceiveEngine& receivers, SendEngine& senders, HostCollector& host, const Clock& clock,
         exporter::AgentFacts facts);

  [[nodiscard]] std::string metrics_text();

 private:
  ReceiveEngine& receivers_;
  SendEngine& senders_;
  HostCollector& host_;
  const Clock& clock_;
  const exporter::AgentFacts facts_;
};

}  // namespace mcast::agent
