#include "tests/netns/truth.h"

#include <algorithm>
#include <set>

namespace mcast::test {

Truth truth_of(const std::vector<Forwarded>& arrived) {
  Truth truth;
  if (arrived.empty()) return truth;
  const std::uint64_t first = arrived.front().sequence;
  std::map<std::uint64_t, std::uint64_t> send_times;  // of those that came in time
  std::set<std::uint64_t> seen;
  std::uint64_t highest = first;
  for (const Forwarded& packet : arrived) {
    ++truth.packets;
    if (!seen.insert(packet.sequence).second) {
      ++truth.duplicates;
      continue;
    }
    const bool is_late = packet.sequence >= first && packet.sequence + 1024 <= highest;
    if (packet.sequence < highest) ++truth.reordered;
    if (is_late) {
      ++truth.late;
    } else {
      send_times.emplace(packet.sequence, packet.send_time);
    }
    highest = std::max(highest, packet.sequence);
  }
  truth.distinct = seen.size();
  send_times.erase(send_times.begin(), send_times.lower_bound(first));
  for (auto before = send_times.begin(), after = std::next(before); after != send_times.end();
       before = after++) {
    const std::uint64_t missing = after->first - before->first - 1;
    if (missing == 0) continue;
    truth.lost += missing;
    ++truth.bursts[missing];
    const double between = static_cast<double>(after->second - before->second) / 1e9;
    const double interruption =
        between * static_cast<double>(missing) / static_cast<double>(missing + 1);
    truth.interruption_seconds += interruption;
    truth.longest_interruption_seconds = std::max(truth.longest_interruption_seconds, interruption);
  }
  return truth;
}

}  // namespace mcast::test
