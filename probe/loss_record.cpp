#include "probe/loss_record.h"

#include <algorithm>

namespace mcast {

void LossRecord::add_burst(std::uint64_t lost_packets, Nanoseconds length, Nanoseconds seen_at) {
  log_[bursts_ % kGapLogSize] =
      Gap{.realtime = seen_at, .length = length, .lost_packets = lost_packets};
  counters.loss_bursts.observe(static_cast<double>(lost_packets));
  counters.interruptions.observe(to_seconds(length));
  longest_ = std::max(longest_, length);
  ++bursts_;
}

const Gap& LossRecord::newest_gap() const {
  return log_[(bursts() - 1) % kGapLogSize];
}

std::vector<Gap> LossRecord::gaps(Nanoseconds realtime_offset) const {
  std::vector<Gap> result;
  const std::uint64_t kept = std::min<std::uint64_t>(bursts(), kGapLogSize);
  result.reserve(kept);
  for (std::uint64_t i = bursts() - kept; i < bursts(); ++i) {
    result.push_back(log_[i % kGapLogSize]);
    result.back().realtime += realtime_offset;
  }
  return result;
}

}  // namespace mcast
