// Whether a run that is cut off, or that a sender ends, has passed: exit code, reasons and the
// object of --json.
//
//   sender eth1 --- eth1 receiver [ingress: drops what is over a number of packets]
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/netns/command.h"
#include "tests/netns/eventually.h"
#include "tests/netns/packet_filter.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Verdict : public BothFamilies {
 protected:
  // From the packet after the `packets`th on, none arrives.
  void cut_after(unsigned packets) const {
    const unsigned bytes = 200 + 8 + net_.ip_header;
    nft(path_.receiver,
        "table netdev cut {\n  chain ingress {\n"
        "    type filter hook ingress device eth1 priority 0; policy accept;\n"
        "    " +
            net_.to_group() + " quota over " + std::to_string(packets * bytes) +
            " bytes drop\n  }\n}\n");
  }
  [[nodiscard]] Process receive(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{net_.group, "-i", "eth1", "--json"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    Process receiver = path_.receiver.spawn(command("mcast-receive", all));
    wait_until_joined(receiver);
    return receiver;
  }
  [[nodiscard]] Process send(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{net_.group, "-i", "eth1", "-q", "-r", "100"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return path_.sender.spawn(command("mcast-send", all));
  }

  // So many packets have come in at the receiver.
  [[nodiscard]] testing::AssertionResult comes_to_have_arrived(std::uint64_t packets) const {
    return eventually(
        10s, [&] { return nft_counter(path_.receiver, "netdev count", "arrived") >= packets; });
  }
  void count_arrivals() const {
    nft(path_.receiver,
        "table netdev count {\n  counter arrived { }\n  chain ingress {\n"
        "    type filter hook ingress device eth1 priority 0; policy accept;\n"
        "    " +
            net_.to_group() + " counter name arrived\n  }\n}\n");
  }

  const RoutedPath path_{0, {}};
};

TEST_P(Verdict, CountsWhatWasDueWhenAStreamDiesBeforeTheEnd) {
  cut_after(230);
  Process receiver = receive({"-t", "5", "--fail-on-loss=1", "--fail-on-stall"});
  const Process sender = send({});
  EXPECT_EQ(receiver.wait_exit(10s), 3);
  EXPECT_THAT(receiver.standard_error(), HasSubstr("loss in " + net_.group + " is "));
  const json result = one_json_object(receiver.standard_output());
  EXPECT_EQ(result.at("packets_recv"), 230);
  // It was sent for nearly five seconds.
  EXPECT_GT(result.at("packets_lost"), 200);
  EXPECT_LE(result.at("packets_lost"), 272);
  EXPECT_EQ(result.at("packets_overdue"), result.at("packets_lost"));
  EXPECT_GT(result.at("longest_interruption_s"), 1.9);
  EXPECT_EQ(result.at("result"), "fail");
  EXPECT_EQ(result.at("failed"), json({"loss"}));
  EXPECT_THAT(result.at("reasons").at(0).get<std::string>(), HasSubstr("more than 1 %"));
}

TEST_P(Verdict, OfAnOutageUntilTheEndIsLossStallAndInterruption) {
  cut_after(300);
  Process receiver = receive({"-t", "12", "--fail-on-loss=1", "--fail-on-stall",
                              "--fail-on-interruption=5s", "--expect", "100pps"});
  const Process sender = send({});
  EXPECT_EQ(receiver.wait_exit(20s), 3);
  const json result = one_json_object(receiver.standard_output());
  EXPECT_EQ(result.at("state"), "stalled");
  EXPECT_EQ(result.at("stalls"), 1);
  EXPECT_EQ(result.at("failed"), json({"expect", "loss", "stall", "interruption"}));
  EXPECT_GT(result.at("loss_percent"), 60);
}

TEST_P(Verdict, PassesWhereTheSenderEndsByItself) {
  Process receiver = receive({"-t", "10", "--fail-on-stall", "--fail-on-loss", "--expect", "200"});
  Process sender = send({"-t", "4"});
  EXPECT_EQ(receiver.wait_exit(15s), 0) << receiver.standard_error();
  const json result = one_json_object(receiver.standard_output());
  EXPECT_EQ(result.at("state"), "ended");
  EXPECT_EQ(result.at("result"), "pass");
  EXPECT_EQ(result.at("failed"), json::array());
  EXPECT_EQ(result.at("packets_overdue"), 0);
}

TEST_P(Verdict, FailsWhereTheSenderIsKilled) {
  count_arrivals();
  Process receiver = receive({"-t", "8", "--fail-on-stall", "--fail-on-loss=1"});
  Process sender = send({"-c", "100000"});
  ASSERT_TRUE(comes_to_have_arrived(200));
  sender.signal(SIGKILL);
  EXPECT_EQ(receiver.wait_exit(15s), 3);
  const json result = one_json_object(receiver.standard_output());
  EXPECT_EQ(result.at("failed"), json({"loss", "stall"}));
  EXPECT_GT(result.at("packets_overdue"), 200);
}

TEST_P(Verdict, ComparesHopsRemarksAndInterruptions) {
  filter(path_.sender, net_, "output",
         net_.to_group() + " " + net_.nft + " dscp set af11\n" + net_.to_group() + " " +
             net_.nft_hops + " set 96");
  Process receiver = receive({"-c", "100", "--fail-on-remark", "--fail-on-hops=3",
                              "--fail-on-interruption=2s", "--expect", "100"});
  const Process sender = send({"-t", "4"});
  EXPECT_EQ(receiver.wait_exit(10s), 3);
  EXPECT_EQ(one_json_object(receiver.standard_output()).at("failed"), json({"hops", "remark"}));
  EXPECT_THAT(receiver.standard_error(), HasSubstr(net_.host(1, 1) + " is 4 hops away"));
  EXPECT_THAT(receiver.standard_error(), HasSubstr("the DSCP of 100 packets"));
}

TEST_P(Verdict, JudgesEachGroupAndPrintsALineForEach) {
  Process receiver =
      path_.receiver.spawn(command("mcast-receive", {net_.group, "--groups", "2", "-i", "eth1",
                                                     "-t", "3", "--fail-on-loss=100"}));
  wait_until_joined(receiver);
  const Process sender = send({});
  EXPECT_EQ(receiver.wait_exit(10s), 3);
  const std::string lines = receiver.standard_output();
  EXPECT_THAT(lines, HasSubstr("\n" + net_.group + " on eth1: receiving, "));
  EXPECT_THAT(lines, HasSubstr("\n" + net_.other_group +
                               " on eth1: waiting, 0 packets, lost -, 0.00 pps, "));
  EXPECT_THAT(lines, HasSubstr("\nreceived "));
  EXPECT_THAT(receiver.standard_error(), HasSubstr("no packet arrived in " + net_.other_group));
  EXPECT_THAT(receiver.standard_error(), Not(HasSubstr("no packet arrived in " + net_.group)));
}

INSTANTIATE_TEST_SUITE_P(, Verdict, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
