// Receivers as JSON, as docs/api.md describes them: written by the agent, read by the
// commands. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/json_fields.h"
#include "base/clock.h"
#include "base/result.h"
#include "probe/snapshot.h"

namespace mcast::api {

// One line of text.
[[nodiscard]] std::string receiver_json(const ReceiverSnapshot& receiver, Detail detail);

// {"time", "receivers", "sockets"}
[[nodiscard]] std::string receivers_json(const std::vector<ReceiverSnapshot>& receivers,
                                         const std::vector<SocketSnapshot>& sockets,
                                         Nanoseconds realtime, Detail detail);

struct Receivers {
  std::vector<ReceiverSnapshot> receivers;
  std::vector<SocketSnapshot> sockets;
};

// The way back. Keys that are not known are passed over, what is missing or of another
// type is an error that names its place. Without the details their fields are empty.
[[nodiscard]] Result<Receivers> parse_receivers(std::string_view text);

}  // namespace mcast::api
