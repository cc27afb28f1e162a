#include "agent/host_collector.h"

#include <utility>

namespace mcast::agent {
namespace {

constexpr Nanoseconds kFresh = 100 * kMillisecond;

}  // namespace

Result<std::shared_ptr<const netlink::HostSnapshot>> HostCollector::read() {
  const std::scoped_lock lock(mutex_);
  const Nanoseconds now = clock_.monotonic();
  if (newest_ && now - read_at_ < kFresh) return newest_;
  auto snapshot = reader_.read();
  if (!snapshot) return std::unexpected(snapshot.error());
  newest_ = std::make_shared<const netlink::HostSnapshot>(std::move(*snapshot));
  read_at_ = now;
  return newest_;
}

}  // namespace mcast::agent
