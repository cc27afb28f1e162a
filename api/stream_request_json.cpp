#include "api/stream_request_json.h"

#include <nlohmann/json.hpp>
#include <string>
#include <variant>

#include "api/json_reader.h"
#include "api/json_values.h"
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
  if (!first.labels.empty()) json["labels"] = labels_json(first.labels);
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

Result<StartedStreams> parse_started_streams(std::string_view text) {
  return read_json<StartedStreams>(text, [](const JsonReader& json) {
    StartedStreams started{
        .name = json.text("name"), .streams = json.texts("streams"), .renew_within = {}};
    if (started.streams.empty()) throw JsonReader::Fault("'streams' is empty");
    if (json.optional("renew_within_s")) started.renew_within = json.duration("renew_within_s");
    return started;
  });
}

}  // namespace mcast::api
