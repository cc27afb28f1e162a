#include "cli/streams/receive_lines.h"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <ctime>

#include "base/dscp.h"
#include "base/text.h"
#include "cli/streams/receive_sum.h"
#include "cli/terminal/line_text.h"

namespace mcast::cli {
namespace {

std::string hops_text(const SourceSnapshot& source) {
  if (source.hops() == 0) return "same subnet";
  return std::to_string(source.hops()) + (source.hops() == 1 ? " hop" : " hops");
}

std::string dscp_text(const SourceSnapshot& source) {
  if (source.dscp == source.sent_dscp) {
    return "DSCP " + describe_dscp(static_cast<std::uint8_t>(source.dscp));
  }
  return "DSCP " + describe_dscp(static_cast<std::uint8_t>(source.dscp)) + ", sender set " +
         describe_dscp(static_cast<std::uint8_t>(source.sent_dscp)) + " - REMARKED";
}

// "receiving", or of several streams "1 stalled, 49 receiving", the worst first.
std::string states_text(const std::vector<ReceiverSnapshot>& streams, const ReceiveSum& sum) {
  if (streams.size() == 1) return std::string(to_string(streams.front().state));
  std::string text;
  for (const ReceiverState state : {ReceiverState::kFailed, ReceiverState::kStalled,
                                    ReceiverState::kWaiting, ReceiverState::kReceiving}) {
    const std::size_t count = sum.in(state);
    if (count == 0) continue;
    text +=
        (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(to_string(state));
  }
  return text;
}

}  // namespace

std::string joined_line(const std::vector<ReceiverSnapshot>& streams,
                        std::optional<int> igmp_in_operation) {
  const ReceiverSnapshot& first = streams.front();
  std::string group = first.spec.group.to_string();
  if (streams.size() > 1) group += " to " + streams.back().spec.group.to_string();
  const std::string source = first.spec.source ? first.spec.source->to_string() : "*";
  std::string line = "joined (" + source + ", " + group + ") on " + printable(first.interface) +
                     ", port " + std::to_string(first.spec.port);
  if (igmp_in_operation) line += ", IGMPv" + std::to_string(*igmp_in_operation);
  return line;
}

std::string event_line(const StreamEvent& event, const std::string& stream,
                       Nanoseconds realtime_offset) {
  const std::string sender = event.source.to_string();
  const auto high = static_cast<std::uint8_t>(event.value >> 8U);
  const auto low = static_cast<std::uint8_t>(event.value);
  std::string what;
  switch (event.type) {
    case StreamEventType::kFirstPacket:
      what = "first packet, from " + sender;
      break;
    case StreamEventType::kStall:
      what = "stalled: no packet for the stall timeout";
      break;
    case StreamEventType::kRecovery:
      what = "receiving again, from " + sender + ", after " +
             decimal_text(to_seconds(event.duration), 3) + " s stalled";
      break;
    case StreamEventType::kRestart:
      what = "sender " + sender + " restarted";
      break;
    case StreamEventType::kRemark:
      what = "DSCP remarked on the way from " + sender + ": sent " + describe_dscp(low) +
             ", arrived " + describe_dscp(high);
      break;
    case StreamEventType::kTtlChange:
      what = "TTL from " + sender + " changed from " + std::to_string(low) + " to " +
             std::to_string(high);
      break;
    case StreamEventType::kBurst:
      what = "lost " + std::to_string(event.value) + " packets from " + sender + ", interruption " +
             decimal_text(to_seconds(event.duration), 3) + " s";
      break;
    case StreamEventType::kComplete:
      what = "complete: as many packets as asked for";
      break;
  }
  return local_time_text(event.time + realtime_offset) + " " + printable(stream) + ": " + what;
}

std::string status_line(const std::vector<ReceiverSnapshot>& streams, double pps) {
  const ReceiveSum totals = sum_of(streams);
  std::string line = states_text(streams, totals) + ": " + std::to_string(totals.counters.packets) +
                     " packets, " + decimal_text(pps, 1) + " pps, lost " +
                     std::to_string(totals.counters.lost) + " (" +
                     decimal_text(totals.loss_percent(), 2) + " %)";
  if (totals.latest != nullptr) {
    line += ", " + hops_text(*totals.latest) + ", " + dscp_text(*totals.latest);
  }
  return line;
}

std::string summary_lines(const ReceiveResult& result) {
  const ReceiveSum totals = sum_of(result.receivers);
  const ReceptionCounters& counters = totals.counters;
  const double elapsed = to_seconds(result.elapsed);
  std::string text =
      "received " + std::to_string(counters.packets) + " packets (" +
      std::to_string(counters.bytes) + " bytes) in " + decimal_text(elapsed, 1) + " s: lost " +
      std::to_string(counters.lost) + " (" + decimal_text(totals.loss_percent(), 2) + " %), late " +
      std::to_string(counters.late) + ", duplicates " + std::to_string(counters.duplicates) +
      ", reordered " + std::to_string(counters.reordered) + "\n";
  text += "stalls " + std::to_string(totals.stalls) + ", restarts " +
          std::to_string(totals.restarts) + ", senders seen " +
          std::to_string(totals.senders_seen) + ", foreign " +
          std::to_string(totals.rejected.foreign);
  if (totals.longest_interruption > 0) {
    text +=
        ", longest interruption " + decimal_text(to_seconds(totals.longest_interruption), 3) + " s";
  }
  if (totals.latest != nullptr) {
    text += "\nfrom " + totals.latest->source.to_string() + ": received TTL " +
            std::to_string(totals.latest->ttl) + ", sender set " +
            std::to_string(totals.latest->sent_ttl) + ", " + hops_text(*totals.latest) + ", " +
            dscp_text(*totals.latest) + ", jitter " +
            decimal_text(to_seconds(totals.latest->jitter) * 1e3, 3) + " ms";
  }
  std::uint64_t drops = 0;
  for (const SocketSnapshot& socket : result.sockets) drops += socket.drops;
  if (drops > 0) {
    text += "\n" + std::to_string(drops) +
            " packets were lost on this host: the receive socket's buffer was full";
  }
  return text;
}

}  // namespace mcast::cli
