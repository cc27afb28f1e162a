#include "api/stream_json.h"

#include <algorithm>
#include <array>
#include <variant>

#include "api/json.h"
#include "base/text.h"
#include "probe/stream_settings.h"

namespace mcast::api {
namespace {

constexpr std::array kSenderStates{SenderState::kSending, SenderState::kFinished,
                                   SenderState::kFailed};
constexpr std::array kFamilies{Family::kIpv4, Family::kIpv6};

}  // namespace

// Each bucket has its own count, and there is one more of them than bounds.
template <const auto& Bounds>
void fields(auto& io, const Histogram<Bounds>& histogram) {
  io("bounds", Bounds);
  io("counts", histogram.counts());
  io("sum", histogram.sum());
}

// With the bounds of another version nothing can be told: the histogram stays empty.
template <const auto& Bounds>
void fields(auto& io, Histogram<Bounds>& histogram) {
  std::vector<double> bounds;
  std::vector<std::uint64_t> counts;
  double sum = 0;
  io("bounds", bounds);
  io("counts", counts);
  io("sum", sum);
  std::array<std::uint64_t, Histogram<Bounds>::kBuckets> buckets{};
  if (!std::ranges::equal(bounds, Bounds) || counts.size() != buckets.size()) return;
  std::ranges::copy(counts, buckets.begin());
  histogram = Histogram<Bounds>::from_counts(buckets, sum);
}

void fields(auto& io, Like<Gap> auto& gap) {
  io("time", gap.realtime, kTime);
  io("length_s", gap.length, kSeconds);
  io("lost", gap.lost_packets);
}

void fields(auto& io, Like<SourceSnapshot> auto& source) {
  auto& counters = source.counters;
  io("source", source.source);
  io("sender_id", source.sender_id, kSenderId);
  io("packets", counters.packets);
  io("bytes", counters.bytes);
  io("lost", counters.lost);
  io("outage_lost", counters.outage_lost);
  io("overdue", source.overdue);
  io("silence_s", source.silence, kSeconds);
  io("late", counters.late);
  io("duplicates", counters.duplicates);
  io("reordered", counters.reordered);
  io("errored_s", counters.errored_seconds);
  io("restarts", source.restarts);
  io("ttl_changes", counters.ttl_changes);
  io("remarked", counters.remarked);
  io("longest_interruption_s", source.longest_interruption, kSeconds);
  io("longest_interruption_at", source.longest_interruption_realtime, kTime);
  io("ttl", source.ttl, within(0, 255));
  io("sent_ttl", source.sent_ttl, within(0, 255));
  io.written("hops", source.hops());
  io("dscp", source.dscp, within(0, 63));
  io("sent_dscp", source.sent_dscp, within(0, 255));
  io("jitter_s", source.jitter, kSeconds);
  io("last_packet", source.last_packet_realtime, kTime);
  io.detail("loss_bursts", counters.loss_bursts);
  io.detail("interruptions", counters.interruptions);
  io.detail("gaps", source.gaps);
  io.detail("longest_gaps", source.longest_gaps);
}

void fields(auto& io, Like<RejectedPackets> auto& rejected) {
  io("foreign", rejected.foreign);
  io("version", rejected.version);
  io("truncated", rejected.truncated);
  io("stale", rejected.stale);
  io("implausible", rejected.implausible);
}

// What a stream begins with.
void stream_fields(auto& io, auto& stream) {
  auto& spec = stream.spec;
  io("name", spec.name);
  io("origin", spec.origin, one_of(kStreamOrigins));
  io("group", spec.group);
  io.written("family", to_string(spec.group.family()));
  io("source", spec.source);
  io("interface", stream.interface);
  if constexpr (!std::is_const_v<std::remove_reference_t<decltype(spec)>>) {
    spec.interface = stream.interface;
  }
  io("port", spec.port);
}

void fields(auto& io, Like<ReceiverSnapshot> auto& receiver) {
  auto& spec = receiver.spec;
  stream_fields(io, receiver);
  io("stall_timeout_s", spec.stall_timeout, kSeconds);
  io("loss_timeout_s", spec.loss_timeout, kSeconds);
  io("igmp_version", spec.igmp_version, within(1, 3));
  io("mld_version", spec.mld_version, within(1, 2));
  io("packet_limit", spec.packet_limit);
  io("labels", spec.labels);
  io("state", receiver.state, one_of(kReceiverStates));
  io("state_since", receiver.state_since_realtime, kTime);
  io("error", receiver.error, kTextOrNull);
  io("stalls", receiver.stalls);
  io("stalled_s", receiver.stalled_time, kSeconds);
  io("join_delay_s", receiver.join_delay, kSecondsOrNull);
  io("last_packet", receiver.last_packet_realtime, kTime);
  io("active_senders", receiver.active_senders);
  io("senders_seen", receiver.senders_seen);
  io("untracked_packets", receiver.untracked_packets);
  io("rejected", receiver.rejected);
  io("senders", receiver.sources);
}

void fields(auto& io, Like<SenderSnapshot> auto& sender) {
  auto& spec = sender.spec;
  stream_fields(io, sender);
  io("rate_pps", spec.packets_per_second);
  io("size", spec.size, within(kMinDatagramSize, kMaxDatagramSize));
  io("ttl", spec.ttl);
  io("dscp", spec.dscp, within(0, 63));
  io("loopback", spec.loopback);
  io("packet_limit", spec.packet_limit);
  io("duration_s", spec.duration, kSeconds);
  io("labels", spec.labels);
  io("state", sender.state, one_of(kSenderStates));
  io("state_since", sender.state_since_realtime, kTime);
  io("error", sender.error, kTextOrNull);
  io("local_address", sender.local_address);
  io("sender_id", sender.sender_id, kSenderId);
  io("packets", sender.packets);
  io("bytes", sender.bytes);
  io("skipped", sender.skipped);
  io("errors", sender.errors);
  io.detail("schedule_lag", sender.schedule_lag);
}

void fields(auto& io, Like<SocketSnapshot> auto& socket) {
  io("port", socket.port);
  io("family", socket.family, one_of(kFamilies));
  io("drops", socket.drops);
  io("datagrams", socket.datagrams);
  io("not_joined", socket.not_joined);
}

std::string receiver_json(const ReceiverSnapshot& receiver, Detail detail) {
  return text_of(receiver, detail);
}

std::string sender_json(const SenderSnapshot& sender, Detail detail) {
  return text_of(sender, detail);
}

std::string receivers_json(const std::vector<ReceiverSnapshot>& receivers,
                           const std::vector<SocketSnapshot>& sockets, Nanoseconds realtime,
                           Detail detail) {
  const auto all = [&](auto& io) {
    io("time", realtime, kTime);
    io("receivers", receivers);
    io("sockets", sockets);
  };
  return text_of(all, detail);
}

std::string senders_json(const std::vector<SenderSnapshot>& senders, Nanoseconds realtime,
                         Detail detail) {
  const auto all = [&](auto& io) {
    io("time", realtime, kTime);
    io("senders", senders);
  };
  return text_of(all, detail);
}

Result<ProbeSnapshot> parse_receivers(std::string_view text) {
  return read_json<ProbeSnapshot>(text, [](const JsonReader& json, ProbeSnapshot& all) {
    json("receivers", all.receivers);
    json("sockets", all.sockets);
  });
}

Result<std::vector<SenderSnapshot>> parse_senders(std::string_view text) {
  return read_json<std::vector<SenderSnapshot>>(
      text, [](const JsonReader& json, auto& senders) { json("senders", senders); });
}

template <typename Spec>
std::string stream_request_json(const Spec& first, const StreamRequestTerms& terms) {
  return text_of([&](auto& io) {
    if (!terms.name.empty()) io("name", terms.name);
    io("count", terms.count);
    for (const auto& [key, value] : shown_settings(first)) {
      if (terms.keys && key != "group" && !terms.keys->contains(key)) continue;
      std::visit([&, name = key](const auto& shown) { io(name, shown); }, value);
    }
    if (!first.labels.empty()) io("labels", first.labels);
    if (terms.detach) io("detach", true);
  });
}
template std::string stream_request_json(const ReceiverSpec&, const StreamRequestTerms&);
template std::string stream_request_json(const SenderSpec&, const StreamRequestTerms&);

void fields(auto& io, Like<StartedStreams> auto& started) {
  io("name", started.name);
  io("streams", started.streams);
  io("renew_within_s", started.renew_within, kSeconds);
  // An agent of an earlier version does not say.
  io.detail("state", started.state);
  io.detail("error", started.error);
}

std::string started_streams_json(const StartedStreams& started) {
  return text_of(started);
}

Result<StartedStreams> parse_started_streams(std::string_view text) {
  auto started = read_json<StartedStreams>(text);
  if (started && started->streams.empty()) return fail("'streams' is empty");
  return started;
}

std::string pattern_of(const std::vector<std::string>& streams) {
  const std::string& first = streams.front();
  if (streams.size() == 1) return first;
  std::size_t length = first.size();
  for (const std::string& stream : streams) {
    length = std::min(
        length, static_cast<std::size_t>(std::ranges::mismatch(first, stream).in1 - first.begin()));
  }
  // Not within a character.
  return std::string(cut_utf8(first, length)) + "*";
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kUnreserved.contains(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kHex[byte >> 4U], kHex[byte & 0x0FU]};
  }
  return out;
}

}  // namespace mcast::api
