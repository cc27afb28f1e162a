// The command line of mcast-receive as checked values. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/arguments/argument_parser.h"
#include "probe/stream_spec.h"

namespace mcast::cli {

struct ReceiveOptions {
  // A stream a group. Several are named NAME-1, NAME-2, ... as the agent names
  // those of a `count`.
  // Empty: a stream of the agent is watched, the one named `name`.
  std::vector<ReceiverSpec> streams;
  std::string name = {};                  // as given, else empty
  std::optional<std::string> agent = {};  // the socket of the agent that receives
  bool detach = false;
  int igmp_version = 3;  // forced where that is possible; see force
  bool igmp_version_given = false;
  bool force = true;                   // false: --no-force
  std::uint64_t duration_seconds = 0;  // 0: until Ctrl-C
  std::optional<double> fail_on_loss;  // percent
  bool fail_on_stall = false;
  bool quiet = false;
  bool json = false;
  bool events = false;
};

[[nodiscard]] std::variant<ReceiveOptions, EndNow> parse_receive_options(
    std::span<const std::string_view> arguments);

}  // namespace mcast::cli
