#include "api/receiver_json.h"

#include "api/histogram_json.h"
#include "api/json_reader.h"
#include "api/json_values.h"
#include "api/json_writer.h"

namespace mcast::api {
namespace {

void write(JsonWriter& json, const SourceSnapshot& source, Detail detail) {
  const ReceptionCounters& counters = source.counters;
  json.begin_object();
  json.key("source");
  json.address(source.source);
  json.key("sender_id");
  json.text(sender_id_text(source.sender_id));
  json.key("packets");
  json.number(counters.packets);
  json.key("bytes");
  json.number(counters.bytes);
  json.key("lost");
  json.number(counters.lost);
  json.key("late");
  json.number(counters.late);
  json.key("duplicates");
  json.number(counters.duplicates);
  json.key("reordered");
  json.number(counters.reordered);
  json.key("errored_s");
  json.number(counters.errored_seconds);
  json.key("restarts");
  json.number(source.restarts);
  json.key("ttl_changes");
  json.number(counters.ttl_changes);
  json.key("remarked");
  json.number(counters.remarked);
  json.key("longest_interruption_s");
  json.seconds(source.longest_interruption);
  json.key("ttl");
  json.number(source.ttl);
  json.key("sent_ttl");
  json.number(source.sent_ttl);
  json.key("hops");
  json.number(source.hops());
  json.key("dscp");
  json.number(source.dscp);
  json.key("sent_dscp");
  json.number(source.sent_dscp);
  json.key("jitter_s");
  json.seconds(source.jitter);
  json.key("last_packet");
  json.time(source.last_packet_realtime);
  if (detail == Detail::kFull) {
    json.key("loss_bursts");
    write_histogram(json, counters.loss_bursts);
    json.key("interruptions");
    write_histogram(json, counters.interruptions);
    json.key("gaps");
    json.begin_array();
    for (const Gap& gap : source.gaps) {
      json.begin_object();
      json.key("time");
      json.time(gap.realtime);
      json.key("length_s");
      json.seconds(gap.length);
      json.key("lost");
      json.number(gap.lost_packets);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

void write(JsonWriter& json, const ReceiverSnapshot& receiver, Detail detail) {
  const ReceiverSpec& spec = receiver.spec;
  const RejectedPackets& rejected = receiver.rejected;
  json.begin_object();
  json.key("name");
  json.text(spec.name);
  json.key("origin");
  json.text(to_string(spec.origin));
  json.key("group");
  json.address(spec.group);
  json.key("source");
  spec.source ? json.address(*spec.source) : json.null();
  json.key("interface");
  json.text(receiver.interface);
  json.key("port");
  json.number(spec.port);
  json.key("stall_timeout_s");
  json.seconds(spec.stall_timeout);
  json.key("loss_timeout_s");
  json.seconds(spec.loss_timeout);
  json.key("igmp_version");
  spec.igmp_version ? json.number(*spec.igmp_version) : json.null();
  json.key("packet_limit");
  json.number(spec.packet_limit);
  json.key("labels");
  json.labels(spec.labels);
  json.key("state");
  json.text(to_string(receiver.state));
  json.key("state_since");
  json.time(receiver.state_since_realtime);
  json.key("error");
  receiver.error.empty() ? json.null() : json.text(receiver.error);
  json.key("stalls");
  json.number(receiver.stalls);
  json.key("stalled_s");
  json.seconds(receiver.stalled_time);
  json.key("join_delay_s");
  receiver.join_delay < 0 ? json.null() : json.seconds(receiver.join_delay);
  json.key("last_packet");
  json.time(receiver.last_packet_realtime);
  json.key("active_senders");
  json.number(receiver.active_senders);
  json.key("senders_seen");
  json.number(receiver.senders_seen);
  json.key("untracked_packets");
  json.number(receiver.untracked_packets);
  json.key("rejected");
  json.begin_object();
  json.key("foreign");
  json.number(rejected.foreign);
  json.key("version");
  json.number(rejected.version);
  json.key("truncated");
  json.number(rejected.truncated);
  json.key("stale");
  json.number(rejected.stale);
  json.key("implausible");
  json.number(rejected.implausible);
  json.end_object();
  json.key("senders");
  json.begin_array();
  for (const SourceSnapshot& source : receiver.sources) write(json, source, detail);
  json.end_array();
  json.end_object();
}

void write(JsonWriter& json, const SocketSnapshot& socket) {
  json.begin_object();
  json.key("port");
  json.number(socket.port);
  json.key("family");
  json.text(to_string(socket.family));
  json.key("drops");
  json.number(socket.drops);
  json.key("datagrams");
  json.number(socket.datagrams);
  json.key("not_joined");
  json.number(socket.not_joined);
  json.end_object();
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

std::string receiver_json(const ReceiverSnapshot& receiver, Detail detail) {
  JsonWriter json;
  write(json, receiver, detail);
  return json.take();
}

std::string receivers_json(const std::vector<ReceiverSnapshot>& receivers,
                           const std::vector<SocketSnapshot>& sockets, Nanoseconds realtime,
                           Detail detail) {
  JsonWriter json;
  json.begin_object();
  json.key("time");
  json.time(realtime);
  json.key("receivers");
  json.begin_array();
  for (const ReceiverSnapshot& receiver : receivers) write(json, receiver, detail);
  json.end_array();
  json.key("sockets");
  json.begin_array();
  for (const SocketSnapshot& socket : sockets) write(json, socket);
  json.end_array();
  json.end_object();
  return json.take();
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
