// A sender stream without a network: a pair of UNIX datagram sockets stands for
// it, time is what the test says.
#include "probe/send_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "probe/send_batch.h"
#include "probe/sequence_tracker.h"
#include "probe/wire.h"

namespace mcast::test {
namespace {

constexpr std::size_t kMaxPayload = 1472;
constexpr Nanoseconds kBegin = 100 * kSecond;

constexpr SendStream::Realtime kRealtime{.offset = 1'000 * kSecond, .error = 250};

class StoppedClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override { return now; }
  [[nodiscard]] Nanoseconds realtime() const override { return now; }
  Nanoseconds now = kBegin;
};

class SendStreamTest : public ::testing::Test {
 protected:
  SendStreamTest() {
    spec_.packets_per_second = 25;
    spec_.size = 200;
    spec_.ttl = 64;
    spec_.dscp = 46;
  }

  // The sending end; the other one stays here.
  FileDescriptor open_way() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    received_ = FileDescriptor(ends[1]);
    return FileDescriptor(ends[0]);
  }
  std::vector<ProbeHeader> received() {
    std::vector<ProbeHeader> result;
    std::vector<std::uint8_t> buffer(65'536);
    while (true) {
      const auto size = ::recv(received_.get(), buffer.data(), buffer.size(), 0);
      if (size < 0) return result;
      const auto header = decode_probe(std::span(buffer).first(static_cast<std::size_t>(size)));
      if (!header) {
        ADD_FAILURE() << "not a probe packet";
        return result;
      }
      result.push_back(*header);
    }
  }
  // Serves the stream whenever it wants to, until `end`.
  void run_until(SendStream& stream, Nanoseconds end) {
    while (stream.next_due() <= end) {
      clock_.now = std::max(clock_.now, stream.next_due());
      stream.send_due(clock_.now, kRealtime, *batch_);
      for (const ProbeHeader& header : received()) all_.push_back(header);
    }
    clock_.now = end;
  }
  static SenderSnapshot snapshot_of(const SendStream& stream) {
    SenderSnapshot snapshot;
    stream.snapshot(0, snapshot);
    return snapshot;
  }

  StoppedClock clock_;
  std::unique_ptr<SendBatch> batch_ = std::make_unique<SendBatch>();
  FileDescriptor received_;
  std::vector<ProbeHeader> all_;
  SenderSpec spec_;
};

TEST_F(SendStreamTest, IsNeverDueBeforeItIsAttached) {
  const SendStream stream(spec_, 7);
  EXPECT_EQ(stream.next_due(), kNever);
}

TEST_F(SendStreamTest, SendsEveryPacketOnItsScheduleWithItsFields) {
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + 10 * kSecond - 1);
  ASSERT_EQ(all_.size(), 250U);
  for (std::uint64_t n = 0; n < all_.size(); ++n) {
    EXPECT_EQ(all_[n].sequence, n);
    EXPECT_EQ(all_[n].send_time, static_cast<std::uint64_t>(kBegin) + n * 40'000'000);
    EXPECT_EQ(all_[n].sender_id, 7U);
    EXPECT_EQ(all_[n].payload_length, 168);
    EXPECT_EQ(all_[n].ttl, 64);
    EXPECT_EQ(all_[n].dscp, 46);
  }
  const auto snapshot = snapshot_of(stream);
  EXPECT_EQ(snapshot.state, SenderState::kSending);
  EXPECT_EQ(snapshot.packets, 250U);
  EXPECT_EQ(snapshot.bytes, 50'000U);
  EXPECT_EQ(snapshot.schedule_lag.count(), 250U);
  EXPECT_EQ(snapshot.skipped, 0U);
  EXPECT_TRUE(snapshot.errors.empty());
}

TEST_F(SendStreamTest, SendsNothingBeforeItIsDue) {
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  stream.send_due(clock_.now, kRealtime, *batch_);
  clock_.now = kBegin + 40 * kMillisecond - 1;
  stream.send_due(clock_.now, kRealtime, *batch_);
  EXPECT_EQ(received().size(), 1U);
}

TEST_F(SendStreamTest, EndsAfterItsPacketLimit) {
  spec_.packet_limit = 3;
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + 100 * kSecond);
  EXPECT_EQ(all_.size(), 3U);
  EXPECT_EQ(snapshot_of(stream).state, SenderState::kFinished);
  EXPECT_EQ(stream.next_due(), kNever);
}

TEST_F(SendStreamTest, EndsAfterItsDuration) {
  spec_.duration = kSecond;
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + kSecond - 1);
  EXPECT_EQ(snapshot_of(stream).state, SenderState::kSending);
  run_until(stream, kBegin + 100 * kSecond);
  EXPECT_EQ(all_.size(), 25U);
  EXPECT_EQ(snapshot_of(stream).state, SenderState::kFinished);
}

TEST_F(SendStreamTest, SaysHowManyPacketsAreStillToCome) {
  spec_.packet_limit = 4'100;
  spec_.packets_per_second = 1'000;
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + 100 * kSecond);
  ASSERT_EQ(all_.size(), 4'100U);
  for (std::uint64_t n = 0; n < all_.size(); ++n) {
    const std::uint64_t left = 4'099 - n;
    ASSERT_EQ(all_[n].left_plus_one, left <= 4'096 ? left + 1 : 0) << n;
  }
}

TEST_F(SendStreamTest, KnowsItsEndAheadWhereItHasADuration) {
  spec_.duration = kSecond;
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + 100 * kSecond);
  ASSERT_EQ(all_.size(), 25U);
  for (std::uint64_t n = 0; n < 25; ++n) EXPECT_EQ(all_[n].left_plus_one, 25 - n);
}

TEST_F(SendStreamTest, SendsItsLastPacketThoughItIsLate) {
  spec_.duration = kSecond;
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + kSecond / 2);
  clock_.now = kBegin + 5 * kSecond;  // the process was stopped beyond its end
  run_until(stream, clock_.now + kSecond);
  ASSERT_EQ(all_.size(), 14U);
  EXPECT_EQ(all_.back().left_plus_one, 1U);
  EXPECT_EQ(snapshot_of(stream).state, SenderState::kFinished);
}

TEST_F(SendStreamTest, SaysThatItEndsBeforeItsTime) {
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + kSecond - 1);
  EXPECT_EQ(all_.back().left_plus_one, 0U);
  stream.finish(clock_.now, kRealtime, *batch_);
  const auto last = received();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].sequence, 25U);
  EXPECT_EQ(last[0].left_plus_one, 1U);
  EXPECT_EQ(snapshot_of(stream).state, SenderState::kFinished);
  EXPECT_EQ(snapshot_of(stream).packets, 26U);
  stream.finish(clock_.now, kRealtime, *batch_);
  EXPECT_TRUE(received().empty());
}

TEST_F(SendStreamTest, SaysNothingOfItsEndInPacketsThatAreTooSmall) {
  spec_.size = 55;
  spec_.duration = kSecond;
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + kSecond / 2);
  for (const ProbeHeader& header : all_) EXPECT_EQ(header.left_plus_one, 0U);
  stream.finish(clock_.now, kRealtime, *batch_);
  EXPECT_TRUE(received().empty());
}

TEST_F(SendStreamTest, FollowsAPauseWithoutABurstAndWithoutAGapInItsNumbers) {
  spec_.packets_per_second = 1000;
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + 10 * kMillisecond);
  all_.clear();
  clock_.now = kBegin + 5 * kSecond;  // nobody served it meanwhile
  stream.send_due(clock_.now, kRealtime, *batch_);
  const auto after = received();
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].sequence, 11U);
  EXPECT_EQ(snapshot_of(stream).skipped, 5000U - 11U);
  EXPECT_EQ(stream.next_due(), kBegin + 5 * kSecond + kMillisecond);
}

TEST_F(SendStreamTest, MakesAShortLatenessGoodWithAllItsPackets) {
  spec_.packets_per_second = 1000;
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  clock_.now = kBegin + 4 * kMillisecond;
  stream.send_due(clock_.now, kRealtime, *batch_);
  EXPECT_EQ(received().size(), 5U);
  EXPECT_EQ(snapshot_of(stream).skipped, 0U);
}

TEST_F(SendStreamTest, KnowsSinceWhenItIsAsItIs) {
  spec_.packet_limit = 50;
  SendStream stream(spec_, 7);
  EXPECT_EQ(snapshot_of(stream).state_since_realtime, 0);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + kSecond - 1);
  EXPECT_EQ(snapshot_of(stream).state_since_realtime, kBegin);
  stream.detach(clock_.now);
  const Nanoseconds lost_its_way = clock_.now;
  run_until(stream, kBegin + kSecond + kSecond / 2);
  EXPECT_EQ(snapshot_of(stream).state_since_realtime, lost_its_way);
  stream.attach(open_way(), kMaxPayload, clock_.now);
  EXPECT_EQ(snapshot_of(stream).state_since_realtime, clock_.now);
  run_until(stream, kBegin + 10 * kSecond);
  EXPECT_EQ(snapshot_of(stream).state, SenderState::kFinished);
  EXPECT_EQ(snapshot_of(stream).state_since_realtime, kBegin + 49 * kSecond / 25);
}

TEST_F(SendStreamTest, UsesUpNumbersWhileItsInterfaceIsGoneSoThatReceiversSeeTheLoss) {
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + kSecond - 1);  // 0 to 24
  stream.detach(clock_.now);
  run_until(stream, kBegin + 2 * kSecond - 1);  // 25 to 49
  EXPECT_EQ(all_.size(), 25U);
  EXPECT_EQ(snapshot_of(stream).state, SenderState::kFailed);
  EXPECT_EQ(snapshot_of(stream).errors.at("ENODEV"), 25U);
  stream.attach(open_way(), kMaxPayload, clock_.now);
  run_until(stream, kBegin + 3 * kSecond - 1);
  ASSERT_EQ(all_.size(), 50U);
  EXPECT_EQ(all_[25].sequence, 50U);
  EXPECT_EQ(all_[25].sender_id, 7U);
  EXPECT_EQ(snapshot_of(stream).state, SenderState::kSending);
  EXPECT_EQ(snapshot_of(stream).packets, 50U);
}

TEST_F(SendStreamTest, CountsWhatTheSystemRefusesByTheNameOfItsError) {
  SendStream stream(spec_, 7);
  // Not connected to anywhere.
  stream.attach(FileDescriptor(::socket(AF_INET, SOCK_DGRAM, 0)), kMaxPayload, kBegin);
  for (clock_.now = kBegin; clock_.now < kBegin + kSecond; clock_.now = stream.next_due()) {
    stream.send_due(clock_.now, kRealtime, *batch_);
  }
  const auto snapshot = snapshot_of(stream);
  EXPECT_EQ(snapshot.state, SenderState::kFailed);
  EXPECT_NE(snapshot.error, "");
  EXPECT_EQ(snapshot.packets, 0U);
  ASSERT_EQ(snapshot.errors.size(), 1U);
  EXPECT_EQ(snapshot.errors.begin()->first, errno_name(EDESTADDRREQ));
  EXPECT_EQ(snapshot.errors.begin()->second, 25U);
}

TEST_F(SendStreamTest, TakesAFullQueueAsAnErrorOfTheMoment) {
  spec_.packets_per_second = 1000;
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  while (snapshot_of(stream).errors.empty() && clock_.now < kBegin + 100 * kSecond) {
    stream.send_due(clock_.now, kRealtime, *batch_);
    clock_.now = stream.next_due();
  }
  const auto snapshot = snapshot_of(stream);
  ASSERT_EQ(snapshot.errors.count("EAGAIN"), 1U);
  EXPECT_EQ(snapshot.state, SenderState::kSending);
}

TEST_F(SendStreamTest, SendsAFastStreamInFullThoughItsPacketsComeInBatches) {
  spec_.packets_per_second = 30'000;  // below what UDP_SEGMENT is used for
  spec_.size = 32;
  SendStream stream(spec_, 7);
  stream.attach(open_way(), kMaxPayload, kBegin);
  run_until(stream, kBegin + kSecond / 10);
  // The newest ones may wait for the next step of 50 us.
  ASSERT_GE(all_.size(), 2998U);
  for (std::uint64_t n = 0; n < all_.size(); ++n) ASSERT_EQ(all_[n].sequence, n);
}

}  // namespace
}  // namespace mcast::test
