#include "agent/host_collector.h"

namespace mcast::agent {

Result<netlink::HostSnapshot> HostCollector::read() {
  const std::scoped_lock lock(mutex_);
  return reader_.read();
}

}  // namespace mcast::agent
