// Requests, events, findings and memberships: JSON and back, and what is refused.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "api/agent_json.h"
#include "api/host_json.h"
#include "api/stream_json.h"

namespace mcast::api {
namespace {

constexpr Nanoseconds kOffset = 1'773'500'000 * kSecond;

IpAddress address(const char* text) {
  return *IpAddress::parse(text);
}

StreamEvent event(StreamEventType type, std::uint64_t value = 0, Nanoseconds duration = 0) {
  return {.type = type,
          .stream = 0,
          .source = address("10.1.1.1"),
          .time = 5 * kSecond + kMillisecond,
          .value = value,
          .duration = duration};
}

TEST(EventJson, ComesBackAsItWas) {
  for (const StreamEvent& sent :
       {event(StreamEventType::kFirstPacket), event(StreamEventType::kStall),
        event(StreamEventType::kRecovery, 0, 1500 * kMillisecond),
        event(StreamEventType::kRestart, 0x0d783390), event(StreamEventType::kRemark, 0x002e),
        event(StreamEventType::kTtlChange, 0x6163),
        event(StreamEventType::kBurst, 12, 480 * kMillisecond),
        event(StreamEventType::kComplete)}) {
    const std::string text = event_json(sent, "video-a", "239.0.10.101", kOffset);
    const auto parsed = parse_event(text, kOffset);
    ASSERT_TRUE(parsed && *parsed) << text;
    const auto& [back, stream] = **parsed;
    EXPECT_EQ(stream, "video-a");
    EXPECT_EQ(back.type, sent.type) << text;
    EXPECT_EQ(back.time, sent.time) << text;
    EXPECT_EQ(back.value, sent.value) << text;
    EXPECT_EQ(back.duration, sent.duration) << text;
    const bool has_sender =
        sent.type != StreamEventType::kStall && sent.type != StreamEventType::kComplete;
    EXPECT_EQ(back.source, has_sender ? sent.source : IpAddress{}) << text;
  }
}

TEST(EventJson, OfAnotherKindIsNoStreamEvent) {
  const auto parsed = parse_event(R"({"event":"reload","time":"x"})", 0);
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(*parsed);
}

TEST(EventJson, ThatIsWrongIsAnError) {
  for (const char* text : {"", "[]", "{}", R"({"event":7})", R"({"event":"stall"})",
                           R"({"event":"remark","time":"2026-11-26T12:00:00.000000Z","stream":"a",
           "sender":"10.1.1.1","dscp":64,"sent_dscp":0})"}) {
    EXPECT_FALSE(parse_event(text, 0)) << text;
  }
}

TEST(FindingJson, ComesBackAsItWas) {
  findings::StreamFindings stream;
  stream.subject = {.stream = "video-a",
                    .group = address("232.1.1.1"),
                    .source = address("10.1.1.1"),
                    .interface = "eth1",
                    .port = std::uint16_t{5004}};
  stream.examined = kOffset;
  stream.findings = {{.check = findings::Check::kNoTraffic,
                      .verdict = findings::Verdict::kFound,
                      .seen = "nothing",
                      .meaning = "nobody sends",
                      .remedy = "mcast-send",
                      .router_commands = {{.system = "EOS", .command = "show ip mroute"}}},
                     {.check = findings::Check::kNoQuerier,
                      .verdict = findings::Verdict::kUnknown,
                      .seen = "no bridge",
                      .meaning = {},
                      .remedy = {}}};
  const auto back = parse_findings(findings_json({stream}));
  ASSERT_TRUE(back) << back.error().message;
  ASSERT_EQ(back->size(), 1U);
  EXPECT_EQ((*back)[0].subject, stream.subject);
  EXPECT_EQ((*back)[0].examined, stream.examined);
  EXPECT_EQ((*back)[0].findings, stream.findings);
  // Of a sender that it is one, not what it sends.
  stream.subject.sending = findings::Sending{};
  EXPECT_EQ(parse_findings(findings_json({stream})).value()[0].subject, stream.subject);
}

TEST(FindingJson, OfALaterVersionIsPassedOver) {
  const auto back = parse_findings(
      R"({"findings":[{"kind":"receiver","stream":"a","group":"239.1.1.1","source":null,"interface":"","port":null,)"
      R"("examined":null,"checks":[{"check":"of_tomorrow","verdict":"found","seen":"x"}]}]})");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(back->front().findings.empty());
  EXPECT_FALSE(parse_findings(R"({"findings":[{}]})"));
}

TEST(MembershipJson, ComesBackAsItWas) {
  MembershipReport report;
  report.unreadable_programs = 2;
  report.interfaces = {{.ifindex = 3,
                        .name = "eth1",
                        .loopback = false,
                        .igmp_version = 3,
                        .forced_version = 2,
                        .mld_version = 1,
                        .forced_mld_version = 1,
                        .memberships = {{.group = address("239.1.1.1"),
                                         .users = 4'000'000,
                                         .mode = FilterMode::kInclude,
                                         .sources = {address("10.1.1.1")},
                                         .joined_sources = {address("10.1.1.2")},
                                         .holders = {{.pid = 17,
                                                      .program = "mcast-agent",
                                                      .join = {.stream = "video-a",
                                                               .group = {},
                                                               .source = address("10.1.1.1"),
                                                               .port = 5004}}}}}}};
  const auto back = parse_memberships(memberships_json(report, {}));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->interfaces, report.interfaces);
  EXPECT_EQ(back->unreadable_programs, 2U);
  EXPECT_FALSE(parse_memberships(R"({"interfaces":[{"name":"eth1"}],"unreadable_programs":0})"));
}

TEST(StartedStreams, AreRead) {
  const auto started =
      parse_started_streams(R"({"name":"v","streams":["v-1","v-2"],"renew_within_s":10.0})");
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(started->name, "v");
  EXPECT_EQ(started->streams, (std::vector<std::string>{"v-1", "v-2"}));
  EXPECT_EQ(started->renew_within, 10 * kSecond);
  const auto detached =
      parse_started_streams(R"({"name":"v","streams":["v"],"renew_within_s":null})");
  ASSERT_TRUE(detached);
  EXPECT_FALSE(detached->renew_within);
}

TEST(StartedStreams, SayHowTheyDo) {
  const auto failed = parse_started_streams(started_streams_json(
      {.name = "v", .streams = {"v"}, .renew_within = {}, .state = "failed", .error = "no route"}));
  ASSERT_TRUE(failed) << failed.error().message;
  EXPECT_EQ(failed->state, "failed");
  EXPECT_EQ(failed->error, "no route");
}

TEST(StartedStreams, AreAskedForByWhatTheirNamesBeginWith) {
  EXPECT_EQ(pattern_of({"239.1.1.1#2"}), "239.1.1.1#2");
  EXPECT_EQ(pattern_of({"v-1", "v-2", "v-10"}), "v-*");
  EXPECT_EQ(pattern_of({"239.1.1.254", "239.1.1.255", "239.1.2.0"}), "239.1.*");
  EXPECT_EQ(pattern_of({"239.1.1.1", "232.5.5.5"}), "23*");
  EXPECT_EQ(pattern_of({"\xC3\xA4", "\xC3\xB6"}), "*") << "not half a character";
  EXPECT_EQ(pattern_of({"a", "b"}), "*");
}

TEST(StartedStreams, OfNoStreamAreAnError) {
  EXPECT_FALSE(parse_started_streams(R"({"name":"v","streams":[],"renew_within_s":null})"));
  EXPECT_FALSE(parse_started_streams("<html>"));
}

TEST(AgentStatus, StandsInThisForm) {
  const AgentStatus status{.version = "9.9",
                           .revision = "r",
                           .compiler = "c",
                           .host = "lab1",
                           .pid = 7,
                           .started = kOffset,
                           .time = kOffset + kSecond,
                           .reload_successful = false,
                           .reload_success_time = kOffset,
                           .config_errors = {"a:1:1: no"},
                           .receivers = 1,
                           .senders = 2};
  EXPECT_EQ(agent_status_json(status),
            R"({"version":"9.9","revision":"r","compiler":"c","host":"lab1","pid":7,)"
            R"("started":"2026-03-14T14:53:20.000000Z","time":"2026-03-14T14:53:21.000000Z",)"
            R"("config":{"file":null,"last_reload_successful":false,)"
            R"("last_reload_success_time":"2026-03-14T14:53:20.000000Z","errors":["a:1:1: no"]},)"
            R"("streams":{"receivers":1,"senders":2}})");
}

TEST(AgentStatus, IsRead) {
  const auto status = parse_agent_status(
      R"({"version":"9.9","host":"lab1","started":"2026-11-26T12:00:00.000000Z",)"
      R"("time":"2026-11-26T12:00:07.000000Z","config":{"file":null,)"
      R"("last_reload_successful":false,"errors":["a:1:1: no"]},)"
      R"("streams":{"receivers":1,"senders":2}})");
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->version, "9.9");
  EXPECT_EQ(status->time - status->started, 7 * kSecond);
  EXPECT_EQ(status->config_file, "");
  EXPECT_FALSE(status->reload_successful);
  EXPECT_EQ(status->senders, 2U);
  EXPECT_FALSE(parse_agent_status("{}"));
}

}  // namespace
}  // namespace mcast::api
