// What a packet costs between the socket and the counters, beside a loop that
// decodes the same packets and adds up one field: in order, and with every kind
// of trouble that a network makes. CPU time of this thread; no socket, no clock.
#include <array>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bench/benchmarks.h"
#include "probe/event_queue.h"
#include "probe/loss_record.h"
#include "probe/receive_stream.h"
#include "probe/sequence_tracker.h"
#include "probe/stream_table.h"
#include "probe/stream_tracker.h"
#include "probe/wire.h"

namespace mcast::bench {
namespace {

constexpr std::size_t kPackets = 200'000;
constexpr Nanoseconds kInterval = 40 * kMicrosecond;
constexpr IpAddress kSource = IpAddress::v4(0x0A010101);
constexpr Nanoseconds kStallTimeout = 3 * kSecond;
constexpr Nanoseconds kLossTimeout = kSecond;
constexpr std::uint8_t kTtl = 16;
// A pass takes milliseconds: many of them are one run.
constexpr int kPassesARun = 9;

struct Packet {
  std::array<std::uint8_t, kMaxHeaderSize> datagram{};
  Nanoseconds arrival = 0;
};
using Packets = std::vector<Packet>;

Packet make_packet(std::uint64_t sequence, std::uint32_t sender_id, Nanoseconds sent) {
  Packet packet;
  encode_probe(ProbeHeader{.sequence = sequence,
                           .send_time = static_cast<std::uint64_t>(sent),
                           .sender_id = sender_id,
                           .payload_length = 0,
                           .ttl = kTtl,
                           .dscp = 0},
               packet.datagram);
  add_extension({.sequence = sequence, .send_time = static_cast<std::uint64_t>(sent)},
                packet.datagram);
  return packet;
}

struct Trouble {
  std::string name;
  double lost = 0;
  double reordered = 0;   // arrives three places later
  double duplicated = 0;  // arrives twice
};

// One sender's packets as they arrive.
Packets one_sender(const Trouble& trouble) {
  std::mt19937 random(1);  // the same packets every time
  std::uniform_real_distribution<double> chance(0, 1);
  Packets packets;
  packets.reserve(kPackets + kPackets / 50);
  for (std::size_t n = 0; n < kPackets; ++n) {
    if (chance(random) < trouble.lost) continue;
    packets.push_back(make_packet(n, 1, static_cast<Nanoseconds>(n) * kInterval));
    if (chance(random) < trouble.duplicated) packets.push_back(packets.back());
  }
  for (std::size_t i = 0; i + 3 < packets.size(); ++i) {
    if (chance(random) >= trouble.reordered) continue;
    std::swap(packets[i], packets[i + 3]);
    i += 3;
  }
  for (std::size_t i = 0; i < packets.size(); ++i) {
    packets[i].arrival = 10 * kSecond + static_cast<Nanoseconds>(i) * kInterval;
  }
  return packets;
}

Nanoseconds thread_cpu_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

// ns a packet of one pass.
template <typename Work>
double pass(const Packets& packets, Work&& work) {
  const Nanoseconds before = thread_cpu_time();
  for (const Packet& packet : packets) work(packet);
  return static_cast<double>(thread_cpu_time() - before) / static_cast<double>(packets.size());
}

double bare_pass(const Packets& packets) {
  std::uint64_t sum = 0;
  const double result = pass(packets, [&](const Packet& packet) {
    const auto header = decode_probe(packet.datagram);
    if (header) sum += header->sequence;
  });
  // Whoever adds up has to be believed to need the sum.
  asm volatile("" : : "r"(sum));
  return result;
}

double sequence_pass(const Packets& packets) {
  LossRecord record;
  std::optional<SequenceTracker> tracker;
  return pass(packets, [&](const Packet& packet) {
    const auto header = decode_probe(packet.datagram);
    if (!header) return;
    if (!tracker) {
      tracker.emplace(header->sequence, header->send_time,
                      Timeouts{.stall = kStallTimeout, .loss = kLossTimeout});
      return;
    }
    tracker->on_packet(header->sequence, header->send_time, packet.arrival, record);
  });
}

StreamTracker::Arrival arrival_of(const Packet& packet) {
  return {.source = kSource, .time = packet.arrival, .size = 200, .ttl = kTtl, .dscp = 0};
}

double stream_pass(const Packets& packets) {
  const auto events = std::make_unique<EventQueue>();
  StreamTracker tracker(1, {.stall = kStallTimeout, .loss = kLossTimeout}, *events);
  return pass(packets, [&](const Packet& packet) {
    const auto header = decode_probe(packet.datagram);
    if (header) tracker.on_probe(*header, arrival_of(packet));
  });
}

// 1,000 streams in turn, found in the table: every packet finds its stream's
// memory cold, as in the engine.
double table_pass(const Packets& packets, std::size_t streams) {
  const auto events = std::make_unique<EventQueue>();
  StreamTable table;
  std::vector<std::unique_ptr<ReceiveStream>> owned;
  const auto key = [](std::size_t i) {
    return StreamTable::Key{.group = IpAddress::v4(0xEF010000 + static_cast<std::uint32_t>(i)),
                            .ifindex = 2,
                            .port = 19779};
  };
  for (std::size_t i = 0; i < streams; ++i) {
    owned.push_back(
        std::make_unique<ReceiveStream>(static_cast<StreamId>(i), ReceiverSpec{}, *events));
    table.insert(key(i), *owned.back());
  }
  std::size_t next = 0;
  return pass(packets, [&](const Packet& packet) {
    const auto header = decode_probe(packet.datagram);
    ReceiveStream* const stream = table.find(key(next));
    if (header && stream != nullptr) stream->tracker.on_probe(*header, arrival_of(packet));
    next = next + 1 == streams ? 0 : next + 1;
  });
}

Packets many_senders(std::size_t streams) {
  Packets packets;
  packets.reserve(kPackets);
  for (std::size_t i = 0; i < kPackets; ++i) {
    const Nanoseconds time = static_cast<Nanoseconds>(i) * kInterval;
    packets.push_back(make_packet(i / streams, static_cast<std::uint32_t>(i % streams + 1), time));
    packets.back().arrival = 10 * kSecond + time;
  }
  return packets;
}

using Pass = std::function<double(const Packets&)>;

void compare(const std::string& what, std::optional<double> at_most, const Packets& packets,
             const Pass& tracked, int runs, Report& report) {
  Figure figure{.what = what,
                .unit = "ns",
                .values = {},
                .at_most = at_most,
                .against = "bare loop, decode and add",
                .against_values = {}};
  for (int run = 0; run < runs; ++run) {
    std::vector<double> ours;
    std::vector<double> bare;
    for (int i = 0; i < kPassesARun; ++i) {
      bare.push_back(bare_pass(packets));
      ours.push_back(tracked(packets));
    }
    figure.values.push_back(median(ours));
    figure.against_values.push_back(median(bare));
  }
  report.add(std::move(figure));
}

}  // namespace

void measure_tracker(int runs, Report& report) {
  constexpr double kAtMost = 40;
  const std::array kTroubles{
      Trouble{.name = "in order", .lost = 0, .reordered = 0, .duplicated = 0},
      Trouble{.name = "1 % lost", .lost = 0.01, .reordered = 0, .duplicated = 0},
      Trouble{.name = "1 % reordered", .lost = 0, .reordered = 0.01, .duplicated = 0},
      Trouble{.name = "1 % duplicated", .lost = 0, .reordered = 0, .duplicated = 0.01},
      Trouble{.name = "1 % of each", .lost = 0.01, .reordered = 0.01, .duplicated = 0.01},
  };
  for (const Trouble& trouble : kTroubles) {
    const Packets packets = one_sender(trouble);
    compare("sequence tracker, " + trouble.name, kAtMost, packets, sequence_pass, runs, report);
    compare("stream tracker, " + trouble.name, kAtMost, packets, stream_pass, runs, report);
  }
  constexpr std::size_t kStreams = 1'000;
  compare(
      "look-up and stream tracker, 1,000 streams in turn", std::nullopt, many_senders(kStreams),
      [](const Packets& packets) { return table_pass(packets, kStreams); }, runs, report);
}

}  // namespace mcast::bench
