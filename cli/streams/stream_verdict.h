// Whether a run of mcast-receive has passed: what --expect and --fail-on-... ask for, each group
// judged by itself. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "probe/snapshot.h"

namespace mcast::cli {

// Packets, or packets a second from the join on.
struct Expectation {
  double packets = 0;
  bool is_rate = false;
};

// When mcast-receive ends with exit code 3.
struct FailConditions {
  std::optional<Expectation> expect = {};
  std::optional<double> fail_on_loss = {};  // percent that is still fine
  bool fail_on_stall = false;
  std::optional<Nanoseconds> fail_on_interruption = {};
  std::optional<std::uint64_t> fail_on_hops = {};  // that are still fine
  bool fail_on_remark = false;
};

// Why it does.
struct Failure {
  std::string_view condition;  // "expect", "loss", "stall", "interruption", "hops", "remark"
  std::size_t stream = 0;      // its index
  std::string text;            // "loss in 239.1.1.1 is 54.00 % (270 of 500 packets), more than 1 %"
};

// Of streams that ran for `elapsed`. A stream in which nothing arrived at all fails each condition
// that was asked for.
[[nodiscard]] std::vector<Failure> failures(const FailConditions& conditions,
                                            std::span<const ReceiverSnapshot> streams,
                                            Nanoseconds elapsed);

}  // namespace mcast::cli
