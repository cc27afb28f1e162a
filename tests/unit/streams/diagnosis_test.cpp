#include "streams/diagnosis.h"

#include <gtest/gtest.h>

#include <set>
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
  std::set<std::string> faulty_;
  Diagnosis diagnosis_{{.host = {.host = host_,
                                 .read = []() -> Result<netlink::HostSnapshot> {
                                   return fail("nobody reads this host");
                                 },
                                 .clock = clock_},
                        .silent =
                            [this](const std::set<std::string>& faulty) {
                              faulty_ = faulty;
                              ++looks_;
                              return silent_;
                            },
                        .look_interval = 500 * kMillisecond,
                        .repeat = 10 * kSecond}};
};

TEST(SubjectOf, WantsTheVersionOfItsFamily) {
  ReceiverSnapshot video = receiver("video", 5000);
  video.spec.igmp_version = 3;
  video.spec.mld_version = 1;
  EXPECT_EQ(subject_of(video).version, 3);
  video.spec.group = IpAddress::parse("ff1e::8000:1").value();
  EXPECT_EQ(subject_of(video).version, 1);
  SenderSnapshot tone;
  tone.interface = "eth1";
  EXPECT_TRUE(subject_of(tone).sending->interface_chosen);
  tone.spec.interface = "eth1";
  EXPECT_FALSE(subject_of(tone).sending->interface_chosen);
}

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

TEST_F(DiagnosisOfAnEngine, LooksAtOnceWhenSomethingHasChanged) {
  (void)diagnosis_.advance();
  EXPECT_FALSE(faulty_.contains("lo"));
  diagnosis_.make_due();
  EXPECT_EQ(diagnosis_.next(), 0);
  EXPECT_TRUE(diagnosis_.advance().looked);
  EXPECT_EQ(looks_, 2);
}

// A sender in this host, as its engine has it.
class SendersOfAnEngine : public testing::Test {
 protected:
  netlink::Host host_ = netlink::Host::open().value();
  SetClock clock_;
  std::vector<SenderSnapshot> senders_{1};
  SenderDiagnosis diagnosis_{
      {.host = host_, .clock = clock_, .senders = [this] { return senders_; }}};

  SendersOfAnEngine() {
    clock_.now = 100 * kSecond;
    senders_[0].spec.name = "tone";
    senders_[0].spec.group = IpAddress::v4(0xEF000A65);
    senders_[0].spec.packets_per_second = 100;
    senders_[0].interface = "lo";
  }
  // What is found of it after `pass` more time.
  std::vector<std::string> after(Nanoseconds pass) {
    clock_.now += pass;
    (void)diagnosis_.advance();
    std::vector<std::string> names;
    for (const findings::StreamFindings& stream : diagnosis_.found().results()) {
      for (const findings::Finding& finding : stream.findings) {
        if (finding.verdict == findings::Verdict::kFound)
          names.emplace_back(to_string(finding.check));
      }
    }
    return names;
  }
};

TEST_F(SendersOfAnEngine, AreLookedAtEveryFiveSecondsAndWhenSomethingChanges) {
  EXPECT_TRUE(after(0).empty());
  EXPECT_EQ(diagnosis_.next(), clock_.now + 5 * kSecond);
  diagnosis_.make_due();
  EXPECT_EQ(diagnosis_.next(), 0);
}

TEST_F(SendersOfAnEngine, HaveAFindingWhileTheyDoNotReachTheirRate) {
  EXPECT_TRUE(after(0).empty());
  senders_[0].packets = 500;
  EXPECT_TRUE(after(5 * kSecond).empty());
  senders_[0].packets = 900;
  senders_[0].skipped = 100;
  EXPECT_EQ(after(5 * kSecond), std::vector<std::string>{"rate_not_reached"});
  senders_[0].packets = 1900;
  EXPECT_EQ(after(5 * kSecond), std::vector<std::string>{"rate_not_reached"}) << "ten seconds each";
  EXPECT_TRUE(after(5 * kSecond).empty());
}

TEST_F(SendersOfAnEngine, HaveFailedOnlyAfterAWhile) {
  senders_[0].state = SenderState::kFailed;
  senders_[0].error = "not started yet";
  EXPECT_TRUE(after(0).empty());
  EXPECT_EQ(diagnosis_.next(), clock_.now + kSecond);
  EXPECT_EQ(after(kSecond), std::vector<std::string>{"not_sent"});
  senders_[0].state = SenderState::kSending;
  EXPECT_TRUE(after(5 * kSecond).empty());
}

TEST_F(SendersOfAnEngine, ThatHaveFinishedHaveNoFindings) {
  senders_[0].interface = "no-such-interface";
  EXPECT_EQ(after(0), std::vector<std::string>{"interface_down"});
  senders_[0].state = SenderState::kFinished;
  EXPECT_TRUE(after(5 * kSecond).empty());
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
