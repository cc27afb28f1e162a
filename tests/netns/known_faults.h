// What the tests of loss and of delay have in common: a stream through a forwarder
// with a plan, and every counter of the receiver held against what the forwarder did.
//
//   sender eth1 === [forwarder] === eth1 receiver
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "tests/netns/agent.h"
#include "tests/netns/forwarder.h"
#include "tests/netns/metrics.h"
#include "tests/netns/net.h"
#include "tests/netns/truth.h"

namespace mcast::test {

class KnownFaults : public BothFamilies {
 protected:
  struct Run {
    Plan plan;
    std::uint64_t packets = 0;  // sent at least
    std::string rate;
    std::chrono::milliseconds loss_timeout{1000};
    // If given, sends on until this holds too: until the machine has left sender and
    // forwarder alone for a while. A thread that once got no time for 16 ms is seen in the
    // jitter for dozens of packets.
    std::function<bool(const JitterTruth&)> enough = {};
  };
  // Sends until so many packets came in, stops the sender, waits until everything is
  // settled, and compares. Throws Failure where there is nothing to compare. truth_, jitter_ and
  // metrics_ are then for more questions.
  void run_and_compare(const Run& run);

  [[nodiscard]] double value(const char* name) const {
    return metrics_.value(name, {{"stream", "video"}});
  }

  Truth truth_;
  JitterTruth jitter_;
  Metrics metrics_{""};
  // Packets that the sender gave up because its machine gave it no time, just before
  // it was stopped.
  double skipped_ = 0;

 private:
  void settle(const Forwarder& forwarder, const Agent& receiver,
              std::chrono::milliseconds loss_timeout);
  void compare() const;
  void print(const Forwarder& forwarder) const;
};

}  // namespace mcast::test
