#include "api/stream_request_json.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "api/json_reader.h"
#include "api/json_writer.h"

namespace mcast::api {
namespace {

using Json = nlohmann::ordered_json;

// The shortest text that stands for this very number; never with an exponent, which the
// configuration does not take.
std::string decimal(double value) {
  std::array<char, 512> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return error == std::errc{} ? std::string(text.data(), end) : "0";
}

std::string duration_text(Nanoseconds duration) {
  return decimal(static_cast<double>(duration) / static_cast<double>(kMillisecond)) + "ms";
}

// What both kinds of stream have.
template <typename Spec>
Json request_of(const Spec& first, const StreamRequestTerms& terms) {
  Json json = Json::object();
  if (!terms.name.empty()) json["name"] = valid_utf8(terms.name);
  json["group"] = first.group.to_string();
  if (terms.count != 1) json["count"] = terms.count;
  if (first.source) json["source"] = first.source->to_string();
  if (!first.interface.empty()) json["interface"] = valid_utf8(first.interface);
  json["port"] = first.port;
  if (first.packet_limit != 0) json["packets"] = first.packet_limit;
  for (const auto& [name, label] : first.labels)
    json["labels"][valid_utf8(name)] = valid_utf8(label);
  if (terms.detach) json["detach"] = true;
  return json;
}

}  // namespace

std::string stream_request_json(const ReceiverSpec& first, const StreamRequestTerms& terms) {
  Json json = request_of(first, terms);
  json["stall_timeout"] = duration_text(first.stall_timeout);
  json["loss_timeout"] = duration_text(first.loss_timeout);
  if (first.igmp_version) json["igmp_version"] = *first.igmp_version;
  return to_text(json, true);
}

std::string stream_request_json(const SenderSpec& first, const StreamRequestTerms& terms) {
  Json json = request_of(first, terms);
  json["rate"] = decimal(first.packets_per_second) + "pps";
  json["size"] = first.size;
  json["ttl"] = first.ttl;
  json["dscp"] = first.dscp;
  json["loopback"] = first.loopback;
  if (first.duration != 0) json["duration"] = duration_text(first.duration);
  return to_text(json, true);
}

// What the agent answers.
void fields(auto& io, Like<StartedStreams> auto& started) {
  io("name", started.name);
  io("streams", started.streams);
  io("renew_within_s", seconds_or_null(started.renew_within));
}

std::string started_streams_json(const StartedStreams& started) {
  return to_text(tree_of(started), true);
}

Result<StartedStreams> parse_started_streams(std::string_view text) {
  return read_json<StartedStreams>(text, [](const JsonReader& json, StartedStreams& started) {
    json.read(started);
    if (started.streams.empty()) throw JsonReader::Fault("'streams' is empty");
  });
}

}  // namespace mcast::api
