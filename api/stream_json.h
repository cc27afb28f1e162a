// Receivers and senders as JSON, as docs/api.md describes them: written by the agent, read by
// the commands; and how ad hoc ones are asked for. The agent reads the bodies of requests with
// the code of its configuration. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_values.h"
#include "base/clock.h"
#include "base/result.h"
#include "probe/snapshot.h"
#include "probe/stream_settings.h"

namespace mcast::api {

// All of these are one line of text.
[[nodiscard]] std::string receiver_json(const ReceiverSnapshot& receiver, Detail detail);
[[nodiscard]] std::string sender_json(const SenderSnapshot& sender, Detail detail);
// {"time", "receivers", "sockets"}
[[nodiscard]] std::string receivers_json(const std::vector<ReceiverSnapshot>& receivers,
                                         const std::vector<SocketSnapshot>& sockets,
                                         Nanoseconds realtime, Detail detail);
// {"time", "senders"}
[[nodiscard]] std::string senders_json(const std::vector<SenderSnapshot>& senders,
                                       Nanoseconds realtime, Detail detail);

// The way back. Keys that are not known are passed over, what is missing or of another
// type is an error that names its place. Without the details their fields are empty.
[[nodiscard]] Result<ProbeSnapshot> parse_receivers(std::string_view text);
[[nodiscard]] Result<std::vector<SenderSnapshot>> parse_senders(std::string_view text);

struct StreamRequestTerms {
  std::string name = {};    // empty: the agent chooses one
  std::uint64_t count = 1;  // consecutive groups from the stream's on
  bool detach = false;      // stays when its client goes
  // The keys that are asked for, besides the group; the others are the agent's business. Nothing:
  // all.
  std::optional<StreamKeys> keys = {};
};

// `first` is the stream of the first group; its name and origin do not matter.
template <typename Spec>
[[nodiscard]] std::string stream_request_json(const Spec& first, const StreamRequestTerms& terms);

struct StartedStreams {
  std::string name;                         // by which it is renewed and deleted
  std::vector<std::string> streams;         // at least one
  std::optional<Nanoseconds> renew_within;  // nothing: detached
  // Of the first stream that failed, else of the first: as ReceiverSnapshot or SenderSnapshot
  // have it.
  std::string state = {};
  std::optional<std::string> error = {};
};
[[nodiscard]] std::string started_streams_json(const StartedStreams& started);
[[nodiscard]] Result<StartedStreams> parse_started_streams(std::string_view text);

// What ?name= has to be for these streams, at least one: the name, or of several what all begin
// with, and '*'. It may fit others as well.
[[nodiscard]] std::string pattern_of(const std::vector<std::string>& streams);

// Everything but the unreserved characters of RFC 3986 as %XX: fit for one segment of a
// path and for a value of a query.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace mcast::api
