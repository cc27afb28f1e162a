// The body of POST /api/v1/receivers or /senders -> the streams that it asks for. The body is
// judged by the same code as an entry of the configuration. Bounded in depth and size; a field
// given twice is refused, which JSON libraries let pass. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "probe/stream_spec.h"

namespace mcast::agent {

// Why a request is refused: the `error` object of docs/api.md.
struct RequestError {
  int status = 400;
  std::string code;
  std::string message;
  std::string field = {};  // empty: none is to blame
};

template <typename Spec>
struct StreamRequest {
  // Of the first group; empty: the agent chooses one.
  std::string name;
  bool detach = false;
  // One for each group of `count`, without names.
  std::vector<Spec> streams;
};

[[nodiscard]] std::expected<StreamRequest<ReceiverSpec>, RequestError> parse_receiver_request(
    std::string_view body);
[[nodiscard]] std::expected<StreamRequest<SenderSpec>, RequestError> parse_sender_request(
    std::string_view body);

}  // namespace mcast::agent
