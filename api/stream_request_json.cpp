#include "api/stream_request_json.h"

#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "api/json_reader.h"
#include "api/json_values.h"
#include "api/json_writer.h"
#include "probe/stream_settings.h"

namespace mcast::api {
namespace {

using Json = nlohmann::ordered_json;

template <typename Spec>
std::string request_json(const Spec& first, const StreamRequestTerms& terms) {
  Json json = Json::object();
  if (!terms.name.empty()) json["name"] = valid_utf8(terms.name);
  if (terms.count != 1) json["count"] = terms.count;
  for (const auto& [key, value] : shown_settings(first)) {
    Json& field = json[std::string(key)];
    std::visit([&](const auto& shown) { field = shown; }, value);
    if (field.is_string()) field = valid_utf8(std::get<std::string>(value));
  }
  for (const auto& [name, label] : first.labels) {
    json["labels"][valid_utf8(name)] = valid_utf8(label);
  }
  if (terms.detach) json["detach"] = true;
  return to_text(json, true);
}

}  // namespace

std::string stream_request_json(const ReceiverSpec& first, const StreamRequestTerms& terms) {
  return request_json(first, terms);
}

std::string stream_request_json(const SenderSpec& first, const StreamRequestTerms& terms) {
  return request_json(first, terms);
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
