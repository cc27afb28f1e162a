// What one GET /metrics does: asks the engines and the host, notes how long each
// took and whether it went well, and writes the text. Thread-safe.
#pragma once

#include <string>

#include "agent/run/decode_errors.h"
#include "agent/run/host_collector.h"
#include "agent/run/network_watch.h"
#include "agent/run/reload_status.h"
#include "base/clock.h"
#include "exporter/metrics_text.h"
#include "probe/receive_engine.h"
#include "probe/send_engine.h"

namespace mcast::agent {

class Scrape {
 public:
  // All outlive this.
  struct Parts {
    ReceiveEngine& receivers;
    SendEngine& senders;
    HostCollector& host;
    const NetworkWatch& network;
    DecodeErrors& decode_errors;
    const ReloadStatus& reload;
    const Clock& clock;
  };
  // Of `facts` what changes, the newest reload, is asked for with each scrape.
  Scrape(const Parts& parts, exporter::AgentFacts facts);

  [[nodiscard]] std::string metrics_text();

 private:
  const Parts parts_;
  const exporter::AgentFacts facts_;
};

}  // namespace mcast::agent
