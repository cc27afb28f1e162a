// Datagrams that are not probe packets, or not for us: counted as what they are,
// and nothing else moves.
//
//   sender eth1 --- eth1 receiver
#include <gtest/gtest.h>

#include "tests/netns/agent.h"
#include "tests/netns/datagram.h"
#include "tests/netns/eventually.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

class Rejected : public BothFamilies {
 protected:
  Rejected() {
    connect(sending_, "eth1", addresses(1, 1), receiving_, "eth1", addresses(1, 2));
    receiver_.emplace(receiving_,
                      "defaults: {interface: eth1, stall_timeout: 60s}\n"
                      "receivers:\n"
                      "  - {name: video, group: " +
                          quoted(net_.group) +
                          "}\n"
                          "  - {name: other, group: " +
                          quoted(net_.other_group) + "}\n");
    datagrams_.emplace(sending_);
  }

  [[nodiscard]] double rejected(const char* reason, const char* stream = "video") const {
    return receiver_->metrics().value("mcast_receiver_rejected_packets_total",
                                      {{"stream", stream}, {"reason", reason}});
  }
  [[nodiscard]] double all_rejected(const char* stream) const {
    double sum = 0;
    for (const char* reason : {"foreign", "version", "truncated", "stale", "implausible"}) {
      sum += rejected(reason, stream);
    }
    return sum;
  }
  void expect_only(const char* reason, double count) const {
    EXPECT_TRUE(eventually(
        3s, [&] { return rejected(reason) == count; },
        [&] { return receiver_->metrics().text(); }));
    EXPECT_EQ(all_rejected("video"), count);
    EXPECT_EQ(all_rejected("other"), 0);
    EXPECT_EQ(receiver_->metrics().count("mcast_receiver_packets_total"), 0U);
    EXPECT_EQ(receiver_->metrics().value("mcast_receiver_state",
                                         {{"stream", "video"}, {"state", "waiting"}}),
              1);
  }

  Namespace sending_{"sender"};
  Namespace receiving_{"receiver"};
  std::optional<Agent> receiver_;
  std::optional<DatagramSender> datagrams_;
};

TEST_P(Rejected, ForeignDatagramsAreCountedAsForeign) {
  datagrams_->send({'h', 'e', 'l', 'l', 'o'}, net_.group);
  datagrams_->send({}, net_.group);
  datagrams_->send({'M', 'C', 'A'}, net_.group);
  datagrams_->send(Datagram(1400, 0xFF), net_.group);
  expect_only("foreign", 4);
}

TEST_P(Rejected, AnotherVersionIsCountedAsVersion) {
  datagrams_->send(make_probe({.version = 2}), net_.group);
  datagrams_->send(make_probe({.version = 0}), net_.group);
  expect_only("version", 2);
}

TEST_P(Rejected, TruncatedProbesAreCountedAsTruncated) {
  Datagram half_header = make_probe({});
  half_header.resize(31);
  Datagram half_payload = make_probe({});
  half_payload.resize(100);
  datagrams_->send(half_header, net_.group);
  datagrams_->send(half_payload, net_.group);
  expect_only("truncated", 2);
}

TEST_P(Rejected, UnicastToThePortBelongsToNoStream) {
  const auto unmatched = [&] {
    return receiver_->metrics().value("mcast_socket_unmatched_datagrams_total",
                                      {{"port", "19779"}, {"family", net_.label()}});
  };
  datagrams_->send(make_probe({}), net_.host(1, 2));
  datagrams_->send({'h', 'i'}, net_.host(1, 2));
  EXPECT_TRUE(eventually(3s, [&] { return unmatched() == 2; }));
  EXPECT_EQ(all_rejected("video"), 0);
  EXPECT_EQ(receiver_->metrics().count("mcast_receiver_packets_total"), 0U);
}

TEST_P(Rejected, StaleAndImplausibleSequencesMoveNoOtherCounter) {
  const auto packets = [&] {
    return receiver_->metrics().value("mcast_receiver_packets_total", {{"stream", "video"}});
  };
  datagrams_->send(make_probe({.sequence = 10'000, .send_time = 1'000'000}), net_.group);
  ASSERT_TRUE(eventually(3s, [&] { return packets() == 1; }));
  datagrams_->send(make_probe({.sequence = 10'000 - 4096, .send_time = 900'000}), net_.group);
  datagrams_->send(make_probe({.sequence = 1ULL << 60U, .send_time = 2'000'000}), net_.group);
  EXPECT_TRUE(
      eventually(3s, [&] { return rejected("stale") == 1 && rejected("implausible") == 1; }));
  const Metrics metrics = receiver_->metrics();
  const LabelSet video{{"stream", "video"}};
  EXPECT_EQ(metrics.value("mcast_receiver_packets_total", video), 1);
  EXPECT_EQ(metrics.value("mcast_receiver_lost_packets_total", video), 0);
  EXPECT_EQ(metrics.value("mcast_receiver_duplicate_packets_total", video), 0);
  EXPECT_EQ(all_rejected("other"), 0);
}

TEST_P(Rejected, NothingIsWhereGoodProbesArrive) {
  for (std::uint64_t i = 0; i < 10; ++i) datagrams_->send(make_probe({.sequence = i}), net_.group);
  EXPECT_TRUE(eventually(3s, [&] {
    return receiver_->metrics().value("mcast_receiver_packets_total", {{"stream", "video"}}) == 10;
  }));
  EXPECT_EQ(all_rejected("video"), 0);
  EXPECT_EQ(receiver_->metrics().count("mcast_receiver_packets_total", {{"stream", "other"}}), 0U);
}

TEST_P(Rejected, AFloodOfMadeUpSendersIsBoundedAndLeavesTheOtherStreamAlone) {
  for (std::uint32_t id = 0; id < 2000; ++id) {
    datagrams_->send(make_probe({.sender_id = id}), net_.group);
    // No more at a time than the smallest buffer of an ordinary user's socket holds.
    if ((id + 1) % 100 != 0) continue;
    ASSERT_TRUE(eventually(5s, [&] {
      const Metrics metrics = receiver_->metrics();
      return metrics.value("mcast_receiver_packets_total", {{"stream", "video"}}) +
                 metrics.value("mcast_receiver_untracked_packets_total", {{"stream", "video"}}) ==
             id + 1;
    }));
  }
  datagrams_->send(make_probe({}), net_.other_group);
  EXPECT_TRUE(eventually(
      3s,
      [&] {
        return receiver_->metrics().value("mcast_receiver_untracked_packets_total",
                                          {{"stream", "video"}}) == 2000 - 256;
      },
      [&] { return receiver_->metrics().text(); }));
  const Metrics metrics = receiver_->metrics();
  EXPECT_EQ(metrics.value("mcast_receiver_packets_total", {{"stream", "video"}}), 256);
  EXPECT_EQ(metrics.value("mcast_receiver_packets_total", {{"stream", "other"}}), 1);
  EXPECT_EQ(metrics.value("mcast_receiver_untracked_packets_total", {{"stream", "other"}}), 0);
}

INSTANTIATE_TEST_SUITE_P(, Rejected, both_families(), net_name);

}  // namespace
}  // namespace mcast::test
