// What a good configuration file means.
#include "agent/configuration/configuration.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace mcast::agent {
namespace {

// The parsed text, or a failed expectation that shows the errors.
Configuration parsed(std::string_view text) {
  auto configuration = parse_configuration(text);
  if (configuration) return std::move(*configuration);
  for (const auto& error : configuration.error()) ADD_FAILURE() << error.to_string("text");
  return {};
}

constexpr std::string_view kEveryKey = R"(# every key once
defaults:
  port: 5000
senders:
  - name: video-a
    group: 239.0.10.101
    count: 1
    interface: eth1
    source: 10.1.1.1
    rate: 1Mbps
    size: 500
    ttl: 9
    dscp: ef
    port: 19780
    loopback: false
    labels: {site: lab1, floor: 3}
receivers:
  - name: video-a
    group: 239.0.10.101
    count: 1
    source: 10.1.1.1
    interface: eth1
    port: 19780
    stall_timeout: 1.5s
    loss_timeout: 500ms
    igmp_version: 3
    labels: {site: "läb 1"}
igmp:
  watch: [eth1, eth2.100]
)";

TEST(Configuration, ReadsEveryKey) {
  const Configuration configuration = parsed(kEveryKey);
  ASSERT_EQ(configuration.senders.size(), 1U);
  SenderSpec sender;
  sender.name = "video-a";
  sender.group = IpAddress::v4(0xEF000A65);
  sender.interface = "eth1";
  sender.source = IpAddress::v4(0x0A010101);
  sender.packets_per_second = 250;
  sender.size = 500;
  sender.ttl = 9;
  sender.dscp = 46;
  sender.port = 19780;
  sender.loopback = false;
  sender.labels = {{"site", "lab1"}, {"floor", "3"}};
  EXPECT_EQ(configuration.senders[0], sender);

  ASSERT_EQ(configuration.receivers.size(), 1U);
  ReceiverSpec receiver;
  receiver.name = "video-a";
  receiver.group = IpAddress::v4(0xEF000A65);
  receiver.source = IpAddress::v4(0x0A010101);
  receiver.interface = "eth1";
  receiver.port = 19780;
  receiver.stall_timeout = 1500 * kMillisecond;
  receiver.loss_timeout = 500 * kMillisecond;
  receiver.igmp_version = 3;
  receiver.labels = {{"site", "läb 1"}};
  EXPECT_EQ(configuration.receivers[0], receiver);

  EXPECT_EQ(configuration.igmp_watch, (std::vector<std::string>{"eth1", "eth2.100"}));
  EXPECT_TRUE(configuration.warnings.empty());
}

TEST(Configuration, NeedsNoMoreThanANameAndAGroup) {
  const Configuration configuration = parsed(
      "senders: [{name: s, group: 239.1.1.1}]\n"
      "receivers: [{name: r, group: 239.1.1.1}]\n");
  SenderSpec sender;
  sender.name = "s";
  sender.group = IpAddress::v4(0xEF010101);
  EXPECT_EQ(configuration.senders, std::vector{sender});
  EXPECT_DOUBLE_EQ(configuration.senders[0].packets_per_second, 25);
  ReceiverSpec receiver;
  receiver.name = "r";
  receiver.group = IpAddress::v4(0xEF010101);
  EXPECT_EQ(configuration.receivers, std::vector{receiver});
  EXPECT_TRUE(configuration.igmp_watch.empty());
}

TEST(Configuration, NeedsNoStreamWhereItNamesInterfacesToWatch) {
  const auto configuration = parse_configuration("igmp: {watch: [r0, r1]}\n");
  ASSERT_TRUE(configuration.has_value());
  EXPECT_TRUE(configuration->receivers.empty());
  EXPECT_EQ(configuration->igmp_watch, (std::vector<std::string>{"r0", "r1"}));
}

TEST(Configuration, ExpandsACountIntoNamesAndGroups) {
  const Configuration configuration =
      parsed("receivers: [{name: r, group: 239.1.1.254, count: 3, igmp_version: 2}]");
  ASSERT_EQ(configuration.receivers.size(), 3U);
  EXPECT_EQ(configuration.receivers[0].name, "r-1");
  EXPECT_EQ(configuration.receivers[0].group.to_string(), "239.1.1.254");
  EXPECT_EQ(configuration.receivers[2].name, "r-3");
  EXPECT_EQ(configuration.receivers[2].group.to_string(), "239.1.2.0");
  EXPECT_EQ(configuration.receivers[2].igmp_version, 2);
}

TEST(Configuration, LeavesTheNameAloneForACountOfOne) {
  const Configuration configuration =
      parsed("receivers: [{name: r, group: 239.255.255.255, count: 1}]");
  ASSERT_EQ(configuration.receivers.size(), 1U);
  EXPECT_EQ(configuration.receivers[0].name, "r");
}

TEST(Configuration, AppliesADefaultToTheStreamsThatItFits) {
  const Configuration configuration = parsed(R"(
receivers:
  - {name: r1, group: 239.1.1.1}
  - {name: r2, group: 239.1.1.2, stall_timeout: 7s, port: 7}
senders:
  - {name: s, group: 239.1.1.1}
defaults: {port: 5000, ttl: 3, rate: 16kbps, size: 100, dscp: 10, loopback: false,
           stall_timeout: 5s, loss_timeout: 2s, igmp_version: 3, source: 10.0.0.1, interface: eth0}
)");
  ASSERT_EQ(configuration.receivers.size(), 2U);
  EXPECT_EQ(configuration.receivers[0].port, 5000);
  EXPECT_EQ(configuration.receivers[0].stall_timeout, 5 * kSecond);
  EXPECT_EQ(configuration.receivers[0].loss_timeout, 2 * kSecond);
  EXPECT_EQ(configuration.receivers[0].igmp_version, 3);
  EXPECT_EQ(configuration.receivers[0].source, IpAddress::v4(0x0A000001));
  EXPECT_EQ(configuration.receivers[1].port, 7);
  EXPECT_EQ(configuration.receivers[1].stall_timeout, 7 * kSecond);
  ASSERT_EQ(configuration.senders.size(), 1U);
  EXPECT_EQ(configuration.senders[0].port, 5000);
  EXPECT_EQ(configuration.senders[0].ttl, 3);
  EXPECT_EQ(configuration.senders[0].dscp, 10);
  EXPECT_EQ(configuration.senders[0].interface, "eth0");
  EXPECT_FALSE(configuration.senders[0].loopback);
  EXPECT_DOUBLE_EQ(configuration.senders[0].packets_per_second, 20);
}

TEST(Configuration, CountsTheBitsOfADefaultRateInTheStreamsOwnSize) {
  const Configuration configuration = parsed(R"(
defaults: {rate: 80kbps}
senders:
  - {name: a, group: 239.1.1.1, size: 100}
  - {name: b, group: 239.1.1.1, size: 1000}
)");
  ASSERT_EQ(configuration.senders.size(), 2U);
  EXPECT_DOUBLE_EQ(configuration.senders[0].packets_per_second, 100);
  EXPECT_DOUBLE_EQ(configuration.senders[1].packets_per_second, 10);
}

TEST(Configuration, PutsAStreamsLabelsBesideThoseOfTheDefaults) {
  const Configuration configuration = parsed(R"(
defaults: {labels: {site: lab1, rack: a}}
receivers:
  - {name: r, group: 239.1.1.1, labels: {rack: b, instance: x, job: 7, _x: ""}}
  - {name: q, group: 239.1.1.1}
)");
  ASSERT_EQ(configuration.receivers.size(), 2U);
  EXPECT_EQ(configuration.receivers[0].labels,
            (Labels{{"site", "lab1"}, {"rack", "b"}, {"instance", "x"}, {"job", "7"}, {"_x", ""}}));
  EXPECT_EQ(configuration.receivers[1].labels, (Labels{{"site", "lab1"}, {"rack", "a"}}));
  ASSERT_EQ(configuration.warnings.size(), 2U);
  EXPECT_EQ(configuration.warnings[0].to_string("f"),
            "f:4:51: label 'instance': Prometheus sets it itself and renames this one to "
            "exported_instance");
}

TEST(Configuration, WarnsOfInterfacesThatAreNotThereWhereItIsAsked) {
  const HasInterface has = [](const std::string& name) { return name == "eth1"; };
  const auto checked = parse_configuration(R"(
defaults: {interface: eth9}
receivers:
  - {name: a, group: 239.1.1.1}
  - {name: b, group: 239.1.1.2}
  - {name: c, group: 239.1.1.3, interface: eth1}
igmp: {watch: [eth1, eth8]}
)",
                                           has);
  ASSERT_TRUE(checked);
  ASSERT_EQ(checked->warnings.size(), 2U) << "once where it stands";
  EXPECT_EQ(checked->warnings[0].to_string("f"),
            "f:2:23: interface 'eth9' does not exist on this host");
  EXPECT_EQ(checked->warnings[1].to_string("f"),
            "f:7:22: interface 'eth8' does not exist on this host");
}

TEST(Configuration, LetsASenderAndAReceiverShareAName) {
  const Configuration configuration =
      parsed("senders: [{name: x, group: 239.1.1.1}]\nreceivers: [{name: x, group: 239.1.1.1}]\n");
  EXPECT_EQ(configuration.senders.size(), 1U);
  EXPECT_EQ(configuration.receivers.size(), 1U);
}

TEST(Configuration, TakesABareNumberAsPacketsASecond) {
  EXPECT_DOUBLE_EQ(
      parsed("senders: [{name: x, group: 239.1.1.1, rate: 40}]").senders.at(0).packets_per_second,
      40);
}

TEST(Configuration, ResolvesAliases) {
  const Configuration configuration = parsed(R"(
receivers:
  - {name: a, group: 239.1.1.1, labels: &labels {site: lab1}, stall_timeout: &stall 9s}
  - {name: b, group: 239.1.1.2, labels: *labels, stall_timeout: *stall}
)");
  ASSERT_EQ(configuration.receivers.size(), 2U);
  EXPECT_EQ(configuration.receivers[1].labels, (Labels{{"site", "lab1"}}));
  EXPECT_EQ(configuration.receivers[1].stall_timeout, 9 * kSecond);
}

TEST(Configuration, ReadsWhatOtherSystemsWrite) {
  const Configuration configuration =
      parsed("\xEF\xBB\xBF---\r\nreceivers:\r\n- name: \"x\"\r\n  group: 239.1.1.1\r\n...\r\n");
  ASSERT_EQ(configuration.receivers.size(), 1U);
  EXPECT_EQ(configuration.receivers[0].name, "x");
}

TEST(Configuration, WarnsOfAnSsmGroupWithoutASource) {
  const auto warnings = parsed(
                            "receivers:\n- {name: a, group: 232.1.1.1}\n- {name: b, group: "
                            "231.255.255.255, count: 2}\n")
                            .warnings;
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings[0].line, 2U);
  EXPECT_EQ(warnings[0].column, 20U);
  EXPECT_NE(warnings[0].message.find("SSM"), std::string::npos);
  EXPECT_EQ(warnings[1].line, 3U);
}

TEST(Configuration, DoesNotWarnOfAnSsmGroupWithASourceNorOfItsSender) {
  EXPECT_TRUE(parsed("receivers: [{name: a, group: 232.1.1.1, source: 10.0.0.1},\n"
                     "            {name: b, group: 231.255.255.255},\n"
                     "            {name: c, group: 233.0.0.0}]\n"
                     "senders: [{name: a, group: 232.1.1.1}]\n")
                  .warnings.empty());
}

TEST(Configuration, WarnsOfAGroupThatNoRouterForwards) {
  const auto warnings = parsed("senders: [{name: a, group: 224.0.0.251}]\n").warnings;
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].message.find("link-local"), std::string::npos);
  EXPECT_TRUE(parsed("senders: [{name: a, group: 224.0.1.0}]\n").warnings.empty());
}

TEST(Configuration, TakesAsManyStreamsAsThereMayBeAndNoMore) {
  const std::string most = "receivers: [{name: r, group: 239.0.0.0, count: 99999}]\n";
  EXPECT_EQ(parsed(most + "senders: [{name: s, group: 239.1.1.1}]").senders.size(), 1U);
  const auto more = parse_configuration(most + "senders: [{name: s, group: 239.1.1.1, count: 2}]");
  ASSERT_FALSE(more.has_value());
  ASSERT_EQ(more.error().size(), 1U);
  EXPECT_NE(more.error()[0].message.find("100000"), std::string::npos);
}

TEST(Configuration, DemonstratesWithASenderAndAReceiverOnTheLoopbackInterface) {
  const Configuration configuration = load_configuration("").value();
  ASSERT_EQ(configuration.senders.size(), 1U);
  ASSERT_EQ(configuration.receivers.size(), 1U);
  const SenderSpec& sender = configuration.senders[0];
  const ReceiverSpec& receiver = configuration.receivers[0];
  EXPECT_EQ(sender.name, "demo");
  EXPECT_EQ(receiver.name, "demo");
  EXPECT_EQ(sender.interface, "lo");
  EXPECT_EQ(receiver.interface, "lo");
  EXPECT_EQ(sender.group, receiver.group);
  EXPECT_EQ(sender.port, receiver.port);
  EXPECT_TRUE(sender.loopback);
  EXPECT_DOUBLE_EQ(sender.packets_per_second, 25);
  EXPECT_TRUE(sender.labels.empty());
  EXPECT_EQ(sender.group.to_string(), "239.255.77.77");
}

class ConfigurationFile : public ::testing::Test {
 protected:
  ConfigurationFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mcast-config-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data()) == nullptr ? "" : pattern;
  }
  ~ConfigurationFile() override {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  [[nodiscard]] std::string path() const { return folder_ + "/agent.yml"; }

  std::string folder_;
};

TEST_F(ConfigurationFile, IsReadFromItsPath) {
  std::ofstream(path()) << kEveryKey;
  const auto configuration = load_configuration(path());
  ASSERT_TRUE(configuration.has_value());
  EXPECT_EQ(configuration->senders.size(), 1U);
}

TEST_F(ConfigurationFile, ThatIsMissingIsOneErrorWithoutAPlace) {
  const auto configuration = load_configuration(path());
  ASSERT_FALSE(configuration.has_value());
  ASSERT_EQ(configuration.error().size(), 1U);
  EXPECT_EQ(configuration.error()[0].to_string("a.yml"),
            "a.yml: cannot open the file: No such file or directory");
}

TEST_F(ConfigurationFile, ThatIsAFolderIsOneErrorWithoutAPlace) {
  const auto configuration = load_configuration(folder_);
  ASSERT_FALSE(configuration.has_value());
  EXPECT_EQ(configuration.error()[0].to_string("a.yml"),
            "a.yml: cannot read the file: Is a directory");
}

TEST_F(ConfigurationFile, ThatIsTooLargeIsNotReadToItsEnd) {
  const auto configuration = load_configuration("/dev/zero");
  ASSERT_FALSE(configuration.has_value());
  EXPECT_EQ(configuration.error()[0].to_string("a.yml"), "a.yml: the file is larger than 16 MiB");
}

}  // namespace
}  // namespace mcast::agent
