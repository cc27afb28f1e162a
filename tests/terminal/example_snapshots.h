// Made-up snapshots for looking at the views: what an engine could say about a lab,
// without one. Used by the tests of the views and by view_demo.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/streams/rate_history.h"
#include "cli/streams/stream_view.h"
#include "probe/snapshot.h"

namespace mcast::test {

// 2026-03-14 15:09:26 UTC
inline constexpr Nanoseconds kExampleNow = 1'773'500'966 * kSecond;

[[nodiscard]] IpAddress example_address(std::string_view text);

// A sender four hops away that sent `packets` of 200 bytes at 25 a second.
[[nodiscard]] SourceSnapshot example_source(std::string_view address, std::uint64_t packets);
// 239.0.10.101 on eth1, receiving from one such sender.
[[nodiscard]] ReceiverSnapshot example_receiver(std::uint64_t packets);
[[nodiscard]] ReceiverSnapshot example_waiting_receiver();
// 239.0.10.1 and following, of which `index` decides what is wrong.
[[nodiscard]] ReceiverSnapshot example_group(std::uint32_t index, std::uint64_t packets);
[[nodiscard]] SenderSnapshot example_sender(std::uint64_t packets);

// What the history says after `seconds` at 25 packets a second, of which `lost` are
// lost in every tenth second.
[[nodiscard]] cli::RateHistory example_history(int seconds, std::uint64_t lost);

// With everything that does not come from the snapshots; `history` is left out.
[[nodiscard]] cli::ReceiveViewInput example_input(std::vector<ReceiverSnapshot> receivers);
[[nodiscard]] cli::SendViewInput example_input(std::vector<SenderSnapshot> senders);

}  // namespace mcast::test
