// The host's part of a scrape, for several scrapes at a time and the main loop. Thread-safe.
#pragma once

#include <mutex>

#include "base/result.h"
#include "netlink/host_reader.h"
#include "netlink/types.h"

namespace mcast::agent {

class HostCollector {
 public:
  // `reader` is used by one caller at a time; it outlives this.
  explicit HostCollector(netlink::HostReader& reader) : reader_(reader) {}

  // Memberships, links and IGMP versions as the kernel has them now. Asked
  // regularly, it also sees joins and leaves between two scrapes.
  [[nodiscard]] Result<netlink::HostSnapshot> read();

 private:
  netlink::HostReader& reader_;
  std::mutex mutex_;
};

}  // namespace mcast::agent
