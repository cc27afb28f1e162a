#include "agent/run/host_collector.h"

namespace mcast::agent {

Result<netlink::HostSnapshot> HostCollector::read() {
  const std::scoped_lock lock(mutex_);
  return reader_.read();
}

void HostCollector::note(const std::vector<netlink::MembershipEvent>& events) {
  const std::scoped_lock lock(mutex_);
  for (const netlink::MembershipEvent& event : events) reader_.note(event);
}

}  // namespace mcast::agent
