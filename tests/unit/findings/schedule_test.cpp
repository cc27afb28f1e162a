#include "findings/schedule.h"

#include <gtest/gtest.h>

namespace mcast::findings {
namespace {

Subject subject(const std::string& stream, std::uint32_t index = 0) {
  Subject subject;
  subject.stream = stream;
  subject.group = IpAddress::v4(0xEF000001 + index);
  return subject;
}

Examination::Judged judged(const Subject& about, Verdict verdict) {
  return {.subject = about,
          .findings = {{.check = Check::kNoTraffic,
                        .verdict = verdict,
                        .seen = "seen",
                        .meaning = {},
                        .remedy = {}}}};
}

TEST(Schedule, ExaminesAStreamAfterASecondOfSilenceAndNotBefore) {
  Schedule schedule;
  schedule.set_silent({subject("video")}, 0);
  EXPECT_TRUE(schedule.due(kSecond - 1).empty());
  EXPECT_EQ(schedule.due(kSecond).size(), 1U);
}

TEST(Schedule, ExaminesAgainAfterTheTimeThatItsOwnerSays) {
  Schedule schedule(10 * kSecond);
  schedule.set_silent({subject("video")}, 0);
  (void)schedule.take({judged(subject("video"), Verdict::kFine)}, 3 * kSecond, 0);
  EXPECT_TRUE(schedule.due(13 * kSecond - 1).empty());
  EXPECT_EQ(schedule.due(13 * kSecond).size(), 1U);
}

TEST(Schedule, TellsAFindingOnceWhileItLasts) {
  Schedule schedule;
  const Subject video = subject("video");
  schedule.set_silent({video}, 0);
  EXPECT_EQ(schedule.take({judged(video, Verdict::kFound)}, kSecond, 0).size(), 1U);
  EXPECT_TRUE(schedule.take({judged(video, Verdict::kFound)}, kSecond, 0).empty());
  EXPECT_TRUE(schedule.take({judged(video, Verdict::kFine)}, kSecond, 0).empty());
  EXPECT_EQ(schedule.take({judged(video, Verdict::kFound)}, kSecond, 0).size(), 1U);
}

TEST(Schedule, ForgetsAStreamThatIsNotSilentAnyMore) {
  Schedule schedule;
  const Subject video = subject("video");
  schedule.set_silent({video}, 0);
  EXPECT_EQ(schedule.result_of("video"), nullptr);
  (void)schedule.take({judged(video, Verdict::kFound)}, kSecond, 0);
  ASSERT_NE(schedule.result_of("video"), nullptr);
  EXPECT_EQ(schedule.result_of("video")->findings.size(), 1U);
  EXPECT_EQ(schedule.result_of("audio"), nullptr);
  schedule.set_silent({}, 2 * kSecond);
  EXPECT_EQ(schedule.result_of("video"), nullptr);
  // What an examination says of it afterwards is of no use.
  EXPECT_TRUE(schedule.take({judged(video, Verdict::kFound)}, 3 * kSecond, 0).empty());
  // Silent again, it has its second again.
  schedule.set_silent({video}, 4 * kSecond);
  EXPECT_TRUE(schedule.due(5 * kSecond - 1).empty());
}

TEST(Schedule, TakesAsManyGroupsAtATimeAsOneExaminationWatchesTheOthersNext) {
  constexpr std::size_t kGroups = Examination::kMostGroups + 3;
  Schedule schedule;
  std::vector<Subject> subjects;
  for (std::uint32_t i = 0; i < kGroups; ++i) {
    subjects.push_back(subject("stream " + std::to_string(i), i));
  }
  schedule.set_silent(subjects, 0);
  const auto first = schedule.due(kSecond);
  EXPECT_EQ(first.size(), Examination::kMostGroups);
  std::vector<Examination::Judged> outcome;
  for (const Subject& each : first) outcome.push_back(judged(each, Verdict::kFine));
  (void)schedule.take(outcome, 3 * kSecond, 0);
  EXPECT_EQ(schedule.due(3 * kSecond).size(), 3U);
}

}  // namespace
}  // namespace mcast::findings
