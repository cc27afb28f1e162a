// A stream of many senders on random networks: every source's counters equal the
// sum of naive models of its sender IDs, restarts equal the truth, and calling
// advance() often or never makes no difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "probe/stream_tracker.h"
#include "tests/unit/probe/random_network.h"
#include "tests/unit/probe/sequence_model.h"
#include "tests/unit/probe/stream_feed.h"

namespace mcast::test {
namespace {

struct Packet {
  Delivery delivery;
  IpAddress source;
  std::uint32_t id = 0;
  std::uint32_t left_plus_one = 0;
};

// Several senders at a time, some sharing an address, on lossy networks.
std::vector<Packet> random_packets(Random& random) {
  std::vector<Packet> packets;
  const auto senders = between<std::uint32_t>(random, 1, 6);
  for (std::uint32_t id = 0; id < senders; ++id) {
    const NetworkPlan plan = random_plan(random);
    const IpAddress source = IpAddress::v4(0x0A000001 + between<std::uint32_t>(random, 0, 2));
    for (const Delivery& delivery : make_traffic(random, plan).deliveries) {
      packets.push_back(Packet{.delivery = delivery, .source = source, .id = id});
    }
  }
  sort_stably(packets, [](const Packet& p) { return p.delivery.arrival; });
  return packets;
}

void feed_packet(StreamTracker& tracker, const Packet& packet) {
  tracker.on_probe(ProbeHeader{.sequence = packet.delivery.sequence,
                               .send_time = packet.delivery.send_time,
                               .sender_id = packet.id,
                               .payload_length = 168,
                               .ttl = 100,
                               .dscp = 0,
                               .left_plus_one = packet.left_plus_one},
                   StreamTracker::Arrival{.source = packet.source,
                                          .time = packet.delivery.arrival,
                                          .size = 200,
                                          .ttl = 97,
                                          .dscp = 0});
}

using Summary = std::vector<std::vector<std::uint64_t>>;

// Every counter of every source and of the stream.
Summary summary(const ReceiverSnapshot& snapshot) {
  Summary result{{snapshot.stalls, static_cast<std::uint64_t>(snapshot.stalled_time),
                  snapshot.senders_seen, snapshot.rejected.stale, snapshot.rejected.implausible,
                  static_cast<std::uint64_t>(snapshot.state)}};
  for (const SourceSnapshot& source : snapshot.sources) {
    const ReceptionCounters& c = source.counters;
    result.push_back({c.packets, c.bytes, c.lost, c.outage_lost, c.late, c.duplicates, c.reordered,
                      c.errored_seconds, c.ttl_changes, c.remarked, c.loss_bursts.count(),
                      c.interruptions.count(), source.restarts, source.sender_id,
                      static_cast<std::uint64_t>(source.longest_interruption),
                      static_cast<std::uint64_t>(source.jitter)});
  }
  return result;
}

bool none_went_down(const Summary& before, const Summary& after) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    // A source's: packets to restarts; the stream's: all but its state.
    const std::size_t counters = i == 0 ? 5 : 13;
    for (std::size_t k = 0; k < counters; ++k) {
      if (after[i][k] < before[i][k]) return false;
    }
  }
  return true;
}

TEST(StreamProperty, EverySourceEqualsTheSumOfTheModelsOfItsSenderIds) {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    Random random(seed);
    const auto packets = random_packets(random);
    StreamFeed feed;
    std::map<std::pair<IpAddress, std::uint32_t>, SequenceModel> models;
    std::map<IpAddress, std::uint64_t> accepted;
    Summary last;
    for (const Packet& packet : packets) {
      feed_packet(feed.tracker, packet);
      const Delivery& d = packet.delivery;
      const auto [model, fresh] =
          models.try_emplace({packet.source, packet.id}, d.sequence, d.send_time,
                             StreamFeed::kLossTimeout, StreamFeed::kStallTimeout);
      auto verdict = SequenceTracker::Verdict::kInOrder;
      if (!fresh) verdict = model->second.on_packet(d.sequence, d.send_time, d.arrival);
      if (verdict != SequenceTracker::Verdict::kStale &&
          verdict != SequenceTracker::Verdict::kImplausible) {
        ++accepted[packet.source];
      }
      if (chance(random, 0.1)) feed.tracker.advance(d.arrival);
      const Summary now = summary(feed.at(d.arrival));
      ASSERT_TRUE(none_went_down(last, now)) << "seed " << seed;
      last = now;
    }
    const Nanoseconds end = packets.back().delivery.arrival + 100 * kSecond;
    feed.tracker.advance(end);
    for (const SourceSnapshot& source : feed.at(end).sources) {
      std::uint64_t lost = 0;
      std::uint64_t late = 0;
      std::uint64_t distinct = 0;
      for (auto& [key, model] : models) {
        if (key.first != source.source.address) continue;
        model.advance(end);
        lost += model.lost();
        late += model.late();
        distinct += model.distinct_from_first();
      }
      ASSERT_EQ(source.counters.packets, accepted[source.source.address]) << "seed " << seed;
      ASSERT_EQ(source.counters.lost, lost) << "seed " << seed;
      ASSERT_EQ(source.counters.late, late) << "seed " << seed;
      ASSERT_EQ(source.counters.packets - source.counters.duplicates, distinct);
    }
  }
}

// Events whose order and moment do not hang on when somebody looked.
using EventKey = std::tuple<StreamEventType, IpAddress, std::uint64_t, Nanoseconds>;
std::vector<EventKey> lasting_events(const RecordedEvents& events) {
  std::vector<EventKey> result;
  for (const StreamEvent& event : events.all) {
    // Bursts that end together make one event.
    if (event.type == StreamEventType::kBurst) continue;
    const bool timed = event.type == StreamEventType::kStall;
    result.emplace_back(event.type, event.source.address, event.value,
                        timed ? event.time : event.duration);
  }
  std::ranges::sort(result);
  return result;
}

// Some senders say when they end: truly, or whatever comes into their heads.
void announce_ends(Random& random, std::vector<Packet>& packets) {
  enum class Word : std::uint8_t { kNone, kTrue, kLie };
  std::map<std::uint32_t, Word> words;
  std::map<std::uint32_t, std::uint64_t> last;
  for (const Packet& packet : packets) {
    std::uint64_t& highest = last[packet.id];
    highest = std::max(highest, packet.delivery.sequence);
  }
  for (auto& [id, highest] : last) {
    words[id] = static_cast<Word>(between<int>(random, 0, 2));
    highest += between<std::uint64_t>(random, 0, 20);
  }
  for (Packet& packet : packets) {
    const Word word = words[packet.id];
    const std::uint64_t left = last[packet.id] - packet.delivery.sequence;
    if (word == Word::kTrue && left <= kMaxAnnounced) {
      packet.left_plus_one = static_cast<std::uint32_t>(left + 1);
    }
    if (word == Word::kLie && chance(random, 0.5)) {
      packet.left_plus_one = between<std::uint32_t>(random, 0, kMaxAnnounced + 1);
    }
  }
}

TEST(StreamProperty, CallingAdvanceOftenOrNeverGivesTheSameResult) {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    Random random(seed);
    auto packets = random_packets(random);
    announce_ends(random, packets);
    StreamFeed often;
    StreamFeed never;
    Nanoseconds now = packets.front().delivery.arrival;
    for (const Packet& packet : packets) {
      const Nanoseconds arrival = packet.delivery.arrival;
      for (int extra = 0; extra < 3; ++extra) {
        now = between(random, now, arrival);
        often.tracker.advance(now);
      }
      if (often.tracker.next_deadline() < arrival) {
        now = std::max(now, often.tracker.next_deadline());
        often.tracker.advance(now);
      }
      now = arrival;
      feed_packet(often.tracker, packet);
      feed_packet(never.tracker, packet);
      ASSERT_EQ(summary(often.at(now)), summary(never.at(now))) << "seed " << seed;
    }
    for (Nanoseconds step = 0; step < 100; ++step) often.tracker.advance(now + step * kSecond);
    now += 100 * kSecond;
    often.tracker.advance(now);
    never.tracker.advance(now);
    ASSERT_EQ(summary(often.at(now)), summary(never.at(now))) << "seed " << seed;
    ASSERT_EQ(lasting_events(often.events), lasting_events(never.events)) << "seed " << seed;
  }
}

TEST(StreamProperty, RestartsEqualTheTruth) {
  // One address: a few senders that go on from beginning to end, and one that is
  // restarted over and over, each run with stragglers up to 90 ms.
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    std::vector<Packet> packets;
    const auto steady = between<std::uint32_t>(random, 0, 3);
    const auto runs = between<std::uint32_t>(random, 1, 6);
    Nanoseconds at = between<Nanoseconds>(random, 0, kSecond);
    const auto add_run = [&](std::uint32_t id, Nanoseconds start, Nanoseconds length,
                             Nanoseconds interval) {
      const NetworkPlan plan{.first_sequence = 0,
                             .packets = static_cast<std::uint64_t>(length / interval) + 1,
                             .send_base = random() >> 2U,
                             .start = start,
                             .interval = interval,
                             .lose = 0.05,
                             .duplicate = 0.05,
                             .delay = 0.2,
                             .delay_most = 90 * kMillisecond};
      for (const Delivery& delivery : make_traffic(random, plan).deliveries) {
        packets.push_back(Packet{.delivery = delivery, .source = kHost, .id = id});
      }
    };
    for (std::uint32_t run = 0; run < runs; ++run) {
      const Nanoseconds length = between<Nanoseconds>(random, 0, 5 * kSecond);
      add_run(100 + run, at, length, between<Nanoseconds>(random, 1, 200) * kMillisecond);
      at += length + between<Nanoseconds>(random, 10 * kMillisecond, 8 * kSecond);
    }
    for (std::uint32_t id = 0; id < steady; ++id) {
      add_run(id, id, at + 30 * kSecond, between<Nanoseconds>(random, 10, 200) * kMillisecond);
    }
    sort_stably(packets, [](const Packet& p) { return p.delivery.arrival; });
    StreamFeed feed;
    for (const Packet& packet : packets) {
      feed_packet(feed.tracker, packet);
      if (chance(random, 0.01)) feed.tracker.advance(packet.delivery.arrival);
    }
    feed.tracker.advance(packets.back().delivery.arrival + 100 * kSecond);
    ASSERT_EQ(feed.source().restarts, runs - 1) << "seed " << seed;
  }
}

}  // namespace
}  // namespace mcast::test
