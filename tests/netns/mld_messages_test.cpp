// MLD messages as nobody should send them, beside those that are right: counted as what they
// are, and no querier comes of them.
//
//   querier eth1 --- eth1 host
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/netns/agent.h"
#include "tests/netns/eventually.h"
#include "tests/netns/mld_speaker.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

using Envelope = MldSpeaker::Envelope;

const LabelSet kEth1{{"interface", "eth1"}};

class MldMessages : public testing::Test {
 protected:
  MldMessages() {
    connect(querier_, "eth1", addresses(1, 1), host_, "eth1", addresses(1, 2));
    agent_.emplace(host_, receiver_configuration({.group = ipv6().group}));
    speaker_.emplace(querier_, "eth1");
  }
  [[nodiscard]] double metric(const char* name) const {
    return agent_->metrics().value(name, kEth1);
  }
  [[nodiscard]] double queries() const { return metric("mcast_mld_queries_total"); }
  [[nodiscard]] double invalid() const { return metric("mcast_mld_invalid_queries_total"); }
  [[nodiscard]] double undecodable() const {
    return metric("mcast_mld_undecodable_messages_total");
  }
  [[nodiscard]] testing::AssertionResult comes_to_ask(const std::string& querier, int version) {
    const LabelSet labels{
        {"interface", "eth1"}, {"querier", querier}, {"version", std::to_string(version)}};
    return eventually(
        5s,
        [&] {
          const Metrics metrics = agent_->metrics();
          return metrics.value("mcast_mld_querier_info", labels) == 1 &&
                 metrics.count("mcast_mld_querier_info") == 1;
        },
        [&] { return agent_->metrics().text(); });
  }

  Namespace querier_{"querier"};
  Namespace host_{"host"};
  std::optional<Agent> agent_;
  std::optional<MldSpeaker> speaker_;
};

TEST_F(MldMessages, OfTwoQueriersShowTheOneWithTheLowestAddress) {
  speaker_->send(mld_query({}), {.source = "fe80::2"});
  EXPECT_TRUE(comes_to_ask("fe80::2", 2));
  speaker_->send(mld_query({}), {.source = "fe80::1"});
  EXPECT_TRUE(comes_to_ask("fe80::1", 2));
  speaker_->send(mld_query({}), {.source = "fe80::2"});
  speaker_->send(mld_query({.version = 1}), {.source = "fe80::1"});
  EXPECT_TRUE(comes_to_ask("fe80::1", 1));
  EXPECT_EQ(queries(), 4);
}

TEST_F(MldMessages, ThatNoHostAnswersAreCountedApartAndNoQuerier) {
  const std::vector<Envelope> wrong{
      {.router_alert = false}, {.source = "2001:db8:1:1::1"}, {.hop_limit = 64}};
  double expected = 0;
  for (const Envelope& envelope : wrong) {
    speaker_->send(mld_query({}), envelope);
    ++expected;
    EXPECT_TRUE(eventually(
        5s, [&] { return invalid() == expected; }, [&] { return agent_->metrics().text(); }));
  }
  EXPECT_EQ(queries(), 0);
  EXPECT_EQ(undecodable(), 0);
  EXPECT_EQ(agent_->metrics().count("mcast_mld_querier_info"), 0U);
  speaker_->send(mld_query({}));
  EXPECT_TRUE(comes_to_ask(link_local_address(querier_, "eth1"), 2));
  EXPECT_EQ(queries(), 1);
  EXPECT_EQ(invalid(), 3);
}

TEST_F(MldMessages, ThatAreCutShortOrLieAreUndecodable) {
  struct Case {
    Datagram message;
    Envelope envelope;
  };
  const Envelope reports{.destination = "ff02::16"};
  std::vector<Case> cases{
      {mld_query({}), {.right_checksum = false}},
      {mld_query({}), {.cut_to = 23}},
      {mld_query({}), {.cut_to = 27}},
      {mld_query({.sources = {"2001:db8::1"}, .announced = std::uint16_t{65'535}}), {}},
      {mld_report({{.group = "ff1e::8000:1"}}, std::uint16_t{65'535}), reports},
      {mld_report_v1("ff1e::8000:1"), {.destination = "ff1e::8000:1", .cut_to = 8}}};
  double expected = 0;
  for (const Case& each : cases) {
    speaker_->send(each.message, each.envelope);
    ++expected;
    EXPECT_TRUE(eventually(5s, [&] { return undecodable() == expected; }))
        << expected << ": " << undecodable();
  }
  EXPECT_EQ(queries() + invalid(), 0);
  EXPECT_EQ(agent_->metrics().count("mcast_mld_querier_info"), 0U);
  // The twin: the same messages whole.
  speaker_->send(mld_report({{.group = "ff1e::8000:1"}}), reports);
  speaker_->send(mld_report_v1("ff1e::8000:1"), {.destination = "ff1e::8000:1"});
  speaker_->send(mld_done("ff1e::8000:1"), {.destination = "ff02::2"});
  speaker_->send(mld_query({.sources = {"2001:db8::1"}}));
  EXPECT_TRUE(eventually(5s, [&] { return queries() == 1; }));
  EXPECT_EQ(undecodable(), expected);
}

TEST_F(MldMessages, OfAFloodLeaveTheAgentAtWork) {
  std::mt19937_64 random(15);
  for (int i = 0; i < 3000; ++i) {
    Datagram message(random() % 200);
    for (std::uint8_t& byte : message) byte = static_cast<std::uint8_t>(random());
    constexpr std::array<std::uint8_t, 4> kTypes{130, 131, 132, 143};
    if (!message.empty()) message[0] = kTypes[random() % kTypes.size()];
    // From a thousand queriers, if one believes them.
    speaker_->send(message, {.source = "fe80::" + std::to_string(i % 1000 + 1)});
  }
  // Who listened to the flood hears this too; a full socket may have lost a part of it.
  EXPECT_TRUE(eventually(10s, [&] {
    speaker_->send(mld_query({}), {.source = "fe80::1"});
    return agent_->metrics().value("mcast_mld_querier_info",
                                   {{"querier", "fe80::1"}, {"version", "2"}}) == 1;
  }));
  EXPECT_EQ(agent_->metrics().count("mcast_mld_querier_info"), 1U);
  EXPECT_GT(undecodable(), 0);
  EXPECT_TRUE(agent_->process().running());
}

}  // namespace
}  // namespace mcast::test
