#include "cli/streams/receive_summary.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "api/json_values.h"
#include "base/version.h"
#include "cli/streams/receive_sum.h"

namespace mcast::cli {
namespace {

using api::sender_id_text;
using api::time_text;
using api::to_text;
using api::valid_utf8;
using Json = nlohmann::ordered_json;

Json rejected_json(const RejectedPackets& rejected) {
  return {{"foreign", rejected.foreign},
          {"version", rejected.version},
          {"truncated", rejected.truncated},
          {"stale", rejected.stale},
          {"implausible", rejected.implausible}};
}

// Absent values are null, so that a script finds every key.
void add_latest(Json& json, const SourceSnapshot* latest) {
  const auto of_latest = [&](auto member) -> Json {
    return latest == nullptr ? Json(nullptr) : Json(latest->*member);
  };
  json["last_recv_ttl"] = of_latest(&SourceSnapshot::ttl);
  json["last_orig_ttl"] = of_latest(&SourceSnapshot::sent_ttl);
  json["last_recv_dscp"] = of_latest(&SourceSnapshot::dscp);
  json["last_orig_dscp"] = of_latest(&SourceSnapshot::sent_dscp);
  json["hops"] = latest == nullptr ? Json(nullptr) : Json(latest->hops());
  json["jitter_s"] = latest == nullptr ? Json(nullptr) : Json(to_seconds(latest->jitter));
}

void add_totals(Json& json, const ReceiveSum& totals) {
  const ReceptionCounters& counters = totals.counters;
  json["packets_recv"] = counters.packets;
  json["bytes_recv"] = counters.bytes;
  json["packets_lost"] = counters.lost;
  json["duplicates"] = counters.duplicates;
  json["reordered"] = counters.reordered;
  json["gaps"] = totals.stalls;
  json["sender_restarts"] = totals.restarts;
  json["senders_seen"] = totals.senders_seen;
  json["foreign_packets"] = totals.rejected.foreign;
  add_latest(json, totals.latest);
  json["loss_percent"] = totals.loss_percent();
  json["packets_late"] = counters.late;
  json["rejected"] = rejected_json(totals.rejected);
  json["remarked_packets"] = counters.remarked;
  json["ttl_changes"] = counters.ttl_changes;
  json["errored_seconds"] = counters.errored_seconds;
  json["loss_bursts"] = counters.loss_bursts.count();
  json["stalled_s"] = to_seconds(totals.stalled_time);
  json["longest_interruption_s"] = to_seconds(totals.longest_interruption);
}

Json source_json(const SourceSnapshot& source) {
  Json json = {{"source", source.source.to_string()},
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
               {"longest_interruption_s", to_seconds(source.longest_interruption)}};
  Json gaps = Json::array();
  for (const Gap& gap : source.gaps) {
    gaps.push_back({{"time", time_text(gap.realtime)},
                    {"length_s", to_seconds(gap.length)},
                    {"packets_lost", gap.lost_packets}});
  }
  json["newest_gaps"] = std::move(gaps);
  return json;
}

Json stream_json(const ReceiverSnapshot& stream) {
  Json json;
  json["name"] = valid_utf8(stream.spec.name);
  json["group"] = stream.spec.group.to_string();
  json["state"] = to_string(stream.state);
  if (!stream.error.empty()) json["error"] = valid_utf8(stream.error);
  json["join_delay_s"] =
      stream.join_delay < 0 ? Json(nullptr) : Json(to_seconds(stream.join_delay));
  add_totals(json, sum_of(std::span(&stream, 1)));
  Json senders = Json::array();
  for (const SourceSnapshot& source : stream.sources) senders.push_back(source_json(source));
  json["senders"] = std::move(senders);
  return json;
}

}  // namespace

std::string receive_summary(const ReceiveResult& result, bool one_line) {
  const ReceiverSnapshot& first = result.receivers.front();
  const ReceiverSpec& spec = first.spec;
  Json json;
  json["tool"] = "mcast-receive";
  json["version"] = version();
  json["group"] = spec.group.to_string();
  json["source"] = spec.source ? Json(spec.source->to_string()) : Json(nullptr);
  json["interface"] = valid_utf8(first.interface);
  json["port"] = spec.port;
  json["igmp_version_requested"] =
      result.igmp_requested ? Json(*result.igmp_requested) : Json(nullptr);
  json["igmp_version_in_operation"] =
      result.igmp_in_operation ? Json(*result.igmp_in_operation) : Json(nullptr);
  json["elapsed_s"] = to_seconds(result.elapsed);
  if (result.receivers.size() == 1) {
    // The keys of the stream stand beside those of the command.
    json.update(stream_json(first));
  } else {
    json["groups"] = result.receivers.size();
    add_totals(json, sum_of(result.receivers));
  }
  json["socket_drops"] =
      std::accumulate(result.sockets.begin(), result.sockets.end(), std::uint64_t{0},
                      [](std::uint64_t sum, const SocketSnapshot& s) { return sum + s.drops; });
  if (result.receivers.size() > 1) {
    Json streams = Json::array();
    for (const ReceiverSnapshot& stream : result.receivers) streams.push_back(stream_json(stream));
    json["streams"] = std::move(streams);
  }
  return to_text(json, one_line);
}

}  // namespace mcast::cli
