// Made-up traffic for property tests: a sender with a schedule and a network that
// loses, delays, reorders and doubles. The same seed gives the same traffic, and
// what the network did is known.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "base/clock.h"

namespace mcast::test {

struct Delivery {
  Nanoseconds arrival = 0;
  std::uint64_t sequence = 0;
  std::uint64_t send_time = 0;
};

struct NetworkPlan {
  std::uint64_t first_sequence = 0;
  std::uint64_t packets = 300;
  std::uint64_t send_base = 0;  // the sender's clock when `start` is ours
  Nanoseconds start = 0;
  Nanoseconds interval = kMillisecond;
  double lose = 0;                // chance of a single packet
  double outage = 0;              // chance that an outage begins with this packet
  std::uint64_t outage_most = 0;  // packets
  double duplicate = 0;
  double delay = 0;  // chance of a delay up to `delay_most`
  Nanoseconds delay_most = 0;
};

using Random = std::mt19937_64;

[[nodiscard]] inline bool chance(Random& random, double probability) {
  return std::uniform_real_distribution<double>(0, 1)(random) < probability;
}
// Both ends included.
template <typename T>
[[nodiscard]] T between(Random& random, T low, T high) {
  return std::uniform_int_distribution<T>(low, high)(random);
}

struct Traffic {
  std::vector<Delivery> deliveries;  // by arrival
  // Per packet sent, in order: was any copy delivered?
  std::vector<bool> delivered;
};

// Equal keys keep their order. Not std::stable_sort: GCC 12's uses a function that it
// marks as deprecated itself, which clang 19 reports.
template <typename T, typename Key>
void sort_stably(std::vector<T>& items, const Key& key) {
  std::multimap<Nanoseconds, T> sorted;
  for (const T& item : items) sorted.emplace(key(item), item);
  items.clear();
  for (const auto& [at, item] : sorted) items.push_back(item);
}

// The first packet always arrives, at once, before all others.
[[nodiscard]] Traffic make_traffic(Random& random, const NetworkPlan& plan);

// Probabilities, rates and delays of every kind, from calm to absurd.
[[nodiscard]] NetworkPlan random_plan(Random& random);

}  // namespace mcast::test
