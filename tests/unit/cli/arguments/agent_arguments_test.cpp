// --agent, --detach and --name: what goes together, and what is refused with its reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/status/status_command.h"
#include "cli/streams/stream_options.h"

namespace mcast::cli {
namespace {

using Arguments = std::vector<std::string_view>;
using testing::HasSubstr;

std::string refusal(const auto& parsed) {
  const auto* end = std::get_if<EndNow>(&parsed);
  if (end == nullptr) return "accepted";
  EXPECT_EQ(end->code, 2);
  return end->text;
}
std::string refused_receive(const Arguments& arguments) {
  return refusal(parse_receive_options(arguments));
}

TEST(AgentArguments, HaveTheUsualSocketUnlessOneIsNamed) {
  const auto usual = parse_receive_options(Arguments{"239.1.1.1", "--agent"});
  EXPECT_EQ(std::get<ReceiveOptions>(usual).agent, "/run/mcast-agent/api.sock");
  const auto named = parse_send_options(Arguments{"--agent=/tmp/a.sock", "239.1.1.1"});
  EXPECT_EQ(std::get<SendOptions>(named).agent, "/tmp/a.sock");
  const auto none = parse_status_options(Arguments{});
  EXPECT_FALSE(std::get<StatusOptions>(none).agent);
}

TEST(AgentArguments, WatchAStreamByItsNameAlone) {
  const auto parsed = parse_receive_options(
      Arguments{"--agent", "--name", "video-a", "--json", "-t", "5", "--fail-on-loss"});
  ASSERT_TRUE(std::holds_alternative<ReceiveOptions>(parsed)) << refusal(parsed);
  const auto& options = std::get<ReceiveOptions>(parsed);
  EXPECT_TRUE(options.streams.empty());
  EXPECT_EQ(options.name, "video-a");
  EXPECT_EQ(options.duration, 5 * kSecond);
  EXPECT_TRUE(options.json);
  EXPECT_EQ(options.fail_on_loss, 0);
}

TEST(AgentArguments, OfANewStreamDoNotWatch) {
  const auto parsed = parse_receive_options(Arguments{"239.1.1.1", "--agent", "--name", "video-a"});
  ASSERT_TRUE(std::holds_alternative<ReceiveOptions>(parsed)) << refusal(parsed);
  EXPECT_EQ(std::get<ReceiveOptions>(parsed).streams.size(), 1U);
}

TEST(AgentArguments, ThatMakeNoSenseAreRefusedWithTheReason) {
  EXPECT_THAT(refused_receive({}), HasSubstr("GROUP is missing"));
  EXPECT_THAT(refused_receive({"--name", "a"}), HasSubstr("GROUP is missing"));
  EXPECT_THAT(refused_receive({"--agent"}), HasSubstr("needs --name NAME"));
  EXPECT_THAT(refused_receive({"--agent", "--name", "a", "--count", "3"}),
              HasSubstr("--count is for a new stream"));
  EXPECT_THAT(refused_receive({"--agent", "--name", "a", "--detach"}),
              HasSubstr("--detach is for a new stream"));
  EXPECT_THAT(refused_receive({"239.1.1.1", "--detach"}), HasSubstr("it goes with --agent"));
  EXPECT_THAT(refused_receive({"239.1.1.1", "--agent", "--detach", "--events"}),
              HasSubstr("--events: with --detach"));
  EXPECT_THAT(refused_receive({"239.1.1.1", "--agent="}), HasSubstr("--agent"));
  EXPECT_THAT(refused_receive({"239.1.1.1", "--agent=10.1.1.1"}),
              HasSubstr("an agent is asked on its own host"));
  EXPECT_THAT(refusal(parse_send_options(Arguments{"239.1.1.1", "--detach"})),
              HasSubstr("it goes with --agent"));
  EXPECT_THAT(refusal(parse_send_options(Arguments{"--agent"})), HasSubstr("GROUP is missing"));
  EXPECT_THAT(refusal(parse_status_options(Arguments{"--agent", "--why", "239.1.1.1"})),
              HasSubstr("run it without --agent"));
}

TEST(AgentArguments, EndAStreamByItsNameAlone) {
  const Arguments arguments{"--agent", "--name", "239.1.1.1#2", "--delete"};
  const auto received = parse_receive_options(arguments);
  ASSERT_TRUE(std::holds_alternative<ReceiveOptions>(received)) << refusal(received);
  EXPECT_TRUE(std::get<ReceiveOptions>(received).remove);
  EXPECT_EQ(std::get<ReceiveOptions>(received).name, "239.1.1.1#2");
  const auto sent = parse_send_options(arguments);
  ASSERT_TRUE(std::holds_alternative<SendOptions>(sent)) << refusal(sent);
  EXPECT_TRUE(std::get<SendOptions>(sent).remove);
}

TEST(AgentArguments, OfADeleteSayNothingElse) {
  const char* const kNeeds = "--delete needs --agent and --name NAME";
  EXPECT_THAT(refused_receive({"--delete"}), HasSubstr(kNeeds));
  EXPECT_THAT(refused_receive({"--delete", "--name", "a"}), HasSubstr(kNeeds));
  EXPECT_THAT(refused_receive({"--agent", "--delete"}), HasSubstr(kNeeds));
  EXPECT_THAT(refusal(parse_send_options(Arguments{"--delete"})), HasSubstr(kNeeds));
  EXPECT_THAT(refused_receive({"239.1.1.1", "--agent", "--name", "a", "--delete"}),
              HasSubstr("GROUP: --delete takes only --agent and --name"));
  EXPECT_THAT(refused_receive({"--agent", "--name", "a", "--delete", "-t", "5"}),
              HasSubstr("--duration: --delete"));
  EXPECT_THAT(
      refusal(parse_send_options(Arguments{"--agent", "--name", "a", "--delete", "--detach"})),
      HasSubstr("--detach: --delete"));
}

}  // namespace
}  // namespace mcast::cli
