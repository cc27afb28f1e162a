// The command line of mcast-send as checked values. Pure.
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

struct SendOptions {
  // A stream a group. Several are named NAME-1, NAME-2, ... as the agent names
  // those of a `count`.
  std::vector<SenderSpec> streams;
  std::string name = {};                  // as given, else empty
  std::optional<std::string> agent = {};  // the socket of the agent that sends
  bool detach = false;
  std::uint64_t duration_seconds = 600;  // 0: for ever
  bool quiet = false;
  bool json = false;
};

[[nodiscard]] std::variant<SendOptions, EndNow> parse_send_options(
    std::span<const std::string_view> arguments);

}  // namespace mcast::cli
