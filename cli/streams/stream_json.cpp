#include <nlohmann/json.hpp>

#include "api/json_values.h"
#include "base/version.h"
#include "cli/streams/stream_report.h"
#include "cli/streams/stream_totals.h"

namespace mcast::cli {
namespace {

using api::sender_id_text;
using api::valid_utf8;
using Json = nlohmann::ordered_json;

Json text_or_null(const std::optional<IpAddress>& address) {
  return address ? Json(address->to_string()) : Json(nullptr);
}

Json number_or_null(std::optional<int> number) {
  return number ? Json(*number) : Json(nullptr);
}

void add_latest(Json& json, const SourceSnapshot* latest) {
  const auto of_latest = [&](auto value) -> Json {
    return latest == nullptr ? Json(nullptr) : Json(value(*latest));
  };
  using Source = const SourceSnapshot&;
  json["last_recv_ttl"] = of_latest([](Source source) { return source.ttl; });
  json["last_orig_ttl"] = of_latest([](Source source) { return source.sent_ttl; });
  json["last_recv_dscp"] = of_latest([](Source source) { return source.dscp; });
  json["last_orig_dscp"] = of_latest([](Source source) { return source.sent_dscp; });
  json["hops"] = of_latest([](Source source) { return source.hops(); });
  json["jitter_s"] = of_latest([](Source source) { return to_seconds(source.jitter); });
}

void add_received(Json& json, const StreamTotals& totals) {
  const ReceptionCounters& counters = totals.counters;
  const RejectedPackets& rejected = totals.rejected;
  json["packets_recv"] = counters.packets;
  json["bytes_recv"] = counters.bytes;
  json["packets_lost"] = counters.lost;
  json["duplicates"] = counters.duplicates;
  json["reordered"] = counters.reordered;
  json["gaps"] = totals.stalls;
  json["sender_restarts"] = totals.restarts;
  json["senders_seen"] = totals.senders_seen;
  json["foreign_packets"] = rejected.foreign;
  add_latest(json, totals.latest);
  json["loss_percent"] = totals.loss_percent();
  json["packets_late"] = counters.late;
  json["rejected"] = {{"foreign", rejected.foreign},
                      {"version", rejected.version},
                      {"truncated", rejected.truncated},
                      {"stale", rejected.stale},
                      {"implausible", rejected.implausible}};
  json["remarked_packets"] = counters.remarked;
  json["ttl_changes"] = counters.ttl_changes;
  json["errored_seconds"] = counters.errored_seconds;
  json["loss_bursts"] = counters.loss_bursts.count();
  json["stalled_s"] = to_seconds(totals.stalled_time);
  json["longest_interruption_s"] = to_seconds(totals.longest_interruption);
}

Json source_json(const SourceSnapshot& source) {
  Json gaps = Json::array();
  for (const Gap& gap : source.gaps) {
    gaps.push_back({{"time", api::time_text(gap.realtime)},
                    {"length_s", to_seconds(gap.length)},
                    {"packets_lost", gap.lost_packets}});
  }
  return {{"source", source.source.to_string()},
          {"sender_id", sender_id_text(source.sender_id)},
          {"packets_recv", source.counters.packets},
          {"packets_lost", source.counters.lost},
          {"packets_late", source.counters.late},
          {"duplicates", source.counters.duplicates},
          {"reordered", source.counters.reordered},
          {"remarked_packets", source.counters.remarked},
          {"restarts", source.restarts},
          {"ttl", source.ttl},
          {"hops", source.hops()},
          {"dscp", source.dscp},
          {"jitter_s", to_seconds(source.jitter)},
          {"longest_interruption_s", to_seconds(source.longest_interruption)},
          {"newest_gaps", std::move(gaps)}};
}

Json receiver_json(const ReceiverSnapshot& stream) {
  Json json{{"name", valid_utf8(stream.spec.name)},
            {"group", stream.spec.group.to_string()},
            {"state", to_string(stream.state)}};
  if (!stream.error.empty()) json["error"] = valid_utf8(stream.error);
  json["join_delay_s"] =
      stream.join_delay < 0 ? Json(nullptr) : Json(to_seconds(stream.join_delay));
  add_received(json, totals_of(stream));
  Json senders = Json::array();
  for (const SourceSnapshot& source : stream.sources) senders.push_back(source_json(source));
  json["senders"] = std::move(senders);
  return json;
}

void add_sent(Json& json, const StreamTotals& totals) {
  json["packets_sent"] = totals.counters.packets;
  json["bytes_sent"] = totals.counters.bytes;
  json["errors"] = totals.failed_sends;
  json["errors_by_name"] = Json(totals.errors);
  json["skipped"] = totals.skipped;
}

Json sender_json(const SenderSnapshot& stream) {
  Json json{{"name", valid_utf8(stream.spec.name)},
            {"group", stream.spec.group.to_string()},
            {"sender_id", sender_id_text(stream.sender_id)},
            {"state", to_string(stream.state)}};
  add_sent(json, totals_of(std::span(&stream, 1)));
  return json;
}

}  // namespace

std::string received_json(const StreamResult& result) {
  const Receivers& receivers = result.streams.receivers;
  const ReceiverSnapshot& first = receivers.front();
  Json json{{"tool", "mcast-receive"},
            {"version", version()},
            {"group", first.spec.group.to_string()},
            {"family", to_string(first.spec.group.family())},
            {"source", text_or_null(first.spec.source)},
            {"interface", valid_utf8(first.interface)},
            {"port", first.spec.port},
            {"igmp_version_requested", number_or_null(result.igmp_requested)},
            {"igmp_version_in_operation", number_or_null(result.igmp_in_operation)},
            {"elapsed_s", to_seconds(result.elapsed)}};
  const StreamTotals totals = totals_of(receivers, result.streams.sockets);
  if (receivers.size() == 1) {
    // The keys of the stream stand beside those of the command.
    json.update(receiver_json(first));
  } else {
    json["groups"] = receivers.size();
    add_received(json, totals);
  }
  json["socket_drops"] = totals.socket_drops;
  if (receivers.size() > 1) {
    Json streams = Json::array();
    for (const ReceiverSnapshot& stream : receivers) streams.push_back(receiver_json(stream));
    json["streams"] = std::move(streams);
  }
  return api::to_text(json, true);
}

std::string sent_json(const StreamResult& result) {
  const Senders& senders = result.streams.senders;
  const SenderSnapshot& first = senders.front();
  const SenderSpec& spec = first.spec;
  Json json{{"tool", "mcast-send"},
            {"version", version()},
            {"name", valid_utf8(spec.name)},
            {"group", spec.group.to_string()},
            {"family", to_string(spec.group.family())},
            {"interface", valid_utf8(first.interface)},
            {"source", text_or_null(spec.source)},
            {"local_address", text_or_null(first.local_address)},
            {"port", spec.port},
            {"ttl", spec.ttl},
            {"dscp", spec.dscp},
            {"datagram_size", spec.size},
            {"target_pps", spec.packets_per_second},
            {"sender_id", sender_id_text(first.sender_id)},
            {"duration_requested_s", result.duration_requested_seconds},
            {"duration_actual_s", to_seconds(result.elapsed)}};
  add_sent(json, totals_of(senders));
  if (senders.size() > 1) {
    json["groups"] = senders.size();
    Json streams = Json::array();
    for (const SenderSnapshot& stream : senders) streams.push_back(sender_json(stream));
    json["streams"] = std::move(streams);
  }
  return api::to_text(json, true);
}

}  // namespace mcast::cli
