#include "api/receiver_json.h"

#include <array>
#include <utility>

#include "api/histogram_json.h"
#include "api/json_reader.h"
#include "api/json_writer.h"

namespace mcast::api {
namespace {

constexpr std::array kStates{ReceiverState::kWaiting, ReceiverState::kReceiving,
                             ReceiverState::kStalled, ReceiverState::kFailed};
constexpr std::array kFamilies{Family::kIpv4, Family::kIpv6};

}  // namespace

void fields(auto& io, Like<Gap> auto& gap) {
  io("time", time_or_null(gap.realtime));
  io("length_s", seconds(gap.length));
  io("lost", gap.lost_packets);
}

void fields(auto& io, Like<SourceSnapshot> auto& source) {
  auto& counters = source.counters;
  io("source", source.source);
  io("sender_id", sender_id(source.sender_id));
  io("packets", counters.packets);
  io("bytes", counters.bytes);
  io("lost", counters.lost);
  io("late", counters.late);
  io("duplicates", counters.duplicates);
  io("reordered", counters.reordered);
  io("errored_s", counters.errored_seconds);
  io("restarts", source.restarts);
  io("ttl_changes", counters.ttl_changes);
  io("remarked", counters.remarked);
  io("longest_interruption_s", seconds(source.longest_interruption));
  io("ttl", within(source.ttl, 0, 255));
  io("sent_ttl", within(source.sent_ttl, 0, 255));
  io.written("hops", source.hops());
  io("dscp", within(source.dscp, 0, 63));
  io("sent_dscp", within(source.sent_dscp, 0, 255));
  io("jitter_s", seconds(source.jitter));
  io("last_packet", time_or_null(source.last_packet_realtime));
  io.detail("loss_bursts", counters.loss_bursts);
  io.detail("interruptions", counters.interruptions);
  io.detail("gaps", source.gaps);
}

void fields(auto& io, Like<RejectedPackets> auto& rejected) {
  io("foreign", rejected.foreign);
  io("version", rejected.version);
  io("truncated", rejected.truncated);
  io("stale", rejected.stale);
  io("implausible", rejected.implausible);
}

void fields(auto& io, Like<ReceiverSnapshot> auto& receiver) {
  auto& spec = receiver.spec;
  io("name", spec.name);
  io("origin", one_of(spec.origin, kStreamOrigins));
  io("group", spec.group);
  io.written("family", to_string(spec.group.family()));
  io("source", spec.source);
  io("interface", receiver.interface);
  io("port", spec.port);
  io("stall_timeout_s", seconds(spec.stall_timeout));
  io("loss_timeout_s", seconds(spec.loss_timeout));
  io("igmp_version", within(spec.igmp_version, 1, 3));
  io("packet_limit", spec.packet_limit);
  io("labels", spec.labels);
  io("state", one_of(receiver.state, kStates));
  io("state_since", time_or_null(receiver.state_since_realtime));
  io("error", text_or_null(receiver.error));
  io("stalls", receiver.stalls);
  io("stalled_s", seconds(receiver.stalled_time));
  io("join_delay_s", seconds_or_null(receiver.join_delay));
  io("last_packet", time_or_null(receiver.last_packet_realtime));
  io("active_senders", receiver.active_senders);
  io("senders_seen", receiver.senders_seen);
  io("untracked_packets", receiver.untracked_packets);
  io("rejected", receiver.rejected);
  io("senders", receiver.sources);
}

void fields(auto& io, Like<SocketSnapshot> auto& socket) {
  io("port", socket.port);
  io("family", one_of(socket.family, kFamilies));
  io("drops", socket.drops);
  io("datagrams", socket.datagrams);
  io("not_joined", socket.not_joined);
}

std::string receiver_json(const ReceiverSnapshot& receiver, Detail detail) {
  return text_of(receiver, detail);
}

std::string receivers_json(const std::vector<ReceiverSnapshot>& receivers,
                           const std::vector<SocketSnapshot>& sockets, Nanoseconds realtime,
                           Detail detail) {
  return text_of(object([&](auto& io) {
                   io("time", time_or_null(std::as_const(realtime)));
                   io("receivers", receivers);
                   io("sockets", sockets);
                 }),
                 detail);
}

Result<Receivers> parse_receivers(std::string_view text) {
  return read_json<Receivers>(text, [](const JsonReader& json, Receivers& all) {
    json("receivers", all.receivers);
    json("sockets", all.sockets);
    for (ReceiverSnapshot& receiver : all.receivers) receiver.spec.interface = receiver.interface;
  });
}

}  // namespace mcast::api
