#include "findings/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mcast::findings {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Nanoseconds kStart = 100 * kSecond;
constexpr Nanoseconds kToday = 1'700'000'000 * kSecond;

Subject subject(const std::string& stream, unsigned group = 1) {
  return {.stream = stream,
          .group = IpAddress::v4(0xEF000000U + group),
          .source = std::nullopt,
          .interface = "eth1",
          .port = 19779,
          .expects_probe_packets = true};
}

Finding finding(Check check, Verdict verdict = Verdict::kFound) {
  return {.check = check, .verdict = verdict, .seen = "seen", .meaning = "", .remedy = ""};
}

std::vector<std::string> streams(const std::vector<Subject>& subjects) {
  std::vector<std::string> names;
  names.reserve(subjects.size());
  for (const Subject& each : subjects) names.push_back(each.stream);
  return names;
}

std::vector<Check> checks(const std::vector<Schedule::New>& news) {
  std::vector<Check> result;
  result.reserve(news.size());
  for (const Schedule::New& each : news) result.push_back(each.finding.check);
  return result;
}

TEST(Schedule, ExaminesAStreamThatIsSilentForASecondAndNotBefore) {
  Schedule schedule;
  schedule.set_silent({subject("video")}, kStart);
  EXPECT_THAT(schedule.due(kStart + kSecond - 1), IsEmpty());
  EXPECT_THAT(streams(schedule.due(kStart + kSecond)), ElementsAre("video"));
  // Silence goes on: the second is not counted anew.
  schedule.set_silent({subject("video")}, kStart + kSecond / 2);
  EXPECT_THAT(streams(schedule.due(kStart + kSecond)), ElementsAre("video"));
}

TEST(Schedule, CountsTheSecondAnewWhenAStreamReceivedMeanwhileOrChanged) {
  Schedule schedule;
  schedule.set_silent({subject("video")}, kStart);
  schedule.set_silent({}, kStart + 1);
  schedule.set_silent({subject("video")}, kStart + kSecond - 1);
  EXPECT_THAT(schedule.due(kStart + kSecond), IsEmpty());
  // The same name with another group.
  schedule.set_silent({subject("video", 2)}, kStart + 2 * kSecond);
  EXPECT_THAT(schedule.due(kStart + 3 * kSecond - 1), IsEmpty());
  EXPECT_THAT(schedule.due(kStart + 3 * kSecond), ElementsAre(subject("video", 2)));
}

TEST(Schedule, RepeatsAnExaminationAfterFifteenSeconds) {
  Schedule schedule;
  schedule.set_silent({subject("video")}, kStart);
  const Nanoseconds examined = kStart + 3 * kSecond;
  (void)schedule.take({{subject("video"), kToday, {finding(Check::kNoTraffic)}}}, examined);
  EXPECT_THAT(schedule.due(examined + 15 * kSecond - 1), IsEmpty());
  EXPECT_THAT(streams(schedule.due(examined + 15 * kSecond)), ElementsAre("video"));
}

TEST(Schedule, LetsMoreGroupsThanOneExaminationTakesHaveTheirTurns) {
  constexpr std::size_t kGroups = 2 * Examination::kMaxGroups + 10;
  Schedule schedule;
  std::vector<Subject> silent;
  silent.reserve(kGroups);
  for (unsigned i = 0; i < kGroups; ++i) silent.push_back(subject(std::to_string(i), i + 1));
  schedule.set_silent(silent, kStart);
  std::set<std::string> examined;
  // So slow that those of the first turn are due again by the second.
  for (Nanoseconds now = kStart + kSecond; examined.size() < kGroups;
       now += Schedule::kRepeat + kSecond) {
    const std::size_t left = kGroups - examined.size();
    const auto due = schedule.due(now);
    EXPECT_EQ(due.size(), Examination::kMaxGroups);
    std::vector<StreamFindings> judged;
    std::size_t first_timers = 0;
    for (const Subject& each : due) {
      if (examined.insert(each.stream).second) ++first_timers;
      judged.push_back({each, kToday, {finding(Check::kNoTraffic)}});
    }
    ASSERT_EQ(first_timers, std::min(left, Examination::kMaxGroups));
    (void)schedule.take(judged, now);
  }
}

TEST(Schedule, ExaminesStreamsOfOneGroupTogether) {
  Schedule schedule;
  std::vector<Subject> silent;
  silent.reserve(2 * Examination::kMaxGroups);
  for (unsigned i = 0; i < 2 * Examination::kMaxGroups; ++i) {
    silent.push_back(subject(std::to_string(i)));
  }
  schedule.set_silent(silent, kStart);
  EXPECT_EQ(schedule.due(kStart + kSecond).size(), silent.size());
}

TEST(Schedule, TellsOnlyWhatWasNotFoundTheLastTime) {
  Schedule schedule;
  schedule.set_silent({subject("video")}, kStart);
  const auto take = [&](std::vector<Finding> findings) {
    return checks(schedule.take({{subject("video"), kToday, std::move(findings)}}, kStart));
  };
  EXPECT_THAT(take({finding(Check::kNoTraffic), finding(Check::kNotJoined, Verdict::kFine),
                    finding(Check::kNoQuerier, Verdict::kUnknown)}),
              ElementsAre(Check::kNoTraffic));
  EXPECT_THAT(take({finding(Check::kNoTraffic)}), IsEmpty());
  EXPECT_THAT(take({finding(Check::kNoTraffic), finding(Check::kNoQuerier)}),
              ElementsAre(Check::kNoQuerier));
  // Gone and back: that is news again.
  EXPECT_THAT(take({finding(Check::kNoTraffic, Verdict::kFine)}), IsEmpty());
  EXPECT_THAT(take({finding(Check::kNoTraffic)}), ElementsAre(Check::kNoTraffic));
}

TEST(Schedule, ForgetsAStreamThatRecovered) {
  Schedule schedule;
  const std::vector both{subject("audio"), subject("video")};
  schedule.set_silent(both, kStart);
  const auto take = [&] {
    std::vector<StreamFindings> judged;
    judged.reserve(both.size());
    for (const Subject& each : both) judged.push_back({each, kToday, {finding(Check::kNoTraffic)}});
    return schedule.take(judged, kStart);
  };
  EXPECT_EQ(take().size(), 2U);
  EXPECT_EQ(schedule.results().size(), 2U);
  schedule.set_silent({subject("audio")}, kStart + kSecond);
  ASSERT_EQ(schedule.results().size(), 1U);
  EXPECT_EQ(schedule.results()[0].subject, subject("audio"));
  // What an examination that ran meanwhile says of it is not kept either.
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_EQ(schedule.results().size(), 1U);
  // Silent once more, it is told of once more.
  schedule.set_silent(both, kStart + 2 * kSecond);
  const auto news = take();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].subject, subject("video"));
}

TEST(Schedule, DoesNotKeepWhatWasFoundOfAnotherSubjectOfThatName) {
  Schedule schedule;
  schedule.set_silent({subject("video", 2)}, kStart);
  EXPECT_THAT(schedule.take({{subject("video", 1), kToday, {finding(Check::kNoTraffic)}}}, kStart),
              IsEmpty());
  EXPECT_THAT(schedule.results(), IsEmpty());
}

TEST(Schedule, HasResultsOfExaminedStreamsAloneWithTheirTime) {
  Schedule schedule;
  schedule.set_silent({subject("video"), subject("audio")}, kStart);
  EXPECT_THAT(schedule.results(), IsEmpty());
  const std::vector found{finding(Check::kNoTraffic), finding(Check::kNotJoined, Verdict::kFine)};
  (void)schedule.take({{subject("video"), kToday, found}}, kStart);
  const auto results = schedule.results();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].subject, subject("video"));
  EXPECT_EQ(results[0].examined, kToday);
  EXPECT_EQ(results[0].findings, found);
}

}  // namespace
}  // namespace mcast::findings
