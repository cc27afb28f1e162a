#include "cli/streams/stream_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "api/json_values.h"
#include "base/version.h"
#include "cli/streams/stream_totals.h"

namespace mcast::cli {
namespace {

using api::valid_utf8;
using Json = nlohmann::ordered_json;

Json or_null(const std::optional<IpAddress>& address) {
  return address ? Json(address->to_string()) : Json(nullptr);
}
template <typename Number>
Json or_null(std::optional<Number> number) {
  return number ? Json(*number) : Json(nullptr);
}

// Seconds, below 0 not known.
Json seconds_or_null(Nanoseconds duration) {
  return duration < 0 ? Json(nullptr) : Json(to_seconds(duration));
}
Json time_or_null(Nanoseconds realtime) {
  return realtime > 0 ? Json(api::time_text(realtime)) : Json(nullptr);
}

// Whole seconds as the original has them.
Json seconds_json(Nanoseconds duration) {
  return duration % kSecond == 0 ? Json(duration / kSecond) : Json(to_seconds(duration));
}

// The verdict on stream `stream`, or on all.
// 4 or 6, as the original has it.
int family_number(const IpAddress& group) {
  return static_cast<int>(group.family());
}

Json verdict_json(const StreamResult& result, std::optional<std::size_t> stream = {}) {
  Json failed = Json::array();
  Json reasons = Json::array();
  const auto add = [](Json& list, std::string_view text) {
    if (std::ranges::find(list, Json(text)) == list.end()) list.push_back(text);
  };
  for (const Failure& failure : result.failures) {
    if (stream && failure.stream != *stream) continue;
    add(failed, failure.condition);
    add(reasons, failure.text);
  }
  return {{"result", failed.empty() ? "pass" : "fail"},
          {"failed", std::move(failed)},
          {"reasons", std::move(reasons)}};
}

Json received_json(const StreamTotals& totals, Nanoseconds elapsed) {
  const ReceptionCounters& counters = totals.counters;
  const SourceSnapshot latest = totals.latest != nullptr ? *totals.latest : SourceSnapshot{};
  Json of_latest{{"last_recv_ttl", latest.ttl},   {"last_orig_ttl", latest.sent_ttl},
                 {"last_recv_dscp", latest.dscp}, {"last_orig_dscp", latest.sent_dscp},
                 {"hops", latest.hops()},         {"jitter_s", to_seconds(latest.jitter)}};
  if (totals.latest == nullptr) {
    for (Json& value : of_latest) value = nullptr;
  }
  const StreamTotals::Worst& longest = totals.longest_gap;
  Json rejected = Json::object();
  for (const auto& [reason, count] : kRejections) rejected[reason] = totals.rejected.*count;
  Json json{{"packets_recv", counters.packets},
            {"bytes_recv", counters.bytes},
            {"packets_lost", counters.lost},
            {"duplicates", counters.duplicates},
            {"reordered", counters.reordered},
            {"gaps", totals.stalls},
            {"stalls", totals.stalls},
            {"sender_restarts", totals.restarts},
            {"senders_seen", totals.senders_seen},
            {"foreign_packets", totals.rejected.foreign}};
  json.update(of_latest);
  json.update(Json{{"loss_percent", or_null(totals.loss_percent())},
                   {"rate_pps", mean_rate(totals, elapsed)},
                   {"join_delay_s", seconds_or_null(totals.join_delay.value)},
                   {"packets_overdue", totals.overdue},
                   {"packets_outage_lost", counters.outage_lost},
                   {"packets_late", counters.late},
                   {"rejected", std::move(rejected)},
                   {"remarked_packets", counters.remarked},
                   {"ttl_changes", counters.ttl_changes},
                   {"errored_seconds", counters.errored_seconds},
                   {"loss_bursts", counters.loss_bursts.count()},
                   {"stalled_s", to_seconds(totals.stalled_time)},
                   {"longest_interruption_s", to_seconds(std::max<Nanoseconds>(longest.value, 0))},
                   {"longest_interruption_at", time_or_null(longest.realtime)}});
  return json;
}

Json gaps_json(const std::vector<Gap>& gaps) {
  Json list = Json::array();
  for (const Gap& gap : gaps) {
    list.push_back({{"time", api::time_text(gap.realtime)},
                    {"length_s", to_seconds(gap.length)},
                    {"packets_lost", gap.lost_packets}});
  }
  return list;
}

Json source_json(const SourceSnapshot& source) {
  const StreamTotals::Worst longest = longest_gap_of(source);
  return {{"source", source.source.to_string()},
          {"sender_id", sender_id_text(source.sender_id)},
          {"packets_recv", source.counters.packets},
          {"packets_lost", with_overdue(source).lost},
          {"packets_overdue", source.overdue},
          {"packets_late", source.counters.late},
          {"duplicates", source.counters.duplicates},
          {"reordered", source.counters.reordered},
          {"remarked_packets", source.counters.remarked},
          {"restarts", source.restarts},
          {"ttl", source.ttl},
          {"hops", source.hops()},
          {"dscp", source.dscp},
          {"jitter_s", to_seconds(source.jitter)},
          {"longest_interruption_s", to_seconds(std::max<Nanoseconds>(longest.value, 0))},
          {"longest_interruption_at", time_or_null(longest.realtime)},
          {"newest_gaps", gaps_json(source.gaps)},
          {"longest_gaps", gaps_json(source.longest_gaps)}};
}

// What says which streams these are; `stream` is the first of them.
Json identity_json(const ReceiverSnapshot& stream) {
  const ReceiverSpec& spec = stream.spec;
  return {{"group", spec.group.to_string()},
          {"family", family_number(spec.group)},
          {"source", or_null(spec.source)},
          {"interface", valid_utf8(stream.interface)},
          {"port", spec.port}};
}

Json stream_json(const StreamResult& result, std::size_t index) {
  const ReceiverSnapshot& stream = result.streams.receivers[index];
  Json json{{"name", valid_utf8(stream.spec.name)}};
  json.update(identity_json(stream));
  json.update(
      Json{{"state", to_string(stream.state)},
           {"error", stream.error.empty() ? Json(nullptr) : Json(valid_utf8(stream.error))}});
  json.update(verdict_json(result, index));
  json.update(received_json(totals_of(stream), result.elapsed));
  Json senders = Json::array();
  for (const SourceSnapshot& source : stream.sources) senders.push_back(source_json(source));
  json["senders"] = std::move(senders);
  return json;
}

Json sent_json(const StreamTotals& totals, Nanoseconds elapsed) {
  return {{"packets_sent", totals.counters.packets}, {"rate_pps", mean_rate(totals, elapsed)},
          {"bytes_sent", totals.counters.bytes},     {"errors", totals.counters.lost},
          {"errors_by_name", totals.errors},         {"skipped", totals.skipped}};
}

Json stream_json(const StreamResult& result, const SenderSnapshot& stream) {
  const SenderSpec& spec = stream.spec;
  Json json{{"name", valid_utf8(spec.name)},
            {"group", spec.group.to_string()},
            {"family", family_number(spec.group)},
            {"interface", valid_utf8(stream.interface)},
            {"source", or_null(spec.source)},
            {"local_address", or_null(stream.local_address)},
            {"port", spec.port},
            {"ttl", spec.ttl},
            {"dscp", spec.dscp},
            {"datagram_size", spec.size},
            {"target_pps", spec.packets_per_second},
            {"sender_id", sender_id_text(stream.sender_id)},
            {"state", to_string(stream.state)}};
  json.update(sent_json(totals_of(stream), result.elapsed));
  return json;
}

// The keys of a group stand beside those of the command: of the first, with sums for several.
Json summary_of_received(const StreamResult& result) {
  const Receivers& receivers = result.streams.receivers;
  Json json{
      {"tool", "mcast-receive"}, {"version", version()}, {"elapsed_s", to_seconds(result.elapsed)}};
  const std::string protocol = receivers.front().spec.group.is_v4() ? "igmp" : "mld";
  json[protocol + "_version_requested"] = or_null(result.version_requested);
  json[protocol + "_version_in_operation"] = or_null(result.version_in_operation);
  const StreamTotals totals = totals_of(receivers, result.streams.sockets);
  Json groups = Json::array();
  for (std::size_t i = 0; i < receivers.size(); ++i) groups.push_back(stream_json(result, i));
  if (receivers.size() == 1) {
    json.update(groups.front());
  } else {
    json.update(identity_json(receivers.front()));
    json["state"] = to_string(worst_state(totals));
    json.update(received_json(totals, result.elapsed));
  }
  json.update(verdict_json(result));
  json["socket_drops"] = totals.socket_drops;
  json["groups"] = std::move(groups);
  return json;
}

Json summary_of_sent(const StreamResult& result) {
  const Senders& senders = result.streams.senders;
  Json json{{"tool", "mcast-send"},
            {"version", version()},
            {"duration_requested_s", seconds_json(result.duration_requested)},
            {"duration_actual_s", to_seconds(result.elapsed)}};
  Json groups = Json::array();
  for (const SenderSnapshot& sender : senders) groups.push_back(stream_json(result, sender));
  json.update(groups.front());
  json.update(sent_json(totals_of(senders), result.elapsed));
  json["groups"] = std::move(groups);
  return json;
}

}  // namespace

std::string summary_json(const StreamResult& result) {
  return api::to_text(
      result.streams.receivers.empty() ? summary_of_sent(result) : summary_of_received(result),
      true);
}

}  // namespace mcast::cli
