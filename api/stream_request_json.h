// What starts an ad hoc stream in an agent, as docs/api.md describes it: the body of the
// POST, and the answer. The agent reads bodies with the code of its configuration. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "probe/stream_spec.h"

namespace mcast::api {

struct StreamRequestTerms {
  std::string name = {};    // empty: the agent chooses one
  std::uint64_t count = 1;  // consecutive groups from the stream's on
  bool detach = false;      // stays when its client goes
};

// `first` is the stream of the first group; its name and origin do not matter.
[[nodiscard]] std::string stream_request_json(const ReceiverSpec& first,
                                              const StreamRequestTerms& terms);
[[nodiscard]] std::string stream_request_json(const SenderSpec& first,
                                              const StreamRequestTerms& terms);

struct StartedStreams {
  std::string name;                         // by which it is renewed and deleted
  std::vector<std::string> streams;         // at least one
  std::optional<Nanoseconds> renew_within;  // nothing: detached
};
[[nodiscard]] std::string started_streams_json(const StartedStreams& started);
[[nodiscard]] Result<StartedStreams> parse_started_streams(std::string_view text);

}  // namespace mcast::api
