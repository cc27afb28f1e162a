#include "cli/streams/stream_report.h"

#include <algorithm>

#include "base/dscp.h"
#include "base/text.h"
#include "cli/streams/stream_names.h"
#include "cli/streams/stream_totals.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

using std::to_string;

std::string seconds_text(Nanoseconds duration, int digits) {
  return decimal_text(to_seconds(duration), digits) + " s";
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

// "lost 4 (0.80 %)", and how many of them are an estimate; "lost -" where nothing was expected.
std::string lost_text(const StreamTotals& totals) {
  if (!totals.loss_percent()) return "lost -";
  return "lost " + to_string(totals.counters.lost) + " (" + loss_text(totals.counters) + ")" +
         (totals.overdue > 0 ? ", of which overdue " + to_string(totals.overdue) : "");
}

std::string duration_or_dash(Nanoseconds duration) {
  return duration < 0 ? "-" : duration_text(duration);
}

// "239.1.1.1 on eth1: ", with the name where that says more.
template <typename Stream>
std::string stream_text(const Stream& stream) {
  const std::string name =
      has_own_name(stream.spec) ? " (" + printable(stream.spec.name) + ")" : "";
  return stream.spec.group.to_string() + name + " on " + printable(stream.interface) + ": ";
}

// "skipped 0, target 25.0 pps, reached 25.0 pps"
std::string pace_text(const StreamTotals& totals, Nanoseconds elapsed) {
  return "skipped " + to_string(totals.skipped) + ", target " + rate_text(totals.target, "pps") +
         ", reached " + rate_text(mean_rate(totals, elapsed), "pps");
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
  for (const ReceiverState state : kWorstFirst) {
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
  const std::string seconds = duration_text(event.duration);
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
      return ttl_name(event.source.address) + " from " + sender + " changed from " +
             to_string(low) + " to " + to_string(high);
    case StreamEventType::kBurst:
      return "lost " + counted(event.value, "packet") + " from " + sender + ", interruption " +
             seconds;
    case StreamEventType::kEnded:
      return "ended: sender " + sender + " said so, and all that it announced is accounted for";
    case StreamEventType::kComplete:
      return "complete: received the packets requested";
  }
  return "";
}

std::string sending_line(const Senders& streams) {
  const SenderSnapshot& first = streams.front();
  const SenderSpec& spec = first.spec;
  std::string text = "sending to " + groups_of(streams) + " port " + ports_text(streams);
  if (first.local_address) text += " from " + with_zone(*first.local_address, first.interface);
  text += " on " + printable(first.interface) + ": " + rate_text(spec.packets_per_second, "pps") +
          " of " + to_string(spec.size) + " bytes";
  if (streams.size() > 1) text += " to each";
  text += ", " + ttl_name(spec.group) + " " + to_string(spec.ttl) + ", DSCP " +
          describe_dscp(spec.dscp);
  // Several have one each.
  return streams.size() > 1 ? text : text + ", sender ID " + sender_id_text(first.sender_id);
}

// "239.1.1.1 on eth1: receiving, 230 packets, lost 0 (0.00 %), 46.0 pps, join delay 12.3 ms,
// longest gap 2.70 s at 15:09:21"
std::string received_line(const ReceiverSnapshot& stream, Nanoseconds elapsed) {
  const StreamTotals totals = totals_of(stream);
  const StreamTotals::Worst& gap = totals.longest_gap;
  std::string text = stream_text(stream) + std::string(to_string(stream.state)) + ", " +
                     counted(totals.counters.packets, "packet") + ", " + lost_text(totals) + ", " +
                     rate_text(mean_rate(totals, elapsed), "pps") + ", join delay " +
                     duration_or_dash(totals.join_delay.value) + ", longest gap " +
                     duration_or_dash(gap.value);
  if (gap.is_running) {
    text += " and still silent";
  } else if (gap.realtime > 0) {
    text += " at " + local_time_text(gap.realtime);
  }
  if (!stream.error.empty()) text += " (" + printable(stream.error, 300) + ")";
  return text;
}

// "239.1.1.1 on eth1: finished, 1759876 packets, 0 errors, skipped 25310, target 446 kpps, reached
// 440 kpps"
std::string sent_line(const SenderSnapshot& stream, Nanoseconds elapsed) {
  const StreamTotals totals = totals_of(stream);
  return stream_text(stream) + std::string(to_string(stream.state)) + ", " +
         counted(totals.counters.packets, "packet") + ", " + errors_text({stream}, totals) + ", " +
         pace_text(totals, elapsed);
}

std::string received_total(const StreamResult& result) {
  const StreamTotals totals = totals_of(result.streams.receivers, result.streams.sockets);
  const ReceptionCounters& counters = totals.counters;
  std::string text =
      "received " + to_string(counters.packets) + " packets (" + to_string(counters.bytes) +
      " bytes) in " + seconds_text(result.elapsed, 1) + ": " + lost_text(totals) + ", late " +
      to_string(counters.late) + ", duplicates " + to_string(counters.duplicates) + ", reordered " +
      to_string(counters.reordered) + "\nstalls " + to_string(totals.stalls) + ", restarts " +
      to_string(totals.restarts) + ", senders seen " + to_string(totals.senders_seen) +
      ", foreign " + to_string(totals.rejected.foreign);
  if (totals.longest_gap.value > 0) {
    text += ", longest gap " + duration_text(totals.longest_gap.value);
  }
  if (const SourceSnapshot* const latest = totals.latest; latest != nullptr) {
    text += "\nfrom " + latest->source.to_string() + ": received " +
            ttl_name(latest->source.address) + " " + to_string(latest->ttl) + ", sender set " +
            to_string(latest->sent_ttl) + ", " + hops_text(*latest) + ", " + dscp_text(*latest) +
            ", jitter " + duration_text(latest->jitter);
  }
  if (totals.socket_drops > 0) {
    text += "\n" + to_string(totals.socket_drops) +
            " packets were lost on this host: the receive socket's buffer was full";
  }
  return text;
}

std::string sent_total(const StreamResult& result) {
  const StreamTotals totals = totals_of(result.streams.senders);
  return "sent " + to_string(totals.counters.packets) + " packets (" +
         to_string(totals.counters.bytes) + " bytes) in " + seconds_text(result.elapsed, 1) + ", " +
         errors_text(result.streams.senders, totals) + ", " + pace_text(totals, result.elapsed);
}

}  // namespace

std::string opening_line(const StreamResult& result) {
  const Receivers& streams = result.streams.receivers;
  if (streams.empty()) return sending_line(result.streams.senders);
  const ReceiverSnapshot& first = streams.front();
  const std::string source = first.spec.source ? first.spec.source->to_string() : "*";
  std::string line = "joined (" + source + ", " + groups_of(streams) + ") on " +
                     printable(first.interface) + ", port " + ports_text(streams);
  if (const auto version = result.version_in_operation) {
    line += ", " + version_name(first.spec.group.family(), *version);
  }
  return line;
}

std::string status_line(const ProbeSnapshot& streams, double pps) {
  const bool receives = !streams.receivers.empty();
  const StreamTotals totals = totals_of(streams);
  std::string line = (receives ? states_text(streams.receivers, totals) : "sending") + ": " +
                     to_string(totals.counters.packets) + " packets, " + rate_text(pps, "pps") +
                     ", " + (receives ? lost_text(totals) : errors_text(streams.senders, totals));
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

std::string summary(const StreamResult& result) {
  std::string text;
  for (const ReceiverSnapshot& stream : result.streams.receivers) {
    text += received_line(stream, result.elapsed) + "\n";
  }
  for (const SenderSnapshot& stream : result.streams.senders) {
    text += sent_line(stream, result.elapsed) + "\n";
  }
  return text + (result.streams.receivers.empty() ? sent_total(result) : received_total(result)) +
         "\n";
}

}  // namespace mcast::cli
