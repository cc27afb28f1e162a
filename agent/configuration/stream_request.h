// The body of POST /api/v1/receivers or /senders -> the streams that it asks for. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration/request_json.h"
#include "probe/stream_spec.h"

namespace mcast::agent {

template <typename Spec>
struct StreamRequest {
  // Of the first group; empty: the agent chooses one.
  std::string name;
  bool detach = false;
  // One a group of `count`, without names.
  std::vector<Spec> streams;
};

[[nodiscard]] std::expected<StreamRequest<ReceiverSpec>, RequestError> parse_receiver_request(
    std::string_view body);
[[nodiscard]] std::expected<StreamRequest<SenderSpec>, RequestError> parse_sender_request(
    std::string_view body);

}  // namespace mcast::agent
