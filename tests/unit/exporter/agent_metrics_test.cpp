#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/exporter/metrics_of.h"

namespace mcast::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(AgentMetrics, SayWhatTheAgentWasBuiltFrom) {
  exporter::AgentFacts agent;
  agent.version = "0.1.0";
  agent.revision = "abc";
  agent.compiler = "GCC 12";
  EXPECT_THAT(samples(metrics_of(agent), "mcast_agent_build_info"),
              ElementsAre("mcast_agent_build_info{version=\"0.1.0\",revision=\"abc\","
                          "compiler=\"GCC 12\"} 1"));
}

TEST(AgentMetrics, TellAFailedReloadAndKeepTheTimeOfTheLastGoodOne) {
  exporter::AgentFacts agent;
  agent.config_last_reload_successful = false;
  agent.config_last_reload_success_timestamp_seconds = 1'700'000'000;
  const std::string text = metrics_of(agent);
  EXPECT_THAT(samples(text, "mcast_agent_config_last_reload_successful"),
              ElementsAre("mcast_agent_config_last_reload_successful 0"));
  EXPECT_THAT(samples(text, "mcast_agent_config_last_reload_success_timestamp_seconds"),
              ElementsAre("mcast_agent_config_last_reload_success_timestamp_seconds 1700000000"));
}

TEST(AgentMetrics, HaveNoReloadTimeBeforeTheFirstGoodConfiguration) {
  EXPECT_THAT(samples(metrics_of(exporter::AgentFacts{}),
                      "mcast_agent_config_last_reload_success_timestamp_seconds"),
              IsEmpty());
}

TEST(AgentMetrics, ShowACollectorThatFailed) {
  const ProbeSnapshot probe;
  const netlink::HostSnapshot host;
  const exporter::AgentFacts agent;
  const std::vector<exporter::CollectorResult> collectors{
      {.collector = "probe", .duration_seconds = 0.25, .success = true},
      {.collector = "host", .duration_seconds = 1, .success = false}};
  const std::string text = exporter::metrics_text({.probe = probe,
                                                   .host = host,
                                                   .igmp = {},
                                                   .findings = {},
                                                   .agent = agent,
                                                   .collectors = collectors,
                                                   .undecodable = {},
                                                   .process = exporter::ProcessFacts{}});
  EXPECT_THAT(samples(text, "mcast_collector_success"),
              ElementsAre("mcast_collector_success{collector=\"probe\"} 1",
                          "mcast_collector_success{collector=\"host\"} 0"));
  EXPECT_THAT(samples(text, "mcast_collector_duration_seconds"),
              ElementsAre("mcast_collector_duration_seconds{collector=\"probe\"} 0.25",
                          "mcast_collector_duration_seconds{collector=\"host\"} 1"));
}

TEST(AgentMetrics, LeaveOutProcessValuesThatAreNotKnown) {
  EXPECT_EQ(metrics_of(exporter::AgentFacts{}).find("process_"), std::string::npos);
}

}  // namespace
}  // namespace mcast::test
