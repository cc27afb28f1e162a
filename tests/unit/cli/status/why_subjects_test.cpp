#include "cli/status/why_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/cli/status/status_fixture.h"

namespace mcast::cli::test {
namespace {

using testing::ElementsAre;

const findings::Subject kVideo{.stream = "",
                               .group = address("239.0.10.101"),
                               .source = std::nullopt,
                               .interface = "",
                               .port = std::nullopt};

RunningStreams of(std::vector<RunningStream> streams) {
  return {.streams = std::move(streams), .unreadable_programs = 0, .garbled_programs = 0};
}

// "SOURCE INTERFACE PORT: HOLDERS"
std::vector<std::string> subjects(const findings::Subject& question,
                                  const RunningStreams& streams) {
  std::vector<std::string> result;
  for (const WhyAnswer& each : why_subjects(question, host().links, streams)) {
    const findings::Subject& subject = each.subject;
    EXPECT_EQ(subject.group, question.group);
    EXPECT_EQ(subject.expects_probe_packets, !each.holders.empty());
    std::string text = subject.wanted_source() ? subject.wanted_source()->to_string() : "*";
    text += " " + (subject.interface.empty() ? "-" : subject.interface) + " ";
    text += subject.port ? std::to_string(*subject.port) : "-";
    for (const std::string& holder : each.holders) text += ": " + holder;
    result.push_back(text);
  }
  return result;
}

TEST(ParseWhy, TakesAGroupOrAGroupAndASource) {
  const findings::Subject group = parse_why("--why", "239.0.10.101").value();
  EXPECT_EQ(group.group, address("239.0.10.101"));
  EXPECT_EQ(group.wanted_source(), std::nullopt);
  EXPECT_EQ(group.interface, "");
  EXPECT_EQ(group.port, std::nullopt);
  const findings::Subject channel = parse_why("--why", "232.5.5.5,10.1.1.1").value();
  EXPECT_EQ(channel.group, address("232.5.5.5"));
  EXPECT_EQ(channel.asked_source, address("10.1.1.1"));
  const findings::Subject on_link = parse_why("--why", "ff32::1%eth1,fe80::1").value();
  EXPECT_EQ(on_link.group, address("ff32::1"));
  EXPECT_EQ(on_link.interface, "eth1");
  EXPECT_EQ(on_link.asked_source, address("fe80::1"));
}

TEST(ParseWhy, RefusesWhatIsNeither) {
  const auto message = [](const char* text) {
    const auto parsed = parse_why("--why", text);
    return parsed ? "accepted" : parsed.error().message;
  };
  EXPECT_EQ(message(""),
            "--why: '' is not a multicast group: 224.0.0.0 to 239.255.255.255, for example "
            "239.1.1.1");
  EXPECT_THAT(message("10.1.1.1"), testing::StartsWith("--why: '10.1.1.1' is not a multicast"));
  EXPECT_EQ(message("232.5.5.5,239.1.1.1"),
            "--why: '239.1.1.1' is not the unicast address of a host, for example 10.1.1.1 or "
            "2001:db8::1");
  EXPECT_THAT(message("232.5.5.5,"), testing::StartsWith("--why: '' is not the unicast"));
  EXPECT_THAT(message("232.5.5.5,10.1.1.1,10.1.1.2"), testing::HasSubstr("is not the unicast"));
  EXPECT_THAT(message("ff15::1%"), testing::HasSubstr("'ff15::1%'"));
  EXPECT_EQ(message("ff35::1,10.1.1.1"),
            "--why: the group ff35::1 and the source 10.1.1.1 are of different families");
}

TEST(WhySubjects, AreTheStreamsThatHoldTheGroup) {
  EXPECT_THAT(subjects(kVideo, streams()), ElementsAre("* eth1 19779: mcast-agent[417] video"));
}

TEST(WhySubjects, AreWhatThePersonNamedWhereNobodyHoldsIt) {
  EXPECT_THAT(subjects(kVideo, {}), ElementsAre("* - -"));
  findings::Subject question = kVideo;
  question.asked_source = address("10.1.1.1");
  question.interface = "eth2";
  question.port = 5000;
  EXPECT_THAT(subjects(question, {}), ElementsAre("10.1.1.1 eth2 5000"));
  // The stream that holds it fits neither interface nor port.
  EXPECT_THAT(subjects(question, streams()), ElementsAre("10.1.1.1 eth2 5000"));
}

TEST(WhySubjects, AreApartBySourceInterfaceAndPortAndTogetherWhereTheyAreTheSame) {
  RunningStream other_port = running("e", 2, "239.0.10.101");
  other_port.join.port = 5000;
  const RunningStreams streams =
      of({running("a", 2, "239.0.10.101"), running("b", 2, "239.0.10.101"),
          running("c", 3, "239.0.10.101"), running("d", 2, "239.0.10.101", "10.1.1.1"), other_port,
          running("f", 2, "239.0.10.102")});
  EXPECT_THAT(
      subjects(kVideo, streams),
      ElementsAre("* eth1 19779: mcast-agent[417] a: mcast-agent[417] b",
                  "* eth2 19779: mcast-agent[417] c", "10.1.1.1 eth1 19779: mcast-agent[417] d",
                  "* eth1 5000: mcast-agent[417] e"));
  findings::Subject question = kVideo;
  question.interface = "eth2";
  EXPECT_THAT(subjects(question, streams), ElementsAre("* eth2 19779: mcast-agent[417] c"));
  question = kVideo;
  question.port = 5000;
  EXPECT_THAT(subjects(question, streams), ElementsAre("* eth1 5000: mcast-agent[417] e"));
}

TEST(WhySubjects, TakeTheSourceThatIsAskedFor) {
  findings::Subject question = kVideo;
  question.asked_source = address("10.1.1.1");
  EXPECT_THAT(subjects(question, of({running("any", 2, "239.0.10.101"),
                                     running("other", 2, "239.0.10.101", "10.1.1.3")})),
              ElementsAre("10.1.1.1 eth1 19779: mcast-agent[417] any"));
  // The join takes any source all the same.
  const auto any = why_subjects(question, host().links, of({running("any", 2, "239.0.10.101")}));
  EXPECT_EQ(any.front().subject.source, std::nullopt);
}

TEST(WhySubjects, KeepControlCharactersOfAProgramToThemselves) {
  RunningStream stream = running("vi\x1b[31mdeo", 9, "239.0.10.101");
  stream.program = "mcast-\n";
  // Interface 9 is gone.
  EXPECT_THAT(subjects(kVideo, of({stream})), ElementsAre("* - 19779: mcast-?[417] vi?[31mdeo"));
}

TEST(WhySubjects, AreAtMostSixtyFour) {
  std::vector<RunningStream> many;
  for (std::uint16_t i = 0; i < 100; ++i) {
    RunningStream& stream = many.emplace_back(running("a", 2, "239.0.10.101"));
    stream.join.port = static_cast<std::uint16_t>(5000 + i);
  }
  EXPECT_EQ(subjects(kVideo, of(many)).size(), 64U);
}

}  // namespace
}  // namespace mcast::cli::test
