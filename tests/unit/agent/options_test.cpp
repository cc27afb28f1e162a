#include "agent/options.h"

#include <gtest/gtest.h>

namespace mcast::agent {
namespace {

std::variant<Options, EndNow> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "mcast-agent");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(Options, HaveDefaults) {
  const auto parsed = parse({});
  ASSERT_TRUE(std::holds_alternative<Options>(parsed));
  const auto& options = std::get<Options>(parsed);
  EXPECT_EQ(options.listen_addresses, std::vector<std::string>{":19779"});
  EXPECT_EQ(options.config_file, "");
  EXPECT_EQ(options.log_level, LogLevel::kInfo);
}

TEST(Options, TakeSeveralListenAddressesInsteadOfTheDefault) {
  const auto parsed =
      parse({"--web.listen-address=:1", "--web.listen-address", "[::1]:2", "--log.level=debug"});
  ASSERT_TRUE(std::holds_alternative<Options>(parsed));
  EXPECT_EQ(std::get<Options>(parsed).listen_addresses,
            (std::vector<std::string>{":1", "[::1]:2"}));
}

TEST(Options, TellAGivenSocketFromTheUsualOne) {
  const auto usual = std::get<Options>(parse({}));
  EXPECT_EQ(usual.api_socket, "/run/mcast-agent/api.sock");
  EXPECT_FALSE(usual.api_socket_given);
  for (const auto& [argument, path] :
       {std::pair("--api.socket=/tmp/x", "/tmp/x"), std::pair("--api.socket=", ""),
        std::pair("--api.socket=/run/mcast-agent/api.sock", "/run/mcast-agent/api.sock")}) {
    const auto given = std::get<Options>(parse({argument}));
    EXPECT_EQ(given.api_socket, path) << argument;
    EXPECT_TRUE(given.api_socket_given) << argument;
  }
  const auto both = std::get<Options>(
      parse({"--api.socket", "/x", "--api.socket-group=wheel", "--web.config.file=web.yml"}));
  EXPECT_EQ(both.api_socket, "/x");
  EXPECT_EQ(both.api_socket_group, "wheel");
  EXPECT_EQ(both.web_config_file, "web.yml");
}

TEST(Options, ThatAreWrongEndWithTwoAndSayWhich) {
  for (const char* argument : {"--web.listen-address=nowhere", "--web.listen-address=:65536",
                               "--web.listen-address=", "--log.level=loud", "--config.file",
                               "--config.check", "--no-such-option", "stray", "--host-name=a\nb"}) {
    const auto parsed = parse({argument});
    const auto* end = std::get_if<EndNow>(&parsed);
    ASSERT_NE(end, nullptr) << argument;
    EXPECT_EQ(end->code, 2) << argument;
    const std::string name(
        std::string_view(argument).substr(0, std::string_view(argument).find('=')));
    EXPECT_TRUE(end->text.contains(name)) << end->text;
    EXPECT_TRUE(end->text.ends_with('\n')) << end->text;
  }
}

TEST(Options, HelpAndVersionEndWell) {
  for (const char* argument : {"--help", "--version"}) {
    const auto parsed = parse({argument});
    const auto* end = std::get_if<EndNow>(&parsed);
    ASSERT_NE(end, nullptr) << argument;
    EXPECT_EQ(end->code, 0);
    EXPECT_TRUE(end->text.contains("mcast-agent")) << end->text;
  }
}

}  // namespace
}  // namespace mcast::agent
