#include "api/sender_json.h"

#include <array>
#include <utility>

#include "api/histogram_json.h"
#include "api/json_reader.h"
#include "api/json_writer.h"

namespace mcast::api {
namespace {

constexpr std::array kStates{SenderState::kSending, SenderState::kFinished, SenderState::kFailed};

}  // namespace

void fields(auto& io, Like<SenderSnapshot> auto& sender) {
  auto& spec = sender.spec;
  io("name", spec.name);
  io("origin", one_of(spec.origin, kStreamOrigins));
  io("group", spec.group);
  io.written("family", to_string(spec.group.family()));
  io("source", spec.source);
  io("interface", sender.interface);
  io("port", spec.port);
  io("rate_pps", spec.packets_per_second);
  io("size", within(spec.size, kMinDatagramSize, kMaxDatagramSize));
  io("ttl", spec.ttl);
  io("dscp", within(spec.dscp, 0, 63));
  io("loopback", spec.loopback);
  io("packet_limit", spec.packet_limit);
  io("duration_s", seconds(spec.duration));
  io("labels", spec.labels);
  io("state", one_of(sender.state, kStates));
  io("state_since", time_or_null(sender.state_since_realtime));
  io("error", text_or_null(sender.error));
  io("local_address", sender.local_address);
  io("sender_id", sender_id(sender.sender_id));
  io("packets", sender.packets);
  io("bytes", sender.bytes);
  io("skipped", sender.skipped);
  io("errors", sender.errors);
  io.detail("schedule_lag", sender.schedule_lag);
}

std::string sender_json(const SenderSnapshot& sender, Detail detail) {
  return text_of(sender, detail);
}

std::string senders_json(const std::vector<SenderSnapshot>& senders, Nanoseconds realtime,
                         Detail detail) {
  return text_of(object([&](auto& io) {
                   io("time", time_or_null(std::as_const(realtime)));
                   io("senders", senders);
                 }),
                 detail);
}

Result<std::vector<SenderSnapshot>> parse_senders(std::string_view text) {
  using Senders = std::vector<SenderSnapshot>;
  return read_json<Senders>(text, [](const JsonReader& json, Senders& senders) {
    json("senders", senders);
    for (SenderSnapshot& sender : senders) sender.spec.interface = sender.interface;
  });
}

}  // namespace mcast::api
