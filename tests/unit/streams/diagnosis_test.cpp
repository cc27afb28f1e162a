#include "streams/diagnosis.h"

#include <gtest/gtest.h>

#include <utility>

namespace mcast {
namespace {

class SetClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override { return now; }
  [[nodiscard]] Nanoseconds realtime() const override { return now; }
  Nanoseconds now = 0;
};

ReceiverSnapshot receiver(const std::string& name, std::uint16_t port) {
  ReceiverSnapshot snapshot;
  snapshot.spec.name = name;
  snapshot.spec.group = IpAddress::v4(0xEF000A65);
  snapshot.spec.port = port;
  snapshot.interface = "eth1";
  return snapshot;
}

class DiagnosisOfAnEngine : public testing::Test {
 protected:
  netlink::Host host_ = netlink::Host::open().value();
  SetClock clock_;
  ProbeSnapshot silent_;
  int looks_ = 0;
  Diagnosis diagnosis_{{.host = {.host = host_,
                                 .read = []() -> Result<netlink::HostSnapshot> {
                                   return fail("nobody reads this host");
                                 },
                                 .clock = clock_},
                        .silent =
                            [this] {
                              ++looks_;
                              return silent_;
                            },
                        .look_interval = 500 * kMillisecond,
                        .repeat = 10 * kSecond}};
};

TEST(SubjectOf, IsWhatTheReceiverWasAskedToReceive) {
  ReceiverSnapshot video = receiver("video", 5000);
  video.error = "no such device";
  const findings::Subject subject = subject_of(video);
  EXPECT_EQ(subject.stream, "video");
  EXPECT_EQ(subject.interface, "eth1");
  EXPECT_EQ(subject.port, 5000);
  EXPECT_TRUE(subject.expects_probe_packets);
  EXPECT_EQ(subject.failure, "no such device");
}

TEST_F(DiagnosisOfAnEngine, HasGotWhatWasAcceptedWhatWasRejectedAndWhatWasNotTracked) {
  ReceiverSnapshot video = receiver("video", 5000);
  video.sources.resize(2);
  video.sources[0].counters.packets = 1;
  video.sources[1].counters.packets = 2;
  video.untracked_packets = 4;
  video.rejected = {.foreign = 8, .version = 16, .truncated = 32, .stale = 64, .implausible = 128};
  silent_ = {.receivers = {video},
             .senders = {},
             .sockets = {{.port = 5000, .drops = 3}, {.port = 19779, .drops = 9}}};
  (void)diagnosis_.advance();
  const auto delivery = diagnosis_.delivery(subject_of(video));
  ASSERT_TRUE(delivery);
  EXPECT_EQ(delivery->datagrams, 255U);
  // Those of the port's socket, not of another one.
  EXPECT_EQ(delivery->drops, 3U);
}

TEST_F(DiagnosisOfAnEngine, KnowsNothingOfAReceiverThatReceivesAgain) {
  const ReceiverSnapshot video = receiver("video", 5000);
  const ReceiverSnapshot audio = receiver("audio", 5000);
  silent_.receivers = {video, audio};
  (void)diagnosis_.advance();
  EXPECT_TRUE(diagnosis_.delivery(subject_of(video)));
  silent_.receivers = {audio};
  clock_.now = diagnosis_.next();
  (void)diagnosis_.advance();
  EXPECT_FALSE(diagnosis_.delivery(subject_of(video)));
  EXPECT_TRUE(diagnosis_.delivery(subject_of(audio)));
}

TEST_F(DiagnosisOfAnEngine, LooksForSilentReceiversAtItsPaceAndNotMoreOften) {
  EXPECT_TRUE(diagnosis_.advance().looked);
  EXPECT_EQ(diagnosis_.next(), 500 * kMillisecond);
  clock_.now = 500 * kMillisecond - 1;
  EXPECT_FALSE(diagnosis_.advance().looked);
  EXPECT_EQ(looks_, 1);
  ++clock_.now;
  EXPECT_TRUE(diagnosis_.advance().looked);
  EXPECT_EQ(looks_, 2);
}

TEST_F(DiagnosisOfAnEngine, ExaminesForTwoSecondsAndAfterAHostThatCannotBeReadWaits) {
  silent_.receivers = {receiver("video", 5000)};
  (void)diagnosis_.advance();
  // What starts is silent, too.
  EXPECT_FALSE(diagnosis_.is_examining());
  clock_.now = kSecond;
  (void)diagnosis_.advance();
  EXPECT_TRUE(diagnosis_.is_examining());
  clock_.now = 3 * kSecond - 1;
  EXPECT_FALSE(diagnosis_.advance().error);
  clock_.now = 3 * kSecond;
  const auto ended = diagnosis_.advance();
  EXPECT_FALSE(diagnosis_.is_examining());
  ASSERT_TRUE(ended.error);
  EXPECT_EQ(ended.error->message, "nobody reads this host");
  clock_.now = 13 * kSecond - 1;
  (void)diagnosis_.advance();
  EXPECT_FALSE(diagnosis_.is_examining());
  clock_.now = 13 * kSecond + 500 * kMillisecond;
  (void)diagnosis_.advance();
  EXPECT_TRUE(diagnosis_.is_examining());
}

TEST_F(DiagnosisOfAnEngine, EndsAnExaminationWhenNothingIsSilentAnyMore) {
  silent_.receivers = {receiver("video", 5000)};
  (void)diagnosis_.advance();
  clock_.now = kSecond;
  (void)diagnosis_.advance();
  ASSERT_TRUE(diagnosis_.is_examining());
  silent_.receivers.clear();
  clock_.now = 2 * kSecond;
  (void)diagnosis_.advance();
  EXPECT_FALSE(diagnosis_.is_examining());
  EXPECT_EQ(diagnosis_.fds(), (std::array{-1, -1}));
}

}  // namespace
}  // namespace mcast
