// Whatever the snapshots say and however small the terminal is, a picture fits it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "cli/streams/stream_view.h"
#include "cli/terminal/layout.h"
#include "tests/terminal/example_snapshots.h"

namespace mcast::cli::test {
namespace {

using namespace mcast::test;

class RandomSnapshots {
 public:
  explicit RandomSnapshots(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t below(std::uint64_t end) { return engine_() % end; }
  // Small, huge, and everything between.
  std::uint64_t count() { return below(8) == 0 ? kMax : engine_() >> below(64); }
  // Two years, so that sums stay in range, and a moment of the last decades.
  Nanoseconds duration() { return static_cast<Nanoseconds>(engine_() >> (8 + below(56))) - 1; }
  Nanoseconds time() { return static_cast<Nanoseconds>(engine_() >> (3 + below(61))) - 1; }
  int small() { return static_cast<int>(below(300)) - 20; }

  std::string text() {
    constexpr std::array<std::string_view, 8> kPieces{"eth1", "東京",  "e\u0301", "\x1b[2J",
                                                      "\xff", "word ", "\u202E",  "…"};
    std::string text;
    for (std::uint64_t i = below(40); i > 0; --i) text += kPieces[below(kPieces.size())];
    return text;
  }
  IpAddress address() {
    if (below(2) == 0) return IpAddress::v4(static_cast<std::uint32_t>(engine_()));
    std::array<std::uint8_t, 16> bytes{};
    std::ranges::generate(bytes, [this] { return static_cast<std::uint8_t>(engine_()); });
    return IpAddress::v6(bytes);
  }

  SourceSnapshot source() {
    SourceSnapshot source;
    source.source = address();
    auto& counters = source.counters;
    for (std::uint64_t* number :
         {&counters.packets, &counters.bytes, &counters.lost, &counters.late, &counters.duplicates,
          &counters.reordered, &counters.remarked, &source.restarts}) {
      *number = count();
    }
    source.longest_interruption = duration();
    for (std::uint64_t i = below(20); i > 0; --i)
      (below(2) == 0 ? source.gaps : source.longest_gaps).push_back({time(), duration(), count()});
    source.overdue = count();
    source.silence = duration();
    source.sender_id = static_cast<std::uint32_t>(engine_());
    source.ttl = small();
    source.sent_ttl = small();
    source.dscp = small();
    source.sent_dscp = small();
    source.jitter = duration();
    source.last_packet_realtime = time();
    return source;
  }
  ReceiverSnapshot receiver() {
    ReceiverSnapshot receiver;
    receiver.spec.name = text();
    receiver.spec.group = address();
    if (below(2) == 0) receiver.spec.source = address();
    receiver.interface = text();
    receiver.state = kReceiverStates[below(kReceiverStates.size())];
    receiver.error = text();
    receiver.stalls = count();
    receiver.stalled_time = duration();
    receiver.join_delay = duration();
    receiver.last_packet_realtime = time();
    receiver.rejected = {count(), count(), count(), count(), count()};
    receiver.untracked_packets = count();
    receiver.active_senders = count();
    receiver.senders_seen = count();
    for (std::uint64_t i = below(5); i > 0; --i) receiver.sources.push_back(source());
    return receiver;
  }
  SenderSnapshot sender() {
    SenderSnapshot sender;
    sender.spec.name = text();
    sender.spec.group = address();
    sender.spec.packets_per_second = static_cast<double>(count());
    sender.spec.size = count();
    sender.spec.dscp = static_cast<std::uint8_t>(below(256));
    sender.spec.packet_limit = count();
    sender.interface = text();
    sender.state = static_cast<SenderState>(below(3));
    sender.error = text();
    sender.packets = count();
    sender.bytes = count();
    for (std::uint64_t i = below(5); i > 0; --i) sender.errors[text()] = count();
    sender.skipped = count();
    return sender;
  }
  FindingsReport findings() {
    FindingsReport report;
    report.looking = below(2) == 0;
    if (below(2) == 0) report.nothing_wrong = {.fine = count(), .unknown = count()};
    for (std::uint64_t i = below(3); i > 0; --i) {
      report.found.push_back({.group = address(),
                              .finding = {.check = findings::Check::kNotJoined,
                                          .verdict = findings::Verdict::kFound,
                                          .seen = text(),
                                          .meaning = text(),
                                          .remedy = text()}});
    }
    return report;
  }
  ViewControls controls() {
    constexpr std::array<const char*, 5> kColumns{"", "Group", "Loss", "Sender", "nothing"};
    return {.list = {.first = count() >> below(64),
                     .sort = kColumns[below(kColumns.size())],
                     .is_reversed = below(2) == 0},
            .is_paused = below(4) == 0,
            .shows_help = below(8) == 0,
            .reset_realtime = time()};
  }
  std::vector<RateHistory::Rates> rates() {
    std::vector<RateHistory::Rates> rates(below(130));
    for (auto& each : rates) each.packets_per_second = static_cast<double>(count());
    return rates;
  }
  std::vector<std::string> warnings() {
    std::vector<std::string> warnings(below(4));
    std::ranges::generate(warnings, [this] { return text(); });
    return warnings;
  }

 private:
  static constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  std::mt19937_64 engine_;
};

void expect_fits(const Screen& screen, const ScreenSize& size) {
  ASSERT_LE(screen.lines.size(), static_cast<std::size_t>(size.rows));
  for (const Line& line : screen.lines) {
    ASSERT_LE(line_width(line), size.columns) << plain_text(screen);
    for (const Span& span : line) {
      ASSERT_EQ(drawable(span.text, size.unicode), span.text) << "not safe to draw";
    }
  }
  ASSERT_FALSE(screen.lines.empty());
}

const std::vector<ScreenSize>& sizes() {
  static const std::vector<ScreenSize> kSizes = [] {
    std::vector<ScreenSize> all;
    for (const int columns : {1, 2, 5, 13, 14, 20, 39, 69, 70, 80, 132, 300}) {
      for (const int rows : {1, 2, 3, 8, 23, 24, 40, 100}) {
        for (const bool unicode : {true, false}) all.push_back({columns, rows, unicode});
      }
    }
    return all;
  }();
  return kSizes;
}

RateHistory random_history(RandomSnapshots& random) {
  RateHistory history;
  RateHistory::Totals totals;
  const auto samples = static_cast<Nanoseconds>(random.below(400));
  for (Nanoseconds i = 0; i < samples; ++i) {
    totals.packets += random.below(1000);
    totals.bytes += random.count() >> 10U;
    totals.lost += random.below(3);
    history.add(i * kSecond, totals);
  }
  return history;
}

TEST(ViewProperty, PicturesOfReceiversFitAnySize) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomSnapshots random(seed);
    ReceiveViewInput input;
    const std::uint64_t receivers = random.below(3) == 0 ? 1 + random.below(120) : 1;
    for (std::uint64_t i = 0; i < receivers; ++i) input.receivers.push_back(random.receiver());
    for (std::uint64_t i = random.below(3); i > 0; --i) {
      input.sockets.push_back({.drops = random.count()});
    }
    const RateHistory history = random_history(random);
    if (random.below(4) > 0) input.history = &history;
    input.interface_address = random.text();
    if (random.below(2) == 0) input.version_requested = random.small();
    if (random.below(2) == 0) input.version_in_operation = random.small();
    input.elapsed = random.duration();
    input.duration = random.duration();
    input.now = random.time();
    input.warnings = random.warnings();
    input.controls = random.controls();
    input.rates = random.rates();
    input.findings = random.findings();
    for (const ScreenSize& size : sizes()) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << size.columns << "x" << size.rows
                                      << (size.unicode ? "" : " ASCII"));
      expect_fits(receive_view(input, size), size);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(ViewProperty, PicturesOfSendersFitAnySize) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomSnapshots random(seed);
    SendViewInput input;
    const std::uint64_t senders = random.below(3) == 0 ? 1 + random.below(120) : 1;
    for (std::uint64_t i = 0; i < senders; ++i) input.senders.push_back(random.sender());
    const RateHistory history = random_history(random);
    if (random.below(4) > 0) input.history = &history;
    input.local_address = random.text();
    input.elapsed = random.duration();
    input.duration = random.duration();
    input.warnings = random.warnings();
    input.controls = random.controls();
    input.rates = random.rates();
    for (const ScreenSize& size : sizes()) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << size.columns << "x" << size.rows
                                      << (size.unicode ? "" : " ASCII"));
      expect_fits(send_view(input, size), size);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace mcast::cli::test
