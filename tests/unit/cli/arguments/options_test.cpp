// Right arguments, in every form that the original takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/status/status_command.h"
#include "cli/streams/stream_options.h"
#include "tests/unit/base/vectors.h"

namespace mcast::cli {
namespace {

using mcast::test::read_vectors;

using Arguments = std::vector<std::string_view>;

SendOptions send(const Arguments& arguments) {
  auto parsed = parse_send_options(arguments);
  if (const auto* end = std::get_if<EndNow>(&parsed)) {
    ADD_FAILURE() << end->text;
    SendOptions none;
    none.streams.resize(1);
    return none;
  }
  return std::get<SendOptions>(parsed);
}

ReceiveOptions receive(const Arguments& arguments) {
  auto parsed = parse_receive_options(arguments);
  if (const auto* end = std::get_if<EndNow>(&parsed)) {
    ADD_FAILURE() << end->text;
    ReceiveOptions none;
    none.streams.resize(1);
    return none;
  }
  return std::get<ReceiveOptions>(parsed);
}

TEST(SendOptions, HaveTheDefaultsOfTheOriginal) {
  const SendOptions options = send({"239.1.1.1"});
  ASSERT_EQ(options.streams.size(), 1U);
  SenderSpec expected;
  expected.name = "239.1.1.1";
  expected.group = IpAddress::v4(0xEF010101);
  expected.packets_per_second = 25;
  expected.size = 200;
  expected.ttl = 100;
  expected.duration = 600 * kSecond;
  EXPECT_EQ(options.streams[0], expected);
  EXPECT_FALSE(options.quiet);
  EXPECT_FALSE(options.json);
}

TEST(SendOptions, TakeDurationAndTtlByPositionOrByName) {
  const SenderSpec positional = send({"239.1.1.1", "60", "16"}).streams[0];
  EXPECT_EQ(positional.duration, 60 * kSecond);
  EXPECT_EQ(positional.ttl, 16);
  const SenderSpec named = send({"239.1.1.1", "60", "16", "-t", "0", "--ttl", "7"}).streams[0];
  EXPECT_EQ(named.duration, 0);
  EXPECT_EQ(named.ttl, 7);
}

TEST(SendOptions, TakeEveryOption) {
  const SendOptions options =
      send({"-r", "1.5kpps", "-s64", "--dscp", "ef", "239.1.1.1", "-i", "eth1", "--no-loopback",
            "-q", "--json", "--source=10.1.1.1", "--port", "5000", "--count", "10", "--name", "v"});
  const SenderSpec& spec = options.streams[0];
  EXPECT_EQ(spec.packets_per_second, 1500);
  EXPECT_EQ(spec.size, 64U);
  EXPECT_EQ(spec.dscp, 46);
  EXPECT_EQ(spec.interface, "eth1");
  EXPECT_EQ(spec.source, IpAddress::v4(0x0A010101));
  EXPECT_EQ(spec.port, 5000);
  EXPECT_EQ(spec.packet_limit, 10U);
  EXPECT_EQ(spec.name, "v");
  EXPECT_FALSE(spec.loopback);
  EXPECT_TRUE(options.quiet);
  EXPECT_TRUE(options.json);
}

TEST(SendOptions, TakeARateInBitsForTheSizeThatFollows) {
  EXPECT_EQ(send({"239.1.1.1", "-r", "1Mbps", "-s", "1250"}).streams[0].packets_per_second, 100);
  EXPECT_EQ(send({"239.1.1.1", "-r", " 10 KPPS "}).streams[0].packets_per_second, 10'000);
}

TEST(SendOptions, LetTheLastOfTwoWin) {
  EXPECT_EQ(send({"239.1.1.1", "--ttl", "5", "--ttl", "6"}).streams[0].ttl, 6);
}

TEST(SendOptions, MakeAStreamAGroupNamedByIt) {
  const SendOptions options = send({"239.1.1.254", "--groups", "3"});
  ASSERT_EQ(options.streams.size(), 3U);
  EXPECT_EQ(options.streams[0].name, "239.1.1.254");
  EXPECT_EQ(options.streams[2].name, "239.1.2.0");
  EXPECT_EQ(options.streams[2].group.to_string(), "239.1.2.0");
  EXPECT_FALSE(options.is_list);
  EXPECT_EQ(send({"239.1.1.254", "--groups", "3", "--name", "v"}).streams[2].name, "v-3");
}

TEST(SendOptions, TakeGroupsThatHaveNothingToDoWithEachOther) {
  const SendOptions options =
      send({"239.1.1.1,239.5.5.5:5004,239.1.1.1:5005", "--port", "6000", "-t", "1.5"});
  ASSERT_EQ(options.streams.size(), 3U);
  EXPECT_EQ(options.streams[0].name, "239.1.1.1");
  EXPECT_EQ(options.streams[0].port, 6000);
  EXPECT_EQ(options.streams[1].name, "239.5.5.5");
  EXPECT_EQ(options.streams[1].port, 5004);
  EXPECT_EQ(options.streams[2].name, "239.1.1.1#2");
  EXPECT_EQ(options.streams[2].port, 5005);
  EXPECT_EQ(options.streams[2].duration, 1500 * kMillisecond);
  EXPECT_TRUE(options.is_list);
  const SendOptions named = send({"239.1.1.1,239.5.5.5", "--name", "v"});
  EXPECT_EQ(named.streams[0].name, "v-1");
  EXPECT_EQ(named.streams[1].name, "v-2");
}

// An agent has its own defaults for what nobody asked for.
TEST(SendOptions, SayWhichKeysWereGiven) {
  EXPECT_EQ(send({"239.1.1.1"}).given, (StreamKeys{"duration", "group"}));
  EXPECT_EQ(send({"239.1.1.1:5000", "60", "16"}).given,
            (StreamKeys{"duration", "group", "port", "ttl"}));
  EXPECT_EQ(send({"239.1.1.1", "--no-loopback", "-c", "3", "--groups", "2", "-r", "5"}).given,
            (StreamKeys{"count", "duration", "group", "loopback", "packets", "rate"}));
  EXPECT_EQ(receive({"239.1.1.1", "10.1.1.1", "3", "--stall-timeout", "2"}).given,
            (StreamKeys{"group", "igmp_version", "source", "stall_timeout"}));
}

TEST(SendOptions, EndForHelpAndVersion) {
  for (const Arguments& arguments : {Arguments{"--help"}, Arguments{"-h"}}) {
    const auto parsed = parse_send_options(arguments);
    const auto* end = std::get_if<EndNow>(&parsed);
    ASSERT_NE(end, nullptr);
    EXPECT_EQ(end->code, 0);
    EXPECT_TRUE(end->text.starts_with("Usage: mcast-send [OPTIONS] GROUP [DURATION] [TTL]\n"));
    EXPECT_NE(end->text.find("Examples:\n"), std::string::npos);
    EXPECT_NE(end->text.find("--rate RATE"), std::string::npos);
  }
  const auto parsed = parse_send_options(Arguments{"--version"});
  const auto* end = std::get_if<EndNow>(&parsed);
  ASSERT_NE(end, nullptr);
  EXPECT_TRUE(end->text.starts_with("mcast-send 0."));
}

TEST(SendOptions, HelpFitsEightyColumns) {
  const Arguments help{"--help"};
  const std::string text = std::get<EndNow>(parse_send_options(help)).text +
                           std::get<EndNow>(parse_receive_options(help)).text +
                           std::get<EndNow>(parse_status_options(help)).text;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    EXPECT_LE(end - begin, 80U) << text.substr(begin, end - begin);
    begin = end + 1;
  }
}

TEST(ReceiveOptions, HaveTheDefaultsOfTheOriginal) {
  const ReceiveOptions options = receive({"239.1.1.1"});
  ASSERT_EQ(options.streams.size(), 1U);
  ReceiverSpec expected;
  expected.name = "239.1.1.1";
  expected.group = IpAddress::v4(0xEF010101);
  expected.stall_timeout = 3 * kSecond;
  EXPECT_EQ(options.streams[0], expected) << "no version is forced that nobody asks for";
  EXPECT_TRUE(options.force);
  EXPECT_EQ(options.duration, 0);
  EXPECT_FALSE(options.fail_on_loss);
}

TEST(ReceiveOptions, TakeSourceAndVersionByPositionOrByName) {
  const ReceiveOptions positional = receive({"232.5.5.5", "10.0.1.2", "3"});
  EXPECT_EQ(positional.streams[0].source, IpAddress::v4(0x0A000102));
  EXPECT_EQ(positional.streams[0].igmp_version, 3);
  const ReceiveOptions named = receive({"232.5.5.5", "10.0.1.2", "-S", "10.0.1.3", "-v3"});
  EXPECT_EQ(named.streams[0].source, IpAddress::v4(0x0A000103));
  EXPECT_EQ(receive({"239.1.1.1", "--igmp-version", "2"}).streams[0].igmp_version, 2);
}

TEST(ReceiveOptions, TakeAGroupOfIpv6WithItsZoneAndItsVersion) {
  const ReceiverSpec ssm = receive({"ff3e::8000:1", "2001:db8::5", "2", "-i", "eth1"}).streams[0];
  EXPECT_EQ(ssm.source, IpAddress::parse("2001:db8::5").value());
  EXPECT_EQ(ssm.mld_version, 2);
  EXPECT_FALSE(ssm.igmp_version);
  const auto list =
      receive({"ff02::42%eth1,[ff1e::8000:1]:5004,[ff02::42%eth2]:6000", "--mld-version", "1"});
  ASSERT_EQ(list.streams.size(), 3U);
  EXPECT_EQ(list.streams[0].interface, "eth1");
  EXPECT_EQ(list.streams[0].mld_version, 1);
  EXPECT_EQ(list.streams[1].interface, "");
  EXPECT_EQ(list.streams[1].port, 5004);
  EXPECT_EQ(list.streams[2].interface, "eth2");
  EXPECT_EQ(list.streams[2].port, 6000);
  const auto range = receive({"ff1e::8000:ffff", "--groups", "2", "-i", "eth1"});
  EXPECT_EQ(range.streams[1].group, IpAddress::parse("ff1e::8001:0").value());
}

// What ends in exit code 2 with the original, on the ground of the arguments alone.
TEST(StreamOptions, RefuseWhatTheOriginalRefuses) {
  std::size_t seen = 0;
  const auto vectors = read_vectors("ipv6-vectors.json");
  for (const auto& vector : vectors.at("command_lines")) {
    const auto words = vector.at("arguments").get<std::vector<std::string>>();
    // Whether there is such an interface only the host knows.
    if (words == std::vector<std::string>{"ff02::1%nope0"}) continue;
    const std::vector<std::string_view> arguments(words.begin(), words.end());
    const EndNow* end = nullptr;
    const auto sent = parse_send_options(arguments);
    const auto received = parse_receive_options(arguments);
    const bool sends = vector.at("command") == "mcast-send";
    end = sends ? std::get_if<EndNow>(&sent) : std::get_if<EndNow>(&received);
    ASSERT_NE(end, nullptr) << vector;
    EXPECT_EQ(end->code, vector.at("exit").get<int>()) << vector << end->text;
    ++seen;
  }
  EXPECT_EQ(seen, vectors.at("command_lines").size() - 2);
}

TEST(ReceiveOptions, TakeTheSourcesThatTheOriginalTakes) {
  const auto vectors = read_vectors("ipv6-vectors.json");
  for (const auto& vector : vectors.at("sources")) {
    const auto group = vector.at("group").get<std::string>();
    const auto source = vector.at("source").get<std::string>();
    const std::vector<std::string_view> arguments{group, source};
    const auto parsed = parse_receive_options(arguments);
    EXPECT_EQ(std::holds_alternative<ReceiveOptions>(parsed), vector.at("accepted").get<bool>())
        << vector;
  }
}

TEST(StreamOptions, SayWhyAnIpv6GroupNeedsMore) {
  const auto text_of = [](std::vector<std::string_view> arguments) {
    const auto parsed = parse_receive_options(arguments);
    const auto* end = std::get_if<EndNow>(&parsed);
    return end == nullptr ? std::string("accepted") : end->text;
  };
  EXPECT_THAT(text_of({"ff02::1"}), testing::HasSubstr("for example as ff02::1%eth1"));
  EXPECT_THAT(text_of({"ff02::1%eth1", "-i", "eth0"}),
              testing::HasSubstr("the zone of ff02::1%eth1 is not --interface eth0"));
  EXPECT_THAT(text_of({"ff05::1", "2001:db8::5", "3"}),
              testing::HasSubstr("IGMP has three versions, MLD has two"));
  EXPECT_THAT(text_of({"ff3e::1", "10.1.1.1"}),
              testing::HasSubstr("source 10.1.1.1 is an IPv4 address, and group ff3e::1 is IPv6"));
  EXPECT_THAT(text_of({"ff05::1", "--igmp-version", "3"}),
              testing::HasSubstr("hosts ask for groups of IPv6 in MLD, version 1 or 2"));
  EXPECT_THAT(text_of({"[ff05::1", "-i", "eth0"}), testing::HasSubstr("a group in brackets"));
}

TEST(ReceiveOptions, TakeEveryOption) {
  const ReceiveOptions options =
      receive({"--stall-timeout", "0.5", "-t", "5", "239.1.1.1", "--no-force", "--events", "--json",
               "-q", "--port", "5000", "--count", "7", "--groups", "2", "-i", "eth1"});
  EXPECT_EQ(options.streams.size(), 2U);
  const ReceiverSpec& spec = options.streams[1];
  EXPECT_EQ(spec.stall_timeout, 500 * kMillisecond);
  EXPECT_EQ(spec.interface, "eth1");
  EXPECT_EQ(spec.port, 5000);
  EXPECT_EQ(spec.packet_limit, 7U);
  EXPECT_FALSE(spec.igmp_version);
  EXPECT_FALSE(options.force);
  EXPECT_EQ(options.duration, 5 * kSecond);
  EXPECT_TRUE(options.events);
  EXPECT_TRUE(options.json);
  EXPECT_TRUE(options.quiet);
}

TEST(ReceiveOptions, TakeAPercentageBehindABlankWhereNothingElseCanBeMeant) {
  EXPECT_EQ(receive({"--fail-on-loss", "239.1.1.1"}).fail_on_loss, 0.0);
  EXPECT_EQ(receive({"--fail-on-loss", "0.1", "239.1.1.1"}).fail_on_loss, 0.1);
  EXPECT_EQ(receive({"239.1.1.1", "--fail-on-loss", "0.1"}).fail_on_loss, 0.1);
  EXPECT_EQ(receive({"239.1.1.1", "--fail-on-loss", "3", "-t", "5"}).fail_on_loss, 3.0);
  EXPECT_EQ(receive({"239.1.1.1", "--fail-on-loss", "10.1.1.1"}).fail_on_loss, 0.0);
  EXPECT_EQ(receive({"-i", "eth1", "239.1.1.1", "--fail-on-loss", "2%"}).fail_on_loss, 2.0);
  EXPECT_EQ(receive({"239.1.1.1", "--agent", "/tmp/a.sock"}).agent, "/tmp/a.sock");
  EXPECT_EQ(send({"239.1.1.1", "--agent", "60"}).duration, 60 * kSecond);
  EXPECT_EQ(receive({"239.1.1.1", "--fail-on-loss=0.5"}).fail_on_loss, 0.5);
  EXPECT_EQ(receive({"239.1.1.1", "--fail-on-loss=2%"}).fail_on_loss, 2.0);
  EXPECT_TRUE(receive({"239.1.1.1", "--fail-on-stall"}).fail_on_stall);
}

TEST(ReceiveOptions, TakeTheConditionsOfAVerdict) {
  const ReceiveOptions options =
      receive({"239.1.1.1", "--expect", "25pps", "--fail-on-interruption=200ms", "--fail-on-hops",
               "3", "--fail-on-remark"});
  EXPECT_EQ(options.expect->packets, 25);
  EXPECT_TRUE(options.expect->is_rate);
  EXPECT_EQ(options.fail_on_interruption, 200 * kMillisecond);
  EXPECT_EQ(options.fail_on_hops, 3U);
  EXPECT_TRUE(options.fail_on_remark);
  EXPECT_FALSE(options.fail_on_stall);
  const ReceiveOptions number = receive({"239.1.1.1", "--expect=500"});
  EXPECT_EQ(number.expect->packets, 500);
  EXPECT_FALSE(number.expect->is_rate);
  for (const char* const wrong : {"0", "-1", "x", "1.5", "1Mbps", "99999999999", "pps", "0pps"}) {
    const std::string argument = std::string("--expect=") + wrong;
    const auto parsed = parse_receive_options(Arguments{"239.1.1.1", argument});
    const auto* end = std::get_if<EndNow>(&parsed);
    ASSERT_NE(end, nullptr) << wrong;
    EXPECT_EQ(end->code, 2);
    EXPECT_NE(end->text.find("for example 500 or 25pps"), std::string::npos) << end->text;
  }
}

}  // namespace
}  // namespace mcast::cli
