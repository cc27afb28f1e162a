#include "tests/netns/known_faults.h"

#include <iostream>
#include <vector>

#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"

namespace mcast::test {

using namespace std::chrono_literals;

void KnownFaults::run_and_compare(const Run& run) {
  const Namespace sending("sender");
  const Namespace receiving("receiver");
  const Forwarder forwarder(sending, addresses(1, 1), receiving, addresses(1, 2), run.plan);
  const Agent receiver(
      receiving, receiver_configuration(
                     {.group = net_.group,
                      .more = "loss_timeout: " + std::to_string(run.loss_timeout.count()) + "ms"}));
  {
    Agent sender(sending, sender_configuration({.group = net_.group, .more = "rate: " + run.rate}));
    const auto enough = [&] {
      if (forwarder.received() < run.packets) return false;
      return !run.enough || run.enough(jitter_of(forwarder.forwarded()));
    };
    if (!eventually(60s, enough)) {
      const JitterTruth jitter = jitter_of(forwarder.forwarded());
      fail_with("not enough of the stream after a minute: " + std::to_string(forwarder.received()) +
                " packets, planned jitter " + std::to_string(jitter.planned) + " s, disturbance " +
                std::to_string(jitter.disturbance) + " s");
    }
    skipped_ = sender.metrics().value("mcast_sender_skipped_packets_total", {{"stream", "video"}});
    EXPECT_EQ(sender.stop().exit_status, 0);
  }
  settle(forwarder, receiver, run.loss_timeout);
  compare();
  print(forwarder);
}

void KnownFaults::settle(const Forwarder& forwarder, const Agent& receiver,
                         std::chrono::milliseconds loss_timeout) {
  // The last frames may be on their way still, so the truth is taken anew while it grows.
  // It never shrinks: once a later scrape has as many packets, both speak of the same.
  std::vector<Forwarded> forwarded;
  // Behind the last packet, the loss timeout is the last thing that anything waits for.
  EXPECT_TRUE(eventually(loss_timeout + 5s, [&] {
    if (forwarder.forwarded_count() != forwarded.size()) {
      forwarded = forwarder.forwarded();
      truth_ = truth_of(forwarded, loss_timeout);
    }
    const bool all_out = forwarder.delayed() == 0;
    metrics_ = receiver.metrics();
    return all_out &&
           value("mcast_receiver_packets_total") == static_cast<double>(truth_.packets) &&
           value("mcast_receiver_lost_packets_total") == static_cast<double>(truth_.lost);
  }));
  jitter_ = jitter_of(forwarded);
  EXPECT_EQ(forwarder.missed(), 0U) << forwarder.missed_text();
  // Five times what a thread was ever seen to wait for one of two busy processors; a
  // plan that comes nearer to the loss timeout is a bad plan.
  if (truth_.margin <= 100 * kMillisecond) fail_with("too near to the loss timeout to tell");
}

void KnownFaults::compare() const {
  EXPECT_EQ(value("mcast_receiver_packets_total"), truth_.packets);
  EXPECT_EQ(value("mcast_receiver_bytes_total"), truth_.packets * 200);
  EXPECT_EQ(value("mcast_receiver_lost_packets_total"), truth_.lost);
  EXPECT_EQ(value("mcast_receiver_late_packets_total"), truth_.late);
  EXPECT_EQ(value("mcast_receiver_duplicate_packets_total"), truth_.duplicates);
  EXPECT_EQ(value("mcast_receiver_reordered_packets_total"), truth_.reordered);
  std::uint64_t bursts = 0;
  std::uint64_t single = 0;
  for (const auto& [length, count] : truth_.bursts) {
    bursts += count;
    if (length == 1) single = count;
  }
  EXPECT_EQ(value("mcast_receiver_loss_burst_packets_count"), bursts);
  EXPECT_EQ(value("mcast_receiver_loss_burst_packets_sum"), truth_.lost);
  EXPECT_EQ(metrics_.value("mcast_receiver_loss_burst_packets_bucket",
                           {{"stream", "video"}, {"le", "1"}}),
            single);
  EXPECT_EQ(value("mcast_receiver_interruption_seconds_count"), bursts);
  EXPECT_NEAR(value("mcast_receiver_interruption_seconds_sum"), truth_.interruption_seconds, 1e-3);
  EXPECT_NEAR(value("mcast_receiver_longest_interruption_seconds"),
              truth_.longest_interruption_seconds, 1e-6);
  // What both sides round, and CLOCK_REALTIME against CLOCK_MONOTONIC over one packet
  // interval, is below a microsecond.
  EXPECT_NEAR(value("mcast_receiver_jitter_seconds"), jitter_.seconds, jitter_.error + 1e-6);
  EXPECT_EQ(value("mcast_receiver_sender_restarts_total"), 0);
  EXPECT_EQ(value("mcast_receiver_ttl_changes_total"), 0);
  EXPECT_EQ(value("mcast_receiver_remarked_packets_total"), 0);
  EXPECT_EQ(
      metrics_.value("mcast_socket_drops_total", {{"port", "19779"}, {"family", net_.label()}}), 0);
  double rejected = 0;
  for (const char* reason : {"foreign", "version", "truncated", "stale", "implausible"}) {
    rejected += metrics_.value("mcast_receiver_rejected_packets_total", {{"reason", reason}});
  }
  EXPECT_EQ(rejected, 0);
}

void KnownFaults::print(const Forwarder& forwarder) const {
  std::cout << "in " << forwarder.received() << ", out " << truth_.packets
            << "; truth/metrics: lost " << truth_.lost << "/"
            << value("mcast_receiver_lost_packets_total") << " late " << truth_.late << "/"
            << value("mcast_receiver_late_packets_total") << " duplicates " << truth_.duplicates
            << "/" << value("mcast_receiver_duplicate_packets_total") << " reordered "
            << truth_.reordered << "/" << value("mcast_receiver_reordered_packets_total")
            << " jitter " << jitter_.seconds * 1e6 << "/"
            << value("mcast_receiver_jitter_seconds") * 1e6 << " us (error " << jitter_.error * 1e6
            << ", disturbance " << jitter_.disturbance * 1e6 << ")\n";
}

}  // namespace mcast::test
