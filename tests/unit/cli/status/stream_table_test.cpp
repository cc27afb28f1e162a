// The tables of mcast-status --agent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "cli/status/status_report.h"

namespace mcast::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Nanoseconds kNow = 1'773'500'966 * kSecond;

IpAddress address(const char* text) {
  return *IpAddress::parse(text);
}

ReceiverSnapshot receiver(const std::string& name) {
  ReceiverSnapshot stream;
  stream.spec.name = name;
  stream.spec.group = address("239.0.10.101");
  stream.interface = "eth1";
  stream.state = ReceiverState::kReceiving;
  stream.state_since_realtime = kNow - 83 * kSecond;
  stream.active_senders = 1;
  SourceSnapshot& source = stream.sources.emplace_back();
  source.source = address("10.1.1.1");
  source.counters.packets = 990;
  source.counters.lost = 10;
  source.sent_ttl = 100;
  source.ttl = 97;
  source.sent_dscp = 46;
  source.dscp = 0;
  source.last_packet_realtime = kNow;
  return stream;
}

SenderSnapshot sender(const std::string& name) {
  SenderSnapshot stream;
  stream.spec.name = name;
  stream.spec.group = address("239.0.10.101");
  stream.local_address = address("10.1.1.2");
  stream.interface = "eth1";
  stream.packets = 1234;
  return stream;
}

OutputForm wide(int columns) {
  return {.columns = columns};
}

std::string text_of(std::vector<Line> lines) {
  return plain_text({.lines = std::move(lines)});
}

TEST(StreamTable, ShowsLossHopsAndARemark) {
  const std::string text =
      text_of(stream_table({receiver("video-a")}, {sender("video-b")}, kNow, wide(132)));
  EXPECT_THAT(text, HasSubstr("1.00 % (10)"));
  EXPECT_THAT(text, HasSubstr("EF>BE"));
  EXPECT_THAT(text, HasSubstr("00:01:23"));
  EXPECT_THAT(text, HasSubstr("receiver  video-a"));
  EXPECT_THAT(text, HasSubstr("10.1.1.2"));
  EXPECT_THAT(text, HasSubstr("1234"));
}

TEST(StreamTable, FitsWhateverTheNamesAre) {
  const std::string name = "a-stream-with-a-name-that-has-no-end-and-a-\x1b[31m";
  for (const int columns : {40, 80, 200}) {
    std::istringstream lines(text_of(stream_table({receiver(name)}, {sender("b")}, kNow,
                                                  {.columns = columns, .unicode = false})));
    int rows = 0;
    for (std::string line; std::getline(lines, line); ++rows) {
      EXPECT_LE(line.size(), static_cast<std::size_t>(columns)) << line;
      EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    }
    EXPECT_EQ(rows, 3);
  }
}

TEST(StreamTable, LeavesNothingOutWhereStdoutIsNoTerminal) {
  const std::string text = text_of(stream_table({receiver("video-a")}, {sender("video-b")}, kNow,
                                                {.columns = 80, .terminal = false}));
  for (const char* title : {"SOURCE", "IF", "SENDERS", "PACKETS", "SINCE"}) {
    EXPECT_THAT(text, HasSubstr(title));
  }
}

TEST(StreamTable, ShowsTheSourceOfAnSsmStreamOnANarrowTerminal) {
  EXPECT_THAT(text_of(stream_table({receiver("video-a")}, {}, kNow, wide(80))),
              Not(HasSubstr("SOURCE")));
  ReceiverSnapshot ssm = receiver("video-a");
  ssm.spec.source = address("10.1.1.1");
  EXPECT_THAT(text_of(stream_table({ssm}, {}, kNow, wide(80))), HasSubstr("10.1.1.1"));
}

TEST(StreamTable, SaysThatThereAreNone) {
  EXPECT_EQ(text_of(stream_table({}, {}, kNow, wide(80))), "the agent has no streams\n");
}

TEST(FindingLines, TellWhatWasFoundAndNothingElse) {
  findings::StreamFindings stream;
  stream.subject.stream = "video-a";
  stream.findings = {{.check = findings::Check::kNoTraffic,
                      .verdict = findings::Verdict::kFound,
                      .seen = "nothing on the wire",
                      .meaning = {},
                      .remedy = "mcast-send"},
                     {.check = findings::Check::kNoQuerier,
                      .verdict = findings::Verdict::kUnknown,
                      .seen = "no bridge here",
                      .meaning = {},
                      .remedy = {}}};
  EXPECT_EQ(text_of(finding_lines({stream}, wide(80))),
            "video-a gets nothing: nothing on the wire\n  Try mcast-send\n");
  EXPECT_TRUE(finding_lines({}, wide(80)).empty());
  stream.subject.sending = findings::Sending{};
  EXPECT_EQ(text_of(finding_lines({stream}, wide(80))),
            "sender video-a: nothing on the wire\n  Try mcast-send\n");
}

TEST(AgentLines, SayThatTheConfigurationIsBad) {
  api::AgentStatus status{.version = "0.1.0",
                          .host = "lab1",
                          .started = kNow - kSecond,
                          .time = kNow,
                          .config_file = "/etc/a.yml"};
  EXPECT_EQ(text_of(agent_lines(status, wide(80))),
            "mcast-agent 0.1.0 on lab1, up 00:00:01, configuration /etc/a.yml\n");
  status.reload_successful = false;
  status.config_errors = {"a.yml:1:1: no", "b"};
  EXPECT_THAT(text_of(agent_lines(status, wide(80))),
              HasSubstr("still in use: a.yml:1:1: no\n(and 1 more)"));
}

}  // namespace
}  // namespace mcast::cli
