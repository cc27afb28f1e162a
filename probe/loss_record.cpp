#include "probe/loss_record.h"

#include <algorithm>

namespace mcast {

void LossRecord::add_burst(std::uint64_t lost_packets, Nanoseconds length, Nanoseconds seen_at) {
  const Gap gap{.realtime = seen_at, .length = length, .lost_packets = lost_packets};
  log_[bursts_ % kGapLogSize] = gap;
  const std::size_t kept = std::min<std::uint64_t>(bursts_, kGapLogSize);
  if (kept < kGapLogSize || length > longest_log_.back().length) {
    std::size_t place = std::min(kept, kGapLogSize - 1);
    for (; place > 0 && longest_log_[place - 1].length < length; --place) {
      longest_log_[place] = longest_log_[place - 1];
    }
    longest_log_[place] = gap;
  }
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

std::vector<Gap> LossRecord::longest_gaps(Nanoseconds realtime_offset) const {
  const std::size_t kept = std::min<std::uint64_t>(bursts(), kGapLogSize);
  std::vector<Gap> result(longest_log_.begin(),
                          longest_log_.begin() + static_cast<std::ptrdiff_t>(kept));
  for (Gap& gap : result) gap.realtime += realtime_offset;
  return result;
}

}  // namespace mcast
