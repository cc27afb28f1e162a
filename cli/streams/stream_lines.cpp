#include <algorithm>

#include "api/json_values.h"
#include "base/dscp.h"
#include "base/text.h"
#include "cli/streams/stream_report.h"
#include "cli/streams/stream_totals.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

using std::to_string;

// "1 error", "2 errors"
std::string counted(std::uint64_t count, const std::string& one) {
  return to_string(count) + " " + one + (count == 1 ? "" : "s");
}

std::string hops_text(const SourceSnapshot& source) {
  if (source.hops() == 0) return "same subnet";
  return to_string(source.hops()) + (source.hops() == 1 ? " hop" : " hops");
}

std::string dscp_text(const SourceSnapshot& source) {
  const std::string text = "DSCP " + describe_dscp(static_cast<std::uint8_t>(source.dscp));
  if (source.dscp == source.sent_dscp) return text;
  return text + ", sender set " + describe_dscp(static_cast<std::uint8_t>(source.sent_dscp)) +
         " - REMARKED";
}

std::string lost_text(const StreamTotals& totals) {
  return "lost " + to_string(totals.counters.lost) + " (" + decimal_text(totals.loss_percent(), 2) +
         " %)";
}

std::string errors_text(const Senders& streams, const StreamTotals& totals) {
  std::string text = counted(totals.failed_sends, "error");
  const auto failing = std::ranges::find_if(
      streams, [](const SenderSnapshot& stream) { return !stream.error.empty(); });
  if (failing != streams.end()) text += " (" + printable(failing->error, 300) + ")";
  return text;
}

// "receiving", or of several streams "1 stalled, 49 receiving", the worst first.
std::string states_text(const Receivers& streams, const StreamTotals& totals) {
  if (streams.size() == 1) return std::string(to_string(streams.front().state));
  std::string text;
  for (const ReceiverState state : {ReceiverState::kFailed, ReceiverState::kStalled,
                                    ReceiverState::kWaiting, ReceiverState::kReceiving}) {
    const std::size_t count = totals.in(state);
    if (count == 0) continue;
    text += (text.empty() ? "" : ", ") + to_string(count) + " " + std::string(to_string(state));
  }
  return text;
}

template <typename Streams>
std::string groups_of(const Streams& streams) {
  const std::string first = streams.front().spec.group.to_string();
  if (streams.size() == 1) return first;
  return first + " to " + streams.back().spec.group.to_string();
}

std::string what_happened(const StreamEvent& event) {
  const std::string sender = event.source.to_string();
  const auto high = static_cast<std::uint8_t>(event.value >> 8U);
  const auto low = static_cast<std::uint8_t>(event.value);
  const std::string seconds = decimal_text(to_seconds(event.duration), 3) + " s";
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
    case StreamEventType::kComplete:
      return "complete: as many packets as asked for";
  }
  return "";
}

}  // namespace

std::string joined_line(const Receivers& streams, std::optional<int> igmp_in_operation) {
  const ReceiverSnapshot& first = streams.front();
  const std::string source = first.spec.source ? first.spec.source->to_string() : "*";
  std::string line = "joined (" + source + ", " + groups_of(streams) + ") on " +
                     printable(first.interface) + ", port " + to_string(first.spec.port);
  if (igmp_in_operation) line += ", IGMPv" + to_string(*igmp_in_operation);
  return line;
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
         ", sender ID " + api::sender_id_text(first.sender_id);
}

std::string status_line(const Receivers& streams, double pps) {
  const StreamTotals totals = totals_of(streams);
  std::string line = states_text(streams, totals) + ": " + to_string(totals.counters.packets) +
                     " packets, " + decimal_text(pps, 1) + " pps, " + lost_text(totals);
  if (totals.latest != nullptr) {
    line += ", " + hops_text(*totals.latest) + ", " + dscp_text(*totals.latest);
  }
  return line;
}

std::string status_line(const Senders& streams, double pps) {
  const StreamTotals totals = totals_of(streams);
  return "sending: " + to_string(totals.counters.packets) + " packets, " + decimal_text(pps, 1) +
         " pps, " + errors_text(streams, totals);
}

std::string event_line(const StreamEvent& event, const std::string& stream,
                       Nanoseconds realtime_offset) {
  return local_time_text(event.time + realtime_offset) + " " + printable(stream) + ": " +
         what_happened(event);
}

std::string received_lines(const StreamResult& result) {
  const StreamTotals totals = totals_of(result.streams.receivers, result.streams.sockets);
  const ReceptionCounters& counters = totals.counters;
  std::string text =
      "received " + to_string(counters.packets) + " packets (" + to_string(counters.bytes) +
      " bytes) in " + decimal_text(to_seconds(result.elapsed), 1) + " s: " + lost_text(totals) +
      ", late " + to_string(counters.late) + ", duplicates " + to_string(counters.duplicates) +
      ", reordered " + to_string(counters.reordered) + "\nstalls " + to_string(totals.stalls) +
      ", restarts " + to_string(totals.restarts) + ", senders seen " +
      to_string(totals.senders_seen) + ", foreign " + to_string(totals.rejected.foreign);
  if (totals.longest_interruption > 0) {
    text +=
        ", longest interruption " + decimal_text(to_seconds(totals.longest_interruption), 3) + " s";
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
         to_string(totals.counters.bytes) + " bytes) in " +
         decimal_text(to_seconds(result.elapsed), 1) + " s, " +
         errors_text(result.streams.senders, totals);
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
