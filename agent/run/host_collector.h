// What the host's part of a scrape is read by, for several scrapes at a time and the
// netlink thread. Thread-safe.
#pragma once

#include <mutex>
#include <vector>

#include "base/result.h"
#include "netlink/host_reader.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "netlink/types.h"

namespace mcast::agent {

class HostCollector {
 public:
  // `reader` is used by one caller at a time; it outlives this.
  explicit HostCollector(netlink::HostReader& reader) : reader_(reader) {}

  // Memberships, links, IGMP versions and multicast routes as the kernel has them now.
  [[nodiscard]] Result<netlink::HostSnapshot> read();

  // Joins and leaves that the kernel told of, in their order: counted however short
  // they were.
  void note(const std::vector<netlink::MembershipEvent>& events);

 private:
  netlink::HostReader& reader_;
  std::mutex mutex_;
};

}  // namespace mcast::agent
