// What a receiver must have counted, worked out from the list of packets that
// went to it, by sets and sorting: nothing of the tracker's own way of doing it.
// Pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "base/clock.h"
#include "tests/netns/forwarder.h"

namespace mcast::test {

struct Truth {
  std::uint64_t packets = 0;  // duplicates included
  std::uint64_t distinct = 0;
  std::uint64_t lost = 0;  // late ones included
  std::uint64_t late = 0;
  std::uint64_t reordered = 0;  // late ones included
  std::uint64_t duplicates = 0;
  std::map<std::uint64_t, std::uint64_t> bursts;  // length -> how many
  double interruption_seconds = 0;                // sum over the bursts
  double longest_interruption_seconds = 0;
  // How near to the loss timeout, on either side, a packet came of those that only
  // time decides about. The receiver's clock reads a little later than the
  // forwarder's: where this is not well above the time that a busy machine takes to
  // run a thread, the numbers above are a guess.
  Nanoseconds margin = 0;
};

// What one sender's packets come to, in the order of arrival, once all is settled. All
// numbers stay within 4096 of each other's neighbourhood. A number that is missing
// is lost when one that is 1024 higher has arrived, or the loss timeout after the
// first higher one arrived.
[[nodiscard]] Truth truth_of(const std::vector<Forwarded>& arrived,
                             std::chrono::nanoseconds loss_timeout = std::chrono::seconds(1));

// RFC 3550 section 6.4.1 after the last of these packets, duplicates left out.
struct JitterTruth {
  double seconds = 0;
  // A receiver that is right is no farther away from it: the receive time of a packet
  // lies within its system call, and how long those took is known.
  double error = 0;
  // What only the plan's delays make, in the order in which the packets came.
  double planned = 0;
  // What sender, system and forwarder took beyond the plan. Since ||D| - |P|| is at
  // most |D - P|, for what a pair of packets did and what was planned for it, `seconds`
  // and `planned` are no farther apart.
  double disturbance = 0;
};
[[nodiscard]] JitterTruth jitter_of(const std::vector<Forwarded>& arrived);

}  // namespace mcast::test
