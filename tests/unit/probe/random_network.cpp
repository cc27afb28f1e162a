#include "tests/unit/probe/random_network.h"

#include <algorithm>
#include <array>
#include <limits>

namespace mcast::test {

Traffic make_traffic(Random& random, const NetworkPlan& plan) {
  Traffic traffic;
  traffic.delivered.resize(plan.packets);
  std::uint64_t outage_left = 0;
  for (std::uint64_t i = 0; i < plan.packets; ++i) {
    const Nanoseconds due = static_cast<Nanoseconds>(i) * plan.interval;
    Delivery delivery{.arrival = plan.start + due,
                      .sequence = plan.first_sequence + i,
                      .send_time = plan.send_base + static_cast<std::uint64_t>(due)};
    if (outage_left > 0) {
      --outage_left;
      continue;
    }
    if (i > 0 && plan.outage_most > 0 && chance(random, plan.outage)) {
      outage_left = between<std::uint64_t>(random, 0, plan.outage_most - 1);
      continue;
    }
    if (i > 0 && chance(random, plan.lose)) continue;
    const auto travel = [&] {
      return chance(random, plan.delay) ? between<Nanoseconds>(random, 0, plan.delay_most) : 0;
    };
    const Nanoseconds sent = delivery.arrival;
    if (i > 0) delivery.arrival = sent + travel();
    traffic.delivered[i] = true;
    traffic.deliveries.push_back(delivery);
    while (chance(random, plan.duplicate)) {
      delivery.arrival = sent + travel();
      traffic.deliveries.push_back(delivery);
    }
  }
  sort_stably(traffic.deliveries, [](const Delivery& delivery) { return delivery.arrival; });
  return traffic;
}

NetworkPlan random_plan(Random& random) {
  constexpr std::array<Nanoseconds, 7> kIntervals{
      100,    50 * kMicrosecond, kMillisecond, 7 * kMillisecond, 40 * kMillisecond, 333'333'333,
      kSecond};
  constexpr std::array<double, 4> kChances{0, 0.01, 0.1, 0.4};
  constexpr std::array<std::uint64_t, 4> kFirst{
      0, 5, 1ULL << 32U, std::numeric_limits<std::uint64_t>::max() - 100'000};
  constexpr std::array<Nanoseconds, 4> kDelays{100 * kMicrosecond, 50 * kMillisecond,
                                               950 * kMillisecond, 3 * kSecond};
  const auto one_of = [&random](const auto& values) {
    return values[between<std::size_t>(random, 0, values.size() - 1)];
  };
  return NetworkPlan{.first_sequence = one_of(kFirst),
                     .packets = between<std::uint64_t>(random, 2, 160),
                     .send_base = between<std::uint64_t>(random, 0, 1'000'000'000'000),
                     .start = between<Nanoseconds>(random, 0, 10 * kSecond),
                     .interval = one_of(kIntervals),
                     .lose = one_of(kChances),
                     .outage = one_of(kChances) / 5,
                     .outage_most = between<std::uint64_t>(random, 1, 30),
                     .duplicate = one_of(kChances),
                     .delay = one_of(kChances),
                     .delay_most = one_of(kDelays)};
}

}  // namespace mcast::test
