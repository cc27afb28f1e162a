// The host's part of a scrape: reads the kernel's memberships, links and IGMP
// versions, once for everybody who asks at the same time. Thread-safe.
#pragma once

#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/result.h"
#include "netlink/host_reader.h"
#include "netlink/types.h"

namespace mcast::agent {

class HostCollector {
 public:
  // `reader` is used by whoever asks, one thread at a time; both outlive this.
  HostCollector(netlink::HostReader& reader, const Clock& clock) : reader_(reader), clock_(clock) {}

  // The newest picture, read now unless one of the last tenth of a second is at
  // hand. Asked regularly, it sees joins and leaves that nobody scrapes.
  [[nodiscard]] Result<std::shared_ptr<const netlink::HostSnapshot>> read();

 private:
  netlink::HostReader& reader_;
  const Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const netlink::HostSnapshot> newest_;
  Nanoseconds read_at_ = 0;
};

}  // namespace mcast::agent
