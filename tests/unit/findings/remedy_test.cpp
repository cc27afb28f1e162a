// A remedy is what the person asked for, with one thing changed: their command line, the key of
// their file, or the command that an agent's ad hoc stream can be made with.
#include "findings/remedy.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

using Words = std::vector<std::string>;

Subject typed(std::vector<std::string> command, const std::string& source = "") {
  Subject subject{.stream = "s",
                  .group = ip("232.1.1.1"),
                  .source = std::nullopt,
                  .interface = "eth1",
                  .port = std::uint16_t{5000}};
  if (!source.empty()) subject.source = ip(source);
  subject.origin.command = std::move(command);
  return subject;
}

TEST(Remedy, IsThePersonsCommandLineWithOneThingChanged) {
  const Subject subject =
      typed({"mcast-receive", "232.1.1.1", "10.77.0.1", "-i", "eth1", "-t", "10"}, "10.77.0.1");
  EXPECT_EQ(change(subject, Setting::kPort, "19779"),
            "mcast-receive 232.1.1.1 10.77.0.1 -i eth1 -t 10 --port 19779");
  EXPECT_EQ(change(subject, Setting::kSource, "10.77.0.9"),
            "mcast-receive 232.1.1.1 10.77.0.9 -i eth1 -t 10");
  EXPECT_EQ(change(subject, Setting::kInterface, "br0"),
            "mcast-receive 232.1.1.1 10.77.0.1 -i br0 -t 10");
  EXPECT_EQ(again(subject), "mcast-receive 232.1.1.1 10.77.0.1 -i eth1 -t 10");
}

TEST(Remedy, FindsAnOptionHoweverItIsWritten) {
  for (const auto& [given, changed] : std::vector<std::pair<std::string, std::string>>{
           {"-p5000", "-p19779"}, {"--port=5000", "--port=19779"}}) {
    EXPECT_EQ(change(typed({"x/mcast-receive", given, "232.1.1.1"}), Setting::kPort, "19779"),
              "x/mcast-receive " + changed + " 232.1.1.1");
  }
  EXPECT_EQ(
      change(typed({"mcast-receive", "--port", "5000", "232.1.1.1"}), Setting::kPort, "19779"),
      "mcast-receive --port 19779 232.1.1.1");
  EXPECT_EQ(change(typed({"mcast-receive", "232.1.1.1", "-S", "10.1.1.1"}, "10.1.1.1"),
                   Setting::kSource, "10.1.1.2"),
            "mcast-receive 232.1.1.1 -S 10.1.1.2");
}

TEST(Remedy, PutsASourceBehindTheGroupAndAPortIntoAListOfGroups) {
  EXPECT_EQ(change(typed({"mcast-receive", "-i", "eth1", "232.1.1.1", "-q"}), Setting::kSource,
                   "10.1.1.1"),
            "mcast-receive -i eth1 232.1.1.1 10.1.1.1 -q");
  EXPECT_EQ(change(typed({"mcast-receive", "239.5.5.5:7000,232.1.1.1:5000,239.1.1.2"}),
                   Setting::kPort, "19779"),
            "mcast-receive 239.5.5.5:7000,232.1.1.1:19779,239.1.1.2");
  EXPECT_EQ(change(typed({"mcast-receive", "239.5.5.5,232.1.1.1"}), Setting::kPort, "19779"),
            "mcast-receive 239.5.5.5,232.1.1.1:19779");
  // The other groups keep the port of the option.
  EXPECT_EQ(change(typed({"mcast-receive", "239.5.5.5,232.1.1.1", "-p", "5000"}), Setting::kPort,
                   "19779"),
            "mcast-receive 239.5.5.5,232.1.1.1:19779 -p 5000");
}

TEST(Remedy, PutsBracketsAroundAnAddressOfIpv6ThatAPortFollows) {
  const auto of_group = [](Words command, const char* group) {
    Subject subject = typed(std::move(command));
    subject.group = ip(group);
    return subject;
  };
  EXPECT_EQ(change(of_group({"mcast-receive", "[ff15::1]:7000,ff15::2,239.1.1.1"}, "ff15::2"),
                   Setting::kPort, "19779"),
            "mcast-receive '[ff15::1]:7000,[ff15::2]:19779,239.1.1.1'");
  EXPECT_EQ(
      change(of_group({"mcast-receive", "[ff15::1]:7000"}, "ff15::1"), Setting::kPort, "19779"),
      "mcast-receive '[ff15::1]:19779'");
  EXPECT_EQ(change(of_group({"mcast-receive", "ff15::1"}, "ff15::1"), Setting::kPort, "19779"),
            "mcast-receive ff15::1 --port 19779");
  EXPECT_EQ(change(of_group({"mcast-receive", "[ff15::1", "ff15::1"}, "ff15::1"), Setting::kSource,
                   "2001:db8::1"),
            "mcast-receive '[ff15::1' 2001:db8::1 ff15::1");
  EXPECT_EQ(change(of_group({"mcast-receive", "ff35::1", "--mld-version=1"}, "ff35::1"),
                   Setting::kMldVersion, "2"),
            "mcast-receive ff35::1 --mld-version=2");
}

TEST(Remedy, ChangesTheInterfaceInTheZoneOfTheGroup) {
  for (const auto& [given, changed] : std::vector<std::pair<std::string, std::string>>{
           {"ff12::1%eth1", "ff12::1%br0"},
           {"[ff12::1%eth1]:5004", "'[ff12::1%br0]:5004'"},
           {"ff15::1,ff12::1%eth1,ff15::2", "ff15::1,ff12::1%br0,ff15::2"}}) {
    Subject subject = typed({"mcast-receive", given});
    subject.group = ip("ff12::1");
    EXPECT_EQ(change(subject, Setting::kInterface, "br0"), "mcast-receive " + changed);
    EXPECT_EQ(names_interface(subject), true);
  }
  Subject subject = typed({"mcast-receive", "ff12::1%eth1", "-i", "eth1"});
  subject.group = ip("ff12::1");
  EXPECT_EQ(change(subject, Setting::kInterface, "br0"), "mcast-receive ff12::1%br0 -i br0");
  EXPECT_EQ(names_interface(typed({"mcast-receive", "232.1.1.1", "-ieth1"})), true);
  EXPECT_EQ(names_interface(typed({"mcast-receive", "232.1.1.1"})), false);
  EXPECT_EQ(names_interface(typed({})), std::nullopt);
}

TEST(Remedy, QuotesForTheShellAndShowsNoControlCharacters) {
  EXPECT_EQ(change(typed({"mcast-receive", "232.1.1.1", "--name", "it's \x1b[2J; rm -rf /"}),
                   Setting::kPort, "1"),
            "mcast-receive 232.1.1.1 --name 'it'\\''s ?[2J; rm -rf /' --port 1");
}

TEST(Remedy, IsAKeyOfTheConfigurationFile) {
  Subject subject = typed({});
  subject.stream = "other-port";
  subject.origin.file = "cfg/b.yml";
  EXPECT_EQ(change(subject, Setting::kPort, "19779"),
            "set `port: 19779` in receiver other-port of cfg/b.yml");
  subject.sending = Sending{};
  EXPECT_EQ(change(subject, Setting::kRate, "90pps"),
            "set `rate: 90pps` in sender other-port of cfg/b.yml");
}

TEST(Remedy, OfAnAdHocStreamIsTheCommandThatMakesIt) {
  Subject subject = typed({}, "10.1.1.1");
  subject.origin.agent = "--agent";
  EXPECT_EQ(change(subject, Setting::kPort, "19779"),
            "mcast-receive 232.1.1.1 10.1.1.1 -i eth1 --port 19779 --agent");
  subject.source.reset();
  subject.sending = Sending{};
  EXPECT_EQ(change(subject, Setting::kRate, "90pps"),
            "mcast-send 232.1.1.1 -i eth1 --port 5000 --agent --rate 90pps");
}

}  // namespace
}  // namespace mcast::findings::test
