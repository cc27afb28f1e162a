// The sequence tracker against a naive model of the definitions, on thousands of
// random sequences; and the laws that must hold whatever arrives.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "probe/loss_record.h"
#include "probe/sequence_tracker.h"
#include "tests/unit/probe/random_network.h"
#include "tests/unit/probe/sequence_model.h"

namespace mcast::test {
namespace {

constexpr Nanoseconds kLossTimeout = kSecond;
constexpr Nanoseconds kStallTimeout = 3 * kSecond;

std::array<std::uint64_t, 8> values(const ReceptionCounters& counters) {
  return {counters.lost,
          counters.late,
          counters.duplicates,
          counters.reordered,
          counters.errored_seconds,
          counters.loss_bursts.count(),
          counters.interruptions.count(),
          static_cast<std::uint64_t>(counters.loss_bursts.sum())};
}

bool none_went_down(const ReceptionCounters& before, const ReceptionCounters& after) {
  const auto old_values = values(before);
  const auto new_values = values(after);
  for (std::size_t i = 0; i < old_values.size(); ++i) {
    if (new_values[i] < old_values[i]) return false;
  }
  return true;
}

// Tracker and model side by side; check() says where they part.
class Pair {
 public:
  explicit Pair(const Delivery& first)
      : tracker(first.sequence, first.send_time, {.stall = kStallTimeout, .loss = kLossTimeout}),
        model_(first.sequence, first.send_time, kLossTimeout, kStallTimeout) {}

  [[nodiscard]] std::string packet(const Delivery& delivery) {
    const auto is =
        tracker.on_packet(delivery.sequence, delivery.send_time, delivery.arrival, record);
    const auto should_be =
        model_.on_packet(delivery.sequence, delivery.send_time, delivery.arrival);
    if (is != should_be) {
      return "verdict is " + std::to_string(static_cast<int>(is)) + " and should be " +
             std::to_string(static_cast<int>(should_be));
    }
    return check();
  }
  [[nodiscard]] std::string advance(Nanoseconds now) {
    tracker.advance(now, record);
    model_.advance(now);
    return check();
  }
  [[nodiscard]] std::string check() {
    if (!none_went_down(last_, record.counters)) return "a counter went down";
    last_ = record.counters;
    return model_.difference(tracker, record);
  }

  LossRecord record;
  SequenceTracker tracker;

 private:
  SequenceModel model_;
  ReceptionCounters last_;
};

// A whole run of `traffic`; "" when tracker and model never parted.
std::string follow(Random& random, const Traffic& traffic, bool extra_advances) {
  Pair pair(traffic.deliveries.front());
  Nanoseconds now = traffic.deliveries.front().arrival;
  for (std::size_t i = 1; i < traffic.deliveries.size(); ++i) {
    const Delivery& delivery = traffic.deliveries[i];
    if (extra_advances) {
      while (chance(random, 0.3)) {
        now = between(random, now, delivery.arrival);
        if (auto wrong = pair.advance(now); !wrong.empty()) return wrong;
      }
    }
    now = delivery.arrival;
    if (auto wrong = pair.packet(delivery); !wrong.empty()) {
      return "packet " + std::to_string(i) + ": " + wrong;
    }
  }
  return pair.advance(now + kLossTimeout);
}

TEST(SequenceProperty, EveryCounterEqualsTheNaiveModelAfterEveryStep) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Random random(seed);
    const NetworkPlan plan = random_plan(random);
    const Traffic traffic = make_traffic(random, plan);
    ASSERT_EQ(follow(random, traffic, true), "") << "seed " << seed;
  }
}

TEST(SequenceProperty, EveryCounterEqualsTheNaiveModelAroundTheWindows) {
  // Jumps and steps back near the distances at which meanings change.
  constexpr std::array<std::uint64_t, 10> kSteps{1, 2, 3, 100, 1023, 1024, 1025, 4095, 4096, 5000};
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    // 40 ns a packet is faster than any sender may be, 50 ns just not.
    const std::uint64_t interval = 30 + 10 * (seed % 4);
    Delivery delivery{.arrival = 0, .sequence = 10'000, .send_time = 10'000 * interval};
    Pair pair(delivery);
    std::uint64_t highest = delivery.sequence;
    for (int step = 0; step < 40; ++step) {
      const std::uint64_t distance = kSteps[between<std::size_t>(random, 0, kSteps.size() - 1)];
      delivery.sequence =
          chance(random, 0.4) ? highest + distance : highest - std::min(highest, distance - 1);
      delivery.send_time = delivery.sequence * interval;
      delivery.arrival += between<Nanoseconds>(random, 0, 600 * kMillisecond);
      ASSERT_EQ(pair.packet(delivery), "") << "seed " << seed << " step " << step;
      highest = pair.tracker.highest();
    }
    ASSERT_EQ(pair.advance(delivery.arrival + kLossTimeout), "") << "seed " << seed;
  }
}

TEST(SequenceProperty, CallingAdvanceOftenOrNeverGivesTheSameFinalResult) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Random random(seed);
    const NetworkPlan plan = random_plan(random);
    const Traffic traffic = make_traffic(random, plan);
    const Delivery& first = traffic.deliveries.front();
    LossRecord often_record;
    LossRecord never_record;
    SequenceTracker often(first.sequence, first.send_time,
                          {.stall = kStallTimeout, .loss = kLossTimeout});
    SequenceTracker never = often;
    Nanoseconds now = first.arrival;
    for (std::size_t i = 1; i < traffic.deliveries.size(); ++i) {
      const Delivery& delivery = traffic.deliveries[i];
      for (int extra = 0; extra < 3; ++extra) {
        now = between(random, now, delivery.arrival);
        often.advance(now, often_record);
      }
      now = delivery.arrival;
      ASSERT_EQ(often.on_packet(delivery.sequence, delivery.send_time, now, often_record),
                never.on_packet(delivery.sequence, delivery.send_time, now, never_record));
      ASSERT_EQ(values(often_record.counters), values(never_record.counters)) << "seed " << seed;
    }
    often.advance(now + kLossTimeout, often_record);
    never.advance(now + kLossTimeout, never_record);
    ASSERT_EQ(values(often_record.counters), values(never_record.counters)) << "seed " << seed;
    ASSERT_EQ(often_record.longest_interruption(), never_record.longest_interruption());
    ASSERT_EQ(often.pending(), 0U);
  }
}

TEST(SequenceProperty, LostEqualsTheTruthOnceSettledWhenDelaysStayBelowTheTimeout) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Random random(seed);
    NetworkPlan plan = random_plan(random);
    plan.delay_most = kLossTimeout - 1;
    const Traffic traffic = make_traffic(random, plan);
    const Delivery& first = traffic.deliveries.front();
    LossRecord record;
    SequenceTracker tracker(first.sequence, first.send_time,
                            {.stall = kStallTimeout, .loss = kLossTimeout});
    for (std::size_t i = 1; i < traffic.deliveries.size(); ++i) {
      const Delivery& delivery = traffic.deliveries[i];
      tracker.on_packet(delivery.sequence, delivery.send_time, delivery.arrival, record);
    }
    tracker.advance(traffic.deliveries.back().arrival + kLossTimeout, record);
    std::uint64_t truth = 0;
    std::uint64_t delivered = 0;
    for (std::uint64_t i = 0; i <= tracker.highest() - first.sequence; ++i) {
      ++(traffic.delivered[i] ? delivered : truth);
    }
    ASSERT_EQ(record.counters.lost, truth) << "seed " << seed;
    ASSERT_EQ(record.counters.late, 0U) << "seed " << seed;
    ASSERT_EQ(record.counters.duplicates, traffic.deliveries.size() - delivered);
  }
}

TEST(SequenceProperty, LostLessLateEqualsWhatNeverArrivedWhateverTheDelays) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    Random random(seed);
    NetworkPlan plan = random_plan(random);
    plan.delay = 0.3;
    plan.delay_most = 20 * kSecond;
    const Traffic traffic = make_traffic(random, plan);
    const Delivery& first = traffic.deliveries.front();
    LossRecord record;
    SequenceTracker tracker(first.sequence, first.send_time,
                            {.stall = kStallTimeout, .loss = kLossTimeout});
    for (std::size_t i = 1; i < traffic.deliveries.size(); ++i) {
      const Delivery& delivery = traffic.deliveries[i];
      tracker.on_packet(delivery.sequence, delivery.send_time, delivery.arrival, record);
    }
    tracker.advance(traffic.deliveries.back().arrival + kLossTimeout, record);
    std::uint64_t never_arrived = 0;
    for (std::uint64_t i = 0; i <= tracker.highest() - first.sequence; ++i) {
      if (!traffic.delivered[i]) ++never_arrived;
    }
    ASSERT_EQ(record.counters.lost - record.counters.late, never_arrived) << "seed " << seed;
  }
}

TEST(SequenceProperty, TheLawHoldsAndNothingOverflowsWhateverAStrangerSends) {
  constexpr std::uint64_t kTop = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    const auto hostile = [&random](std::uint64_t near) {
      switch (between(random, 0, 6)) {
        case 0:
          return std::uint64_t{0};
        case 1:
          return kTop;
        case 2:
          return kTop >> 1U;
        case 3:
          return random();
        case 4:
          return near - between<std::uint64_t>(random, 0, 5000);
        case 5:
          return near + (std::uint64_t{1} << between(random, 0U, 63U));
        default:
          return near + between<std::uint64_t>(random, 0, 5000);
      }
    };
    std::uint64_t send_time = random();
    LossRecord record;
    SequenceTracker tracker(hostile(0), send_time, {.stall = kStallTimeout, .loss = kLossTimeout});
    std::uint64_t distinct = 1;
    Nanoseconds now = 0;
    ReceptionCounters last;
    for (int step = 0; step < 300; ++step) {
      const std::uint64_t sequence = hostile(tracker.highest());
      send_time = hostile(send_time);
      now += between<Nanoseconds>(random, 0, kSecond);
      const auto verdict = tracker.on_packet(sequence, send_time, now, record);
      const bool is_new = verdict == SequenceTracker::Verdict::kInOrder ||
                          verdict == SequenceTracker::Verdict::kReordered ||
                          verdict == SequenceTracker::Verdict::kLate;
      if (is_new && sequence >= tracker.first()) ++distinct;
      ASSERT_EQ(distinct + record.counters.lost - record.counters.late + tracker.pending(),
                tracker.highest() - tracker.first() + 1)
          << "seed " << seed << " step " << step;
      ASSERT_TRUE(none_went_down(last, record.counters)) << "seed " << seed;
      ASSERT_LT(tracker.pending(), 1024U);
      ASSERT_GE(tracker.mean_interval(), 0);
      ASSERT_GE(record.longest_interruption(), 0);
      last = record.counters;
    }
  }
}

}  // namespace
}  // namespace mcast::test
