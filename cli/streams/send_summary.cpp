#include "cli/streams/send_summary.h"

#include <nlohmann/json.hpp>

#include "api/json_values.h"
#include "base/version.h"

namespace mcast::cli {
namespace {

using api::sender_id_text;
using api::to_text;
using api::valid_utf8;
using Json = nlohmann::ordered_json;

void add_totals(Json& json, const std::vector<SenderSnapshot>& senders) {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t skipped = 0;
  std::map<std::string, std::uint64_t> errors;
  for (const SenderSnapshot& sender : senders) {
    packets += sender.packets;
    bytes += sender.bytes;
    skipped += sender.skipped;
    for (const auto& [name, count] : sender.errors) errors[name] += count;
  }
  json["packets_sent"] = packets;
  json["bytes_sent"] = bytes;
  json["errors"] = send_errors(senders);
  json["errors_by_name"] = Json(errors);
  json["skipped"] = skipped;
}

}  // namespace

std::uint64_t send_errors(const std::vector<SenderSnapshot>& senders) {
  std::uint64_t sum = 0;
  for (const SenderSnapshot& sender : senders) {
    for (const auto& [name, count] : sender.errors) sum += count;
  }
  return sum;
}

std::string send_summary(const SendResult& result) {
  const SenderSnapshot& first = result.senders.front();
  const SenderSpec& spec = first.spec;
  Json json;
  json["tool"] = "mcast-send";
  json["version"] = version();
  json["name"] = valid_utf8(spec.name);
  json["group"] = spec.group.to_string();
  json["interface"] = valid_utf8(first.interface);
  json["source"] = first.local_address ? Json(first.local_address->to_string()) : Json(nullptr);
  json["port"] = spec.port;
  json["ttl"] = spec.ttl;
  json["dscp"] = spec.dscp;
  json["datagram_size"] = spec.size;
  json["target_pps"] = spec.packets_per_second;
  json["sender_id"] = sender_id_text(first.sender_id);
  json["duration_requested_s"] = result.duration_requested_seconds;
  json["duration_actual_s"] = to_seconds(result.elapsed);
  add_totals(json, result.senders);
  if (result.senders.size() > 1) {
    json["groups"] = result.senders.size();
    Json streams = Json::array();
    for (const SenderSnapshot& sender : result.senders) {
      Json stream;
      stream["name"] = valid_utf8(sender.spec.name);
      stream["group"] = sender.spec.group.to_string();
      stream["sender_id"] = sender_id_text(sender.sender_id);
      stream["state"] = to_string(sender.state);
      add_totals(stream, {sender});
      streams.push_back(std::move(stream));
    }
    json["streams"] = std::move(streams);
  }
  return to_text(json, false);
}

}  // namespace mcast::cli
