// What a receiver must have counted, worked out from the list of packets that
// went to it, by sets and sorting: nothing of the tracker's own way of doing it.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

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
};

// Of one sender's packets, in the order of arrival, once everything is settled.
// All numbers stay within 4096 of each other's neighbourhood, and nothing takes
// longer than the loss timeout, so that distance alone decides what is late.
[[nodiscard]] Truth truth_of(const std::vector<Forwarded>& arrived);

}  // namespace mcast::test
