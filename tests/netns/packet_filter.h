// nftables in a hop: loses, remarks and counts packets without any program of ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/netns/namespace.h"
#include "tests/netns/net.h"

namespace mcast::test {

// Loads a ruleset as `nft -f` reads it, on top of what is there. nft wants line
// breaks: a closing brace stands on a line of its own. For example
//
//   table ip fault {
//     counter dropped { }
//     chain forward {
//       type filter hook forward priority 0; policy accept;
//       ip daddr 239.0.10.101 udp dport 19779 numgen inc mod 4 0 counter name dropped drop
//       ip daddr 239.0.10.102 ip dscp set af11
//     }
//   }
//
// Throws Failure with nft's own words. The rules go with the namespace.
void nft(const Namespace& where, std::string_view rules);

// One chain of a family, in `hook` ("forward"), as table "fault" with a counter "hits" that the
// rules may name; a rule a line.
void filter(const Namespace& where, const Net& net, const std::string& hook,
            const std::string& rules);
// What that counter has counted.
[[nodiscard]] std::uint64_t filter_hits(const Namespace& where, const Net& net);

// Packets that a named counter of a table ("ip fault") has counted.
[[nodiscard]] std::uint64_t nft_counter(const Namespace& where, const std::string& table,
                                        const std::string& counter);

}  // namespace mcast::test
