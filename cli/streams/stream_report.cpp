#include "cli/streams/stream_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/json_values.h"
#include "base/dscp.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/streams/stream_totals.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

using api::valid_utf8;
using std::to_string;
using Json = nlohmann::ordered_json;

std::string seconds_text(Nanoseconds duration, int digits) {
  return decimal_text(to_seconds(duration), digits) + " s";
}

// "1 error", "2 errors"
std::string counted(std::uint64_t count, const std::string& one) {
  return to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string hops_text(const SourceSnapshot& source) {
  if (source.hops() == 0) return "same subnet";
  return to_string(source.hops()) + (source.hops() == 1 ? " hop" : " hops");
}

std::string dscp_text(const SourceSnapshot& source) {
  std::string text = "DSCP " + describe_dscp(static_cast<std::uint8_t>(source.dscp));
  if (source.dscp == source.sent_dscp) return text;
  return text + ", sender set " + describe_dscp(static_cast<std::uint8_t>(source.sent_dscp)) +
         " - REMARKED";
}

std::string lost_text(const StreamTotals& totals) {
  return "lost " + to_string(totals.counters.lost) + " (" + decimal_text(totals.loss_percent(), 2) +
         " %)";
}

std::string errors_text(const Senders& streams, const StreamTotals& totals) {
  std::string text = counted(totals.counters.lost, "error");
  const auto failing = std::ranges::find_if(
      streams, [](const SenderSnapshot& stream) { return !stream.error.empty(); });
  if (failing != streams.end()) text += " (" + printable(failing->error, 300) + ")";
  return text;
}

// "receiving", or of several streams "1 stalled, 49 receiving", the worst first.
std::string states_text(const Receivers& streams, const StreamTotals& totals) {
  if (streams.size() == 1) return std::string(to_string(streams.front().state));
  std::string text;
  for (const ReceiverState state :
       {ReceiverState::kFailed, ReceiverState::kStalled, ReceiverState::kWaiting,
        ReceiverState::kEnded, ReceiverState::kReceiving}) {
    const std::size_t count = totals.in(state);
    if (count == 0) continue;
    text += (text.empty() ? "" : ", ") + to_string(count) + " " + std::string(to_string(state));
  }
  return text;
}

std::string what_happened(const StreamEvent& event) {
  const std::string sender = event.source.to_string();
  const auto high = static_cast<std::uint8_t>(event.value >> 8U);
  const auto low = static_cast<std::uint8_t>(event.value);
  const std::string seconds = seconds_text(event.duration, 3);
  switch (event.type) {
    case StreamEventType::kFirstPacket:
      return "first packet, from " + sender;
    case StreamEventType::kStall:
      return "stalled: no packet for the stall timeout";
    case StreamEventType::kRecovery:
      return "receiving again, from " + sender + ", after " + seconds + " stalled";
    case StreamEventType::kRestart:
      return "sender " + sender + " restarted";
    case StreamEventType::kRemark:
      return "DSCP remarked on the way from " + sender + ": sent " + describe_dscp(low) +
             ", arrived " + describe_dscp(high);
    case StreamEventType::kTtlChange:
      return "TTL from " + sender + " changed from " + to_string(low) + " to " + to_string(high);
    case StreamEventType::kBurst:
      return "lost " + to_string(event.value) + " packets from " + sender + ", interruption " +
             seconds;
    case StreamEventType::kEnded:
      return "ended: sender " + sender + " said so, and all that it announced is accounted for";
    case StreamEventType::kComplete:
      return "complete: as many packets as asked for";
  }
  return "";
}

Json or_null(const std::optional<IpAddress>& address) {
  return address ? Json(address->to_string()) : Json(nullptr);
}
Json or_null(std::optional<int> number) {
  return number ? Json(*number) : Json(nullptr);
}

// Whole seconds as the original has them.
Json seconds_json(Nanoseconds duration) {
  return duration % kSecond == 0 ? Json(duration / kSecond) : Json(to_seconds(duration));
}

Json received_json(const StreamTotals& totals) {
  const ReceptionCounters& counters = totals.counters;
  const SourceSnapshot latest = totals.latest != nullptr ? *totals.latest : SourceSnapshot{};
  Json of_latest{{"last_recv_ttl", latest.ttl},   {"last_orig_ttl", latest.sent_ttl},
                 {"last_recv_dscp", latest.dscp}, {"last_orig_dscp", latest.sent_dscp},
                 {"hops", latest.hops()},         {"jitter_s", to_seconds(latest.jitter)}};
  if (totals.latest == nullptr) {
    for (Json& value : of_latest) value = nullptr;
  }
  Json rejected = Json::object();
  for (const auto& [reason, count] : kRejections) rejected[reason] = totals.rejected.*count;
  Json json{{"packets_recv", counters.packets},
            {"bytes_recv", counters.bytes},
            {"packets_lost", counters.lost},
            {"duplicates", counters.duplicates},
            {"reordered", counters.reordered},
            {"gaps", totals.stalls},
            {"sender_restarts", totals.restarts},
            {"senders_seen", totals.senders_seen},
            {"foreign_packets", totals.rejected.foreign}};
  json.update(of_latest);
  json.update(Json{{"loss_percent", totals.loss_percent()},
                   {"packets_late", counters.late},
                   {"rejected", std::move(rejected)},
                   {"remarked_packets", counters.remarked},
                   {"ttl_changes", counters.ttl_changes},
                   {"errored_seconds", counters.errored_seconds},
                   {"loss_bursts", counters.loss_bursts.count()},
                   {"stalled_s", to_seconds(totals.stalled_time)},
                   {"longest_interruption_s", to_seconds(totals.longest_interruption)}});
  return json;
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

Json stream_json(const ReceiverSnapshot& stream) {
  Json json{{"name", valid_utf8(stream.spec.name)},
            {"group", stream.spec.group.to_string()},
            {"state", to_string(stream.state)}};
  if (!stream.error.empty()) json["error"] = valid_utf8(stream.error);
  json["join_delay_s"] =
      stream.join_delay < 0 ? Json(nullptr) : Json(to_seconds(stream.join_delay));
  json.update(received_json(totals_of(stream)));
  Json senders = Json::array();
  for (const SourceSnapshot& source : stream.sources) senders.push_back(source_json(source));
  json["senders"] = std::move(senders);
  return json;
}

Json sent_json(const StreamTotals& totals) {
  return {{"packets_sent", totals.counters.packets},
          {"bytes_sent", totals.counters.bytes},
          {"errors", totals.counters.lost},
          {"errors_by_name", totals.errors},
          {"skipped", totals.skipped}};
}

Json stream_json(const SenderSnapshot& stream) {
  Json json{{"name", valid_utf8(stream.spec.name)},
            {"group", stream.spec.group.to_string()},
            {"sender_id", sender_id_text(stream.sender_id)},
            {"state", to_string(stream.state)}};
  json.update(sent_json(totals_of(stream)));
  return json;
}

template <typename Stream>
Json streams_json(const std::vector<Stream>& streams) {
  Json list = Json::array();
  for (const Stream& stream : streams) list.push_back(stream_json(stream));
  return list;
}

std::string sending_line(const Senders& streams) {
  const SenderSnapshot& first = streams.front();
  const SenderSpec& spec = first.spec;
  std::string text = "sending to " + groups_of(streams) + " port " + to_string(spec.port);
  if (first.local_address) text += " from " + first.local_address->to_string();
  text += " on " + printable(first.interface) + ": " + plain_number(spec.packets_per_second) +
          " pps of " + to_string(spec.size) + " bytes";
  if (streams.size() > 1) text += " to each";
  return text + ", TTL " + to_string(spec.ttl) + ", DSCP " + describe_dscp(spec.dscp) +
         ", sender ID " + sender_id_text(first.sender_id);
}

std::string received_lines(const StreamResult& result) {
  const StreamTotals totals = totals_of(result.streams.receivers, result.streams.sockets);
  const ReceptionCounters& counters = totals.counters;
  std::string text =
      "received " + to_string(counters.packets) + " packets (" + to_string(counters.bytes) +
      " bytes) in " + seconds_text(result.elapsed, 1) + ": " + lost_text(totals) + ", late " +
      to_string(counters.late) + ", duplicates " + to_string(counters.duplicates) + ", reordered " +
      to_string(counters.reordered) + "\nstalls " + to_string(totals.stalls) + ", restarts " +
      to_string(totals.restarts) + ", senders seen " + to_string(totals.senders_seen) +
      ", foreign " + to_string(totals.rejected.foreign);
  if (totals.longest_interruption > 0) {
    text += ", longest interruption " + seconds_text(totals.longest_interruption, 3);
  }
  if (const SourceSnapshot* const latest = totals.latest; latest != nullptr) {
    text += "\nfrom " + latest->source.to_string() + ": received TTL " + to_string(latest->ttl) +
            ", sender set " + to_string(latest->sent_ttl) + ", " + hops_text(*latest) + ", " +
            dscp_text(*latest) + ", jitter " + decimal_text(to_seconds(latest->jitter) * 1e3, 3) +
            " ms";
  }
  if (totals.socket_drops > 0) {
    text += "\n" + to_string(totals.socket_drops) +
            " packets were lost on this host: the receive socket's buffer was full";
  }
  return text;
}

std::string sent_line(const StreamResult& result) {
  const StreamTotals totals = totals_of(result.streams.senders);
  return "sent " + to_string(totals.counters.packets) + " packets (" +
         to_string(totals.counters.bytes) + " bytes) in " + seconds_text(result.elapsed, 1) + ", " +
         errors_text(result.streams.senders, totals);
}

Json summary_of_received(const StreamResult& result) {
  const Receivers& receivers = result.streams.receivers;
  const ReceiverSnapshot& first = receivers.front();
  Json json{{"tool", "mcast-receive"},
            {"version", version()},
            {"group", first.spec.group.to_string()},
            {"family", to_string(first.spec.group.family())},
            {"source", or_null(first.spec.source)},
            {"interface", valid_utf8(first.interface)},
            {"port", first.spec.port},
            {"igmp_version_requested", or_null(result.igmp_requested)},
            {"igmp_version_in_operation", or_null(result.igmp_in_operation)},
            {"elapsed_s", to_seconds(result.elapsed)}};
  const StreamTotals totals = totals_of(receivers, result.streams.sockets);
  if (receivers.size() == 1) {
    // The keys of the stream stand beside those of the command.
    json.update(stream_json(first));
  } else {
    json["groups"] = receivers.size();
    json.update(received_json(totals));
  }
  json["socket_drops"] = totals.socket_drops;
  if (receivers.size() > 1) json["streams"] = streams_json(receivers);
  return json;
}

Json summary_of_sent(const StreamResult& result) {
  const Senders& senders = result.streams.senders;
  const SenderSnapshot& first = senders.front();
  const SenderSpec& spec = first.spec;
  Json json{{"tool", "mcast-send"},
            {"version", version()},
            {"name", valid_utf8(spec.name)},
            {"group", spec.group.to_string()},
            {"family", to_string(spec.group.family())},
            {"interface", valid_utf8(first.interface)},
            {"source", or_null(spec.source)},
            {"local_address", or_null(first.local_address)},
            {"port", spec.port},
            {"ttl", spec.ttl},
            {"dscp", spec.dscp},
            {"datagram_size", spec.size},
            {"target_pps", spec.packets_per_second},
            {"sender_id", sender_id_text(first.sender_id)},
            {"duration_requested_s", seconds_json(result.duration_requested)},
            {"duration_actual_s", to_seconds(result.elapsed)}};
  json.update(sent_json(totals_of(senders)));
  if (senders.size() > 1) {
    json["groups"] = senders.size();
    json["streams"] = streams_json(senders);
  }
  return json;
}

}  // namespace

std::string opening_line(const StreamResult& result) {
  const Receivers& streams = result.streams.receivers;
  if (streams.empty()) return sending_line(result.streams.senders);
  const ReceiverSnapshot& first = streams.front();
  const std::string source = first.spec.source ? first.spec.source->to_string() : "*";
  std::string line = "joined (" + source + ", " + groups_of(streams) + ") on " +
                     printable(first.interface) + ", port " + to_string(first.spec.port);
  if (const auto version = result.igmp_in_operation) line += ", IGMPv" + to_string(*version);
  return line;
}

std::string status_line(const ProbeSnapshot& streams, double pps) {
  const bool receives = !streams.receivers.empty();
  const StreamTotals totals = totals_of(streams);
  std::string line = (receives ? states_text(streams.receivers, totals) : "sending") + ": " +
                     to_string(totals.counters.packets) + " packets, " + decimal_text(pps, 1) +
                     " pps, " +
                     (receives ? lost_text(totals) : errors_text(streams.senders, totals));
  if (totals.latest != nullptr) {
    line += ", " + hops_text(*totals.latest) + ", " + dscp_text(*totals.latest);
  }
  return line;
}

std::string event_line(const StreamEvent& event, const std::string& stream,
                       Nanoseconds realtime_offset) {
  return local_time_text(event.time + realtime_offset) + " " + printable(stream) + ": " +
         what_happened(event);
}

std::string summary(const StreamResult& result, bool json) {
  const bool receives = !result.streams.receivers.empty();
  if (json) {
    return api::to_text(receives ? summary_of_received(result) : summary_of_sent(result), true);
  }
  return (receives ? received_lines(result) : sent_line(result)) + "\n";
}

std::vector<std::string> conditions_met(const FailConditions& conditions,
                                        const Receivers& streams) {
  std::vector<std::string> reasons;
  if (!conditions.fail_on_loss && !conditions.fail_on_stall) return reasons;
  for (const ReceiverSnapshot& stream : streams) {
    const std::string name = printable(stream.spec.name);
    const StreamTotals totals = totals_of(stream);
    if (totals.counters.packets == 0) {
      reasons.push_back("no packet arrived in " + name);
      continue;
    }
    if (conditions.fail_on_loss && totals.loss_percent() > *conditions.fail_on_loss) {
      reasons.push_back("loss in " + name + " is " + plain_number(totals.loss_percent()) + " % (" +
                        to_string(totals.counters.lost) + " packets), more than " +
                        plain_number(*conditions.fail_on_loss) + " %");
    }
    if (conditions.fail_on_stall && stream.stalls > 0) {
      reasons.push_back(name + " stalled " + counted(stream.stalls, "time"));
    }
  }
  return reasons;
}

}  // namespace mcast::cli
