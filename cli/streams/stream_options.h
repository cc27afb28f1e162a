// The command lines of mcast-send and mcast-receive as checked values. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/arguments/exit_code.h"
#include "cli/streams/stream_verdict.h"
#include "probe/stream_settings.h"

namespace mcast::cli {

// What both commands have.
struct StreamOptions {
  std::string name = {};                  // as given, else empty
  std::optional<std::string> agent = {};  // the socket of the agent that runs the streams
  bool detach = false;
  bool is_list = false;  // of groups that are not consecutive
  bool quiet = false;
  bool json = false;
  bool events = false;       // mcast-receive
  bool remove = false;       // the agent's stream `name` is to end, and nothing else
  Nanoseconds duration = 0;  // 0: for ever
  // The keys of a stream (probe/stream_settings.h) that were given: of the others an agent has
  // its own defaults.
  StreamKeys given = {};

  // Whether a live view is wanted where there can be one.
  [[nodiscard]] bool wants_view() const { return !quiet && !json && !events; }
};

struct SendOptions : StreamOptions {
  // One stream for each group. Several are named NAME-1, NAME-2, ... as the agent names
  // those of a `count`; without a name, by their groups.
  std::vector<SenderSpec> streams;
};

struct ReceiveOptions : StreamOptions, FailConditions {
  // As above. Empty: a stream of the agent is watched or removed, the one named `name`.
  std::vector<ReceiverSpec> streams;
  // The newest version of IGMP or MLD is forced where the interface forces another one and none
  // is asked for, which would be in the streams.
  bool force = true;
};

[[nodiscard]] std::variant<SendOptions, EndNow> parse_send_options(
    std::span<const std::string_view> arguments);
[[nodiscard]] std::variant<ReceiveOptions, EndNow> parse_receive_options(
    std::span<const std::string_view> arguments);

}  // namespace mcast::cli
