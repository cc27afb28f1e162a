// Why nothing arrives, as mcast-receive shows it: chosen from what was found, in whole
// pictures (pictures/why-*.txt), and as a line.
#include "cli/streams/findings_report.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "cli/streams/stream_view.h"
#include "tests/terminal/example_snapshots.h"
#include "tests/unit/cli/expected_picture.h"

namespace mcast::cli::test {
namespace {

using namespace mcast::test;
using findings::Check;
using findings::Finding;
using findings::Verdict;

constexpr ScreenSize k80x24{.columns = 80, .rows = 24, .unicode = true};
constexpr Nanoseconds kLongAgo = 0;
constexpr Nanoseconds kNow = 5 * kSecond;

Finding reverse_path() {
  return {.check = Check::kReversePathFilter,
          .verdict = Verdict::kFound,
          .seen =
              "packets of 10.9.0.1 come in on eth1, the route to 10.9.0.1 leaves by eth2, and "
              "rp_filter of eth1 is 1 (strict); it dropped 101 packets in 2.0 s",
          .meaning = "the kernel drops packets that arrive on another interface",
          .remedy = "sysctl -w net.ipv4.conf.eth1.rp_filter=2"};
}
Finding other_port() {
  return {.check = Check::kUnexpectedTraffic,
          .verdict = Verdict::kFound,
          .seen = "10.9.0.1 sends to UDP port 5000, the receiver listens on 19779",
          .meaning = "nobody listens on that port",
          .remedy = "mcast-receive 239.0.10.101 --port 5000"};
}
Finding with_verdict(Check check, Verdict verdict) {
  return {.check = check, .verdict = verdict, .seen = "seen", .meaning = {}, .remedy = {}};
}
std::vector<Finding> nothing_found() {
  return {with_verdict(Check::kInterfaceDown, Verdict::kFine),
          with_verdict(Check::kNotJoined, Verdict::kFine),
          with_verdict(Check::kNoTraffic, Verdict::kUnknown)};
}

ReceiverSnapshot waiting() {
  return example_waiting_receiver();
}
ReceiverSnapshot waiting(std::uint32_t index) {
  ReceiverSnapshot receiver = waiting();
  receiver.spec.group = example_address("239.0.10.1").plus(index);
  receiver.spec.name = receiver.spec.group.to_string();
  return receiver;
}
ReceiverSnapshot in_state(ReceiverSnapshot receiver, ReceiverState state) {
  receiver.state = state;
  return receiver;
}

// What was found of receivers that have been silent for long.
using Answer = std::pair<ReceiverSnapshot, std::vector<Finding>>;
findings::Schedule examined(const std::vector<Answer>& answers) {
  std::vector<findings::Subject> subjects;
  std::vector<findings::StreamFindings> judged;
  for (const auto& [receiver, found] : answers) {
    findings::Subject subject;
    subject.stream = receiver.spec.name;
    subject.group = receiver.spec.group;
    subjects.push_back(subject);
    judged.push_back({.subject = subject, .examined = kExampleNow, .findings = found});
  }
  findings::Schedule schedule;
  schedule.set_silent(subjects, kLongAgo);
  (void)schedule.take(judged, kNow);
  return schedule;
}

Screen view(std::vector<ReceiverSnapshot> receivers, FindingsReport report,
            const ScreenSize& size) {
  const RateHistory history;
  ReceiveViewInput input = example_input(std::move(receivers));
  input.history = &history;
  input.findings = std::move(report);
  return receive_view(input, size);
}

TEST(FindingsReport, OfAStreamThatWaitsSaysWhatIsWrongAndWhatToTry) {
  const auto schedule = examined({{waiting(), {reverse_path()}}});
  const auto report = findings_report({waiting()}, schedule, false);
  EXPECT_TRUE(is_picture(view({waiting()}, report, k80x24), "why-found"));
}

TEST(FindingsReport, KeepsCountersAndSenderWithTwoFindingsOn80x24) {
  const auto schedule = examined({{waiting(), {reverse_path(), other_port()}}});
  const auto report = findings_report({waiting()}, schedule, false);
  EXPECT_TRUE(is_picture(view({waiting()}, report, k80x24), "why-two"));
}

TEST(FindingsReport, SaysThatItLooksUntilSomethingIsKnown) {
  const findings::Schedule schedule;
  const auto report = findings_report({waiting()}, schedule, true);
  EXPECT_TRUE(is_picture(view({waiting()}, report, k80x24), "why-looking"));
  // Looking again is no news.
  const auto again = findings_report({waiting()}, examined({{waiting(), {other_port()}}}), true);
  EXPECT_FALSE(again.looking);
  EXPECT_EQ(again.found.size(), 1U);
}

TEST(FindingsReport, CountsTheChecksWhereNothingIsWrong) {
  const auto schedule = examined({{waiting(), nothing_found()}});
  const auto report = findings_report({waiting()}, schedule, false);
  EXPECT_TRUE(is_picture(view({waiting()}, report, k80x24), "why-nothing"));
}

TEST(FindingsReport, FitsANarrowTerminal) {
  const auto schedule = examined({{waiting(), {reverse_path()}}});
  const auto report = findings_report({waiting()}, schedule, false);
  EXPECT_TRUE(is_picture(view({waiting()}, report, {.columns = 40, .rows = 16}), "why-narrow"));
}

TEST(FindingsReport, OfManyGroupsNamesTheFirstSilentOnes) {
  std::vector<ReceiverSnapshot> receivers{in_state(waiting(0), ReceiverState::kReceiving),
                                          in_state(waiting(1), ReceiverState::kStalled), waiting(2),
                                          waiting(3)};
  const auto schedule = examined({{waiting(1), {reverse_path()}},
                                  {waiting(2), {reverse_path()}},
                                  {waiting(3), {other_port(), reverse_path()}}});
  const auto report = findings_report(receivers, schedule, false);
  ASSERT_EQ(report.found.size(), 2U);
  EXPECT_EQ(report.found[0].group, example_address("239.0.10.2"));
  // The same check of the next group would say the same once more.
  EXPECT_EQ(report.found[1].group, example_address("239.0.10.4"));
  EXPECT_EQ(report.found[1].finding.check, Check::kUnexpectedTraffic);
  EXPECT_TRUE(is_picture(view(std::move(receivers), report, k80x24), "why-groups"));
}

TEST(FindingsReport, IsEmptyOfStreamsThatReceiveOrFailed) {
  const auto schedule = examined({{waiting(), {reverse_path()}}});
  for (const ReceiverState state : {ReceiverState::kReceiving, ReceiverState::kFailed}) {
    const auto report = findings_report({in_state(waiting(), state)}, schedule, true);
    EXPECT_TRUE(report.found.empty());
    EXPECT_FALSE(report.looking);
    EXPECT_FALSE(report.nothing_wrong);
    EXPECT_EQ(findings_block(report, false, k80x24).least, 0U);
  }
  // An interface that is down needs no silence to be known.
  const auto down = examined({{waiting(), {with_verdict(Check::kInterfaceDown, Verdict::kFound)}}});
  EXPECT_EQ(
      findings_report({in_state(waiting(), ReceiverState::kReceiving)}, down, false).found.size(),
      1U);
  const auto stalled =
      findings_report({in_state(waiting(), ReceiverState::kStalled)}, schedule, false);
  EXPECT_EQ(stalled.found.size(), 1U);
}

TEST(FindingsReport, IsEmptyBeforeAnExaminationBegins) {
  const auto report = findings_report({waiting()}, findings::Schedule(), false);
  EXPECT_EQ(findings_block(report, false, k80x24).least, 0U);
}

TEST(FindingsReport, DrawsNoControlCharacters) {
  Finding hostile = other_port();
  hostile.seen = "eth\x1b[2J1 is down";
  hostile.remedy = "ip link set eth\x1b[2J1 up";
  const auto report = findings_report({waiting()}, examined({{waiting(), {hostile}}}), false);
  EXPECT_EQ(plain_text(view({waiting()}, report, k80x24)).find('\x1b'), std::string::npos);
  EXPECT_EQ(finding_line({}, hostile, false).find('\x1b'), std::string::npos);
}

TEST(FindingLine, HasWhatWasSeenAndWhatToTry) {
  findings::Subject subject;
  subject.group = example_address("239.0.10.101");
  EXPECT_EQ(finding_line(subject, other_port(), false),
            "why nothing arrives: 10.9.0.1 sends to UDP port 5000, the receiver listens on 19779; "
            "try: mcast-receive 239.0.10.101 --port 5000");
  EXPECT_EQ(finding_line(subject, other_port(), true).substr(0, 34),
            "239.0.10.101: why nothing arrives:");
  // Something arrives.
  Finding foreign = other_port();
  foreign.seen = "191 packets from 10.77.0.1 arrived in 2 s, but they are not mcast-send probes";
  EXPECT_EQ(finding_line(subject, foreign, false).substr(0, 26), "191 packets from 10.77.0.1");
  subject.sending = findings::Sending{};
  EXPECT_EQ(finding_line(subject, other_port(), false).substr(0, 14), "10.9.0.1 sends");
}

}  // namespace
}  // namespace mcast::cli::test
