// The command on a host of paper: options, exit codes, what goes to which stream.
#include "cli/status/status_command.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/file_descriptor.h"
#include "tests/unit/cli/status/status_fixture.h"

namespace mcast::cli::test {
namespace {

using Arguments = std::vector<std::string_view>;

TEST(StatusOptions, AreAllOffAtFirstAndTakeBothNames) {
  const auto none = std::get<StatusOptions>(parse_status_options({}));
  EXPECT_FALSE(none.selection.all || none.json || none.watch);
  EXPECT_EQ(none.selection.interface, "");
  for (const Arguments& arguments : {Arguments{"--all", "--interface", "eth1", "--json", "--watch"},
                                     Arguments{"-a", "-i", "eth1", "-w", "--json"},
                                     Arguments{"-a", "--interface=eth1", "-w", "--json"}}) {
    const auto options = std::get<StatusOptions>(parse_status_options(arguments));
    EXPECT_TRUE(options.selection.all && options.json && options.watch);
    EXPECT_EQ(options.selection.interface, "eth1");
  }
}

TEST(StatusOptions, RefuseWrongArgumentsInOneLine) {
  for (const Arguments& arguments :
       {Arguments{"eth1"}, Arguments{"--bogus"}, Arguments{"-i"}, Arguments{"-i", ""},
        Arguments{"-i", "a/b"}, Arguments{"-i", "sixteen-bytes-xx"}, Arguments{"--all=yes"}}) {
    const auto parsed = parse_status_options(arguments);
    ASSERT_TRUE(std::holds_alternative<EndNow>(parsed)) << arguments[0];
    const auto& end = std::get<EndNow>(parsed);
    EXPECT_EQ(end.code, 2);
    EXPECT_TRUE(end.text.starts_with("mcast-status: ")) << end.text;
    EXPECT_EQ(std::ranges::count(end.text, '\n'), 1) << end.text;
  }
}

StatusOptions taken(const Arguments& arguments) {
  const auto parsed = parse_status_options(arguments);
  if (const auto* end = std::get_if<EndNow>(&parsed)) {
    ADD_FAILURE() << end->text;
    return {};
  }
  return std::get<StatusOptions>(parsed);
}

TEST(StatusOptions, AskWhyForThreeSecondsUnlessTold) {
  EXPECT_FALSE(taken({}).why);
  const StatusOptions plain = taken({"--why", "239.0.10.101"});
  ASSERT_TRUE(plain.why);
  EXPECT_EQ(plain.why->group, address("239.0.10.101"));
  EXPECT_EQ(plain.why->wanted_source(), std::nullopt);
  EXPECT_EQ(plain.why->interface, "");
  EXPECT_EQ(plain.why->port, std::nullopt);
  EXPECT_EQ(plain.why_watch, 3 * kSecond);
  for (const Arguments& arguments : {Arguments{"--why", "232.5.5.5,10.1.1.1", "-i", "eth1", "--for",
                                               "500ms", "-p", "5000", "--json"},
                                     Arguments{"--json", "--port=5000", "--for=0.5",
                                               "--interface=eth1", "--why=232.5.5.5,10.1.1.1"}}) {
    const StatusOptions all = taken(arguments);
    ASSERT_TRUE(all.why);
    EXPECT_EQ(all.why->group, address("232.5.5.5"));
    EXPECT_EQ(all.why->asked_source, address("10.1.1.1"));
    EXPECT_EQ(all.why->interface, "eth1");
    EXPECT_EQ(all.why->port, 5000);
    EXPECT_EQ(all.why_watch, 500 * kMillisecond);
    EXPECT_TRUE(all.json);
  }
}

TEST(StatusOptions, RefuseAWrongQuestionInOneLine) {
  struct Case {
    Arguments arguments;
    const char* says;
  };
  for (const Case& wrong :
       {Case{{"--why"}, "--why needs a value: GROUP[,SOURCE]"},
        Case{{"--why", "10.1.1.1"}, "--why: '10.1.1.1' is not a multicast group"},
        Case{{"--why", "239.1.1.1,239.1.1.2"}, "--why: '239.1.1.2' is not the unicast"},
        Case{{"--why", "239.1.1.1", "--for", "soon"}, "--for: 'soon' is not a time from 100ms"},
        Case{{"--why", "239.1.1.1", "--for", "99ms"}, "--for: '99ms' is not a time"},
        Case{{"--why", "239.1.1.1", "--for", "61m"}, "--for: '61m' is not a time"},
        Case{{"--why", "239.1.1.1", "--port", "0"}, "--port: '0' is not a whole number from 1"},
        Case{{"--why", "239.1.1.1", "--port", "65536"}, "--port: '65536' is not a whole number"},
        Case{{"--for", "3s"}, "--for goes with --why GROUP"},
        Case{{"--port", "5000"}, "--port goes with --why GROUP"},
        Case{{"--why", "239.1.1.1", "--watch"}, "--watch and --why: one at a time"}}) {
    const auto parsed = parse_status_options(wrong.arguments);
    ASSERT_TRUE(std::holds_alternative<EndNow>(parsed)) << wrong.says;
    const auto& end = std::get<EndNow>(parsed);
    EXPECT_EQ(end.code, 2);
    EXPECT_TRUE(end.text.starts_with("mcast-status: " + std::string(wrong.says))) << end.text;
    EXPECT_EQ(std::ranges::count(end.text, '\n'), 1) << end.text;
  }
}

// Every look at it is a second later: nobody has to wait.
class FastClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override { return now_ += kSecond; }
  [[nodiscard]] Nanoseconds realtime() const override { return now_; }

 private:
  mutable Nanoseconds now_ = 0;
};

class Paper : public testing::Test {
 protected:
  int run(const StatusOptions& options) {
    const StatusContext context{
        .clock = clock_,
        .out = output_,
        .err = errors_,
        .read_host = [this]() -> Result<netlink::HostSnapshot> {
          if (readings_++ >= fails_after_) return fail("no netlink");
          return host();
        },
        .read_streams = [this]() -> Result<RunningStreams> { return streams_; },
        .stop_fd = stop_.get()};
    return run_status(options, context);
  }
  int readings_ = 0;
  int fails_after_ = 1000;
  RunningStreams streams_ = streams();
  FastClock clock_;
  std::ostringstream output_;
  std::ostringstream errors_;
  FileDescriptor stop_{::eventfd(0, EFD_CLOEXEC)};
};

TEST_F(Paper, ShowsTheTable) {
  EXPECT_EQ(run({}), 0);
  EXPECT_TRUE(output_.str().starts_with("INTERFACE "));
  EXPECT_NE(output_.str().find("mcast-agent[417] video"), std::string::npos);
  EXPECT_EQ(errors_.str(), "");
}

TEST_F(Paper, NamesTheInterfacesThatThereAre) {
  EXPECT_EQ(run({.selection = {.all = false, .interface = "eth7"}}), 1);
  EXPECT_EQ(output_.str(), "");
  EXPECT_EQ(errors_.str(),
            "mcast-status: --interface: there is no 'eth7' here, only lo, eth1, eth2, größe0\n");
}

TEST_F(Paper, SaysWhatItCouldNotReadAndEndsWithOne) {
  fails_after_ = 0;
  EXPECT_EQ(run({}), 1);
  EXPECT_EQ(output_.str(), "");
  EXPECT_EQ(errors_.str(), "mcast-status: no netlink\n");
}

TEST_F(Paper, SaysWhoseStreamsItMayNotSee) {
  streams_.unreadable_programs = 2;
  streams_.garbled_programs = 1;
  EXPECT_EQ(run({}), 0);
  EXPECT_EQ(errors_.str(),
            "mcast-status: run as root to see the streams of 2 more programs\n"
            "mcast-status: the streams of 1 program cannot be read: of another version than this "
            "one\n");
}

TEST_F(Paper, PrintsJsonAloneEvenThen) {
  streams_.unreadable_programs = 2;
  EXPECT_EQ(run({.selection = {}, .json = true}), 0);
  EXPECT_EQ(nlohmann::json::parse(output_.str())["unreadable_programs"], 2);
  EXPECT_EQ(errors_.str(), "");
}

TEST_F(Paper, WatchesUntilItIsToldToStop) {
  const std::uint64_t one = 1;
  ASSERT_EQ(::write(stop_.get(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
  EXPECT_EQ(run({.selection = {}, .json = true, .watch = true}), 0);
  EXPECT_EQ(std::ranges::count(output_.str(), '\n'), 1);
}

TEST_F(Paper, EndsAWatchThatCannotReadAnyMore) {
  fails_after_ = 1;
  EXPECT_EQ(run({.selection = {}, .watch = true}), 1);
  EXPECT_EQ(errors_.str(), "mcast-status: no netlink\n");
}

}  // namespace
}  // namespace mcast::cli::test
