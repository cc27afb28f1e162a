#include "tests/netns/truth.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>

namespace mcast::test {
namespace {

constexpr std::uint64_t kReorderWindow = 1024;

// Those that arrive for the first time.
std::vector<Forwarded> first_copies(const std::vector<Forwarded>& arrived) {
  std::vector<Forwarded> firsts;
  std::unordered_set<std::uint64_t> seen;
  for (const Forwarded& packet : arrived) {
    if (seen.insert(packet.sequence).second) firsts.push_back(packet);
  }
  return firsts;
}

// The highest number that has arrived with each packet or before it: never falls, so
// that the first packet above a number is found by halving.
std::vector<std::uint64_t> highest_so_far(const std::vector<Forwarded>& packets) {
  std::vector<std::uint64_t> highest;
  highest.reserve(packets.size());
  for (const Forwarded& packet : packets) {
    highest.push_back(highest.empty() ? packet.sequence
                                      : std::max(highest.back(), packet.sequence));
  }
  return highest;
}

void add_bursts(const std::map<std::uint64_t, std::uint64_t>& send_times, Truth& truth) {
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
}

}  // namespace

Truth truth_of(const std::vector<Forwarded>& arrived, std::chrono::nanoseconds loss_timeout) {
  Truth truth;
  truth.margin = std::numeric_limits<Nanoseconds>::max();
  if (arrived.empty()) return truth;
  const std::vector<Forwarded> packets = first_copies(arrived);
  truth.packets = arrived.size();
  truth.distinct = packets.size();
  truth.duplicates = arrived.size() - packets.size();

  const std::vector<std::uint64_t> highest = highest_so_far(packets);
  const std::uint64_t first = packets.front().sequence;
  std::map<std::uint64_t, std::uint64_t> send_times;  // of those that came in time
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const Forwarded& packet = packets[i];
    const bool reordered = packet.sequence < highest[i];
    if (reordered) ++truth.reordered;
    if (packet.sequence < first) continue;
    bool late = false;
    if (reordered) {
      late = packet.sequence + kReorderWindow <= highest[i];
      if (!late) {
        const auto overtaken = std::ranges::upper_bound(highest, packet.sequence) - highest.begin();
        const Nanoseconds waited =
            packet.sent_from - packets[static_cast<std::size_t>(overtaken)].sent_from;
        late = waited >= loss_timeout.count();
        truth.margin = std::min(truth.margin, std::abs(waited - loss_timeout.count()));
      }
    }
    if (late) {
      ++truth.late;
    } else {
      send_times.emplace(packet.sequence, packet.send_time);
    }
  }
  add_bursts(send_times, truth);
  return truth;
}

JitterTruth jitter_of(const std::vector<Forwarded>& arrived) {
  const std::vector<Forwarded> packets = first_copies(arrived);
  JitterTruth truth;
  const auto approach = [](double& mean, double value) { mean += (value - mean) / 16; };
  for (std::size_t i = 1; i < packets.size(); ++i) {
    const Forwarded& before = packets[i - 1];
    const Forwarded& after = packets[i];
    // In the middle of its system call; half of that is the most it can be off.
    const auto arrival = [](const Forwarded& packet) {
      return static_cast<double>(packet.sent_from) +
             static_cast<double>(packet.sent_to - packet.sent_from) / 2;
    };
    const auto half_width = [](const Forwarded& packet) {
      return static_cast<double>(packet.sent_to - packet.sent_from) / 2;
    };
    const auto sent = [](const Forwarded& packet) { return static_cast<double>(packet.send_time); };
    const double difference = (arrival(after) - arrival(before)) - (sent(after) - sent(before));
    const auto planned = static_cast<double>(after.delay - before.delay);
    approach(truth.seconds, std::abs(difference) / 1e9);
    approach(truth.error, (half_width(after) + half_width(before)) / 1e9);
    approach(truth.planned, std::abs(planned) / 1e9);
    approach(truth.disturbance, std::abs(difference - planned) / 1e9);
  }
  return truth;
}

}  // namespace mcast::test
