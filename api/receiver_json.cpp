#include "api/receiver_json.h"

#include <nlohmann/json.hpp>

#include "api/histogram_json.h"
#include "api/json_reader.h"
#include "api/json_values.h"

namespace mcast::api {
namespace {

using Json = nlohmann::ordered_json;

Json source_json(const SourceSnapshot& source, Detail detail) {
  const ReceptionCounters& counters = source.counters;
  Json json{{"source", source.source.to_string()},
            {"sender_id", sender_id_text(source.sender_id)},
            {"packets", counters.packets},
            {"bytes", counters.bytes},
            {"lost", counters.lost},
            {"late", counters.late},
            {"duplicates", counters.duplicates},
            {"reordered", counters.reordered},
            {"errored_s", counters.errored_seconds},
            {"restarts", source.restarts},
            {"ttl_changes", counters.ttl_changes},
            {"remarked", counters.remarked},
            {"longest_interruption_s", to_seconds(source.longest_interruption)},
            {"ttl", source.ttl},
            {"sent_ttl", source.sent_ttl},
            {"hops", source.hops()},
            {"dscp", source.dscp},
            {"sent_dscp", source.sent_dscp},
            {"jitter_s", to_seconds(source.jitter)},
            {"last_packet", time_or_null(source.last_packet_realtime)}};
  if (detail == Detail::kSummary) return json;
  json["loss_bursts"] = histogram_json(counters.loss_bursts);
  json["interruptions"] = histogram_json(counters.interruptions);
  Json gaps = Json::array();
  for (const Gap& gap : source.gaps) {
    gaps.push_back({{"time", time_text(gap.realtime)},
                    {"length_s", to_seconds(gap.length)},
                    {"lost", gap.lost_packets}});
  }
  json["gaps"] = std::move(gaps);
  return json;
}

SourceSnapshot read_source(const JsonReader& json) {
  SourceSnapshot source;
  source.source = json.address("source");
  source.sender_id = json.sender_id("sender_id");
  ReceptionCounters& counters = source.counters;
  counters.packets = json.count("packets");
  counters.bytes = json.count("bytes");
  counters.lost = json.count("lost");
  counters.late = json.count("late");
  counters.duplicates = json.count("duplicates");
  counters.reordered = json.count("reordered");
  counters.errored_seconds = json.count("errored_s");
  source.restarts = json.count("restarts");
  counters.ttl_changes = json.count("ttl_changes");
  counters.remarked = json.count("remarked");
  source.longest_interruption = json.duration("longest_interruption_s");
  source.ttl = json.integer("ttl", 0, 255);
  source.sent_ttl = json.integer("sent_ttl", 0, 255);
  source.dscp = json.integer("dscp", 0, 63);
  source.sent_dscp = json.integer("sent_dscp", 0, 255);
  source.jitter = json.duration("jitter_s");
  source.last_packet_realtime = json.time("last_packet").value_or(0);
  if (const auto bursts = json.optional("loss_bursts"))
    read_histogram(*bursts, counters.loss_bursts);
  if (const auto lengths = json.optional("interruptions")) {
    read_histogram(*lengths, counters.interruptions);
  }
  if (json.optional("gaps")) {
    for (const JsonReader& gap : json.list("gaps")) {
      source.gaps.push_back({.realtime = gap.time("time").value_or(0),
                             .length = gap.duration("length_s"),
                             .lost_packets = gap.count("lost")});
    }
  }
  return source;
}

ReceiverSnapshot read_receiver(const JsonReader& json) {
  ReceiverSnapshot receiver;
  ReceiverSpec& spec = receiver.spec;
  spec.name = json.text("name");
  spec.origin = json.origin("origin");
  spec.group = json.address("group");
  spec.source = json.optional_address("source");
  receiver.interface = json.text("interface");
  spec.interface = receiver.interface;
  spec.port = static_cast<std::uint16_t>(json.integer("port", 0, 65'535));
  spec.stall_timeout = json.duration("stall_timeout_s");
  spec.loss_timeout = json.duration("loss_timeout_s");
  if (json.optional("igmp_version")) spec.igmp_version = json.integer("igmp_version", 1, 3);
  spec.packet_limit = json.count("packet_limit");
  spec.labels = json.labels("labels");
  receiver.state = json.one_of("state", {ReceiverState::kWaiting, ReceiverState::kReceiving,
                                         ReceiverState::kStalled, ReceiverState::kFailed});
  receiver.state_since_realtime = json.time("state_since").value_or(0);
  receiver.error = json.optional_text("error");
  receiver.stalls = json.count("stalls");
  receiver.stalled_time = json.duration("stalled_s");
  receiver.join_delay = json.optional("join_delay_s") ? json.duration("join_delay_s") : -1;
  receiver.last_packet_realtime = json.time("last_packet").value_or(0);
  receiver.active_senders = json.count("active_senders");
  receiver.senders_seen = json.count("senders_seen");
  receiver.untracked_packets = json.count("untracked_packets");
  const JsonReader rejected = json.object("rejected");
  receiver.rejected = {.foreign = rejected.count("foreign"),
                       .version = rejected.count("version"),
                       .truncated = rejected.count("truncated"),
                       .stale = rejected.count("stale"),
                       .implausible = rejected.count("implausible")};
  for (const JsonReader& source : json.list("senders")) {
    receiver.sources.push_back(read_source(source));
  }
  return receiver;
}

SocketSnapshot read_socket(const JsonReader& json) {
  return {.port = static_cast<std::uint16_t>(json.integer("port", 0, 65'535)),
          .family = json.one_of("family", {Family::kIpv4, Family::kIpv6}),
          .drops = json.count("drops"),
          .datagrams = json.count("datagrams"),
          .not_joined = json.count("not_joined")};
}

}  // namespace

Json receiver_json(const ReceiverSnapshot& receiver, Detail detail) {
  const ReceiverSpec& spec = receiver.spec;
  const RejectedPackets& rejected = receiver.rejected;
  Json senders = Json::array();
  for (const SourceSnapshot& source : receiver.sources) {
    senders.push_back(source_json(source, detail));
  }
  return {
      {"name", valid_utf8(spec.name)},
      {"origin", to_string(spec.origin)},
      {"group", spec.group.to_string()},
      {"source", spec.source ? Json(spec.source->to_string()) : Json()},
      {"interface", valid_utf8(receiver.interface)},
      {"port", spec.port},
      {"stall_timeout_s", to_seconds(spec.stall_timeout)},
      {"loss_timeout_s", to_seconds(spec.loss_timeout)},
      {"igmp_version", spec.igmp_version ? Json(*spec.igmp_version) : Json()},
      {"packet_limit", spec.packet_limit},
      {"labels", labels_json(spec.labels)},
      {"state", to_string(receiver.state)},
      {"state_since", time_or_null(receiver.state_since_realtime)},
      {"error", receiver.error.empty() ? Json() : Json(valid_utf8(receiver.error))},
      {"stalls", receiver.stalls},
      {"stalled_s", to_seconds(receiver.stalled_time)},
      {"join_delay_s", receiver.join_delay < 0 ? Json() : Json(to_seconds(receiver.join_delay))},
      {"last_packet", time_or_null(receiver.last_packet_realtime)},
      {"active_senders", receiver.active_senders},
      {"senders_seen", receiver.senders_seen},
      {"untracked_packets", receiver.untracked_packets},
      {"rejected",
       {{"foreign", rejected.foreign},
        {"version", rejected.version},
        {"truncated", rejected.truncated},
        {"stale", rejected.stale},
        {"implausible", rejected.implausible}}},
      {"senders", std::move(senders)}};
}

Json receivers_json(const std::vector<ReceiverSnapshot>& receivers,
                    const std::vector<SocketSnapshot>& sockets, Nanoseconds realtime,
                    Detail detail) {
  Json list = Json::array();
  for (const ReceiverSnapshot& receiver : receivers) {
    list.push_back(receiver_json(receiver, detail));
  }
  Json of_sockets = Json::array();
  for (const SocketSnapshot& socket : sockets) {
    of_sockets.push_back({{"port", socket.port},
                          {"family", to_string(socket.family)},
                          {"drops", socket.drops},
                          {"datagrams", socket.datagrams},
                          {"not_joined", socket.not_joined}});
  }
  return {{"time", time_text(realtime)},
          {"receivers", std::move(list)},
          {"sockets", std::move(of_sockets)}};
}

Result<Receivers> parse_receivers(std::string_view text) {
  return read_json<Receivers>(text, [](const JsonReader& json) {
    Receivers result;
    for (const JsonReader& receiver : json.list("receivers")) {
      result.receivers.push_back(read_receiver(receiver));
    }
    for (const JsonReader& socket : json.list("sockets")) {
      result.sockets.push_back(read_socket(socket));
    }
    return result;
  });
}

}  // namespace mcast::api
