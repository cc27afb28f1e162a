#include "cli/streams/receive_view.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/json_values.h"
#include "cli/streams/stream_tables.h"
#include "cli/streams/stream_totals.h"

namespace mcast::cli {
namespace {

constexpr int kValueWidth = 24;  // of the right column at 80 columns

constexpr int kRowsForAllCounters = 32;  // with a table of groups below them

// "12: 10 foreign, 2 stale"
std::string rejected_text(const StreamTotals& sum) {
  std::string text = count_text(sum.rejected_packets, 9);
  std::string_view separator = ": ";
  const auto add = [&](std::uint64_t count, std::string_view reason) {
    if (count == 0) return;
    text.append(separator).append(count_text(count, 9)).append(" ").append(reason);
    separator = ", ";
  };
  add(sum.rejected.foreign, "foreign");
  add(sum.rejected.version, "version");
  add(sum.rejected.truncated, "truncated");
  add(sum.rejected.stale, "stale");
  add(sum.rejected.implausible, "implausible");
  return text;
}

std::string drops_text(std::uint64_t drops) {
  return drops == 0 ? "0" : count_text(drops, 6) + " lost on this host";
}

// The most important first: the last are left out where many groups want the room.
std::vector<Field> counters(const ReceiveViewInput& input, const StreamTotals& sum) {
  const double recent = input.history != nullptr ? input.history->loss_percent(10 * kSecond) : 0;
  const auto& total = sum.counters;
  const std::string percent = " (" + loss_text(total) + ")";
  const std::string stalls = sum.stalls == 0 ? "0"
                                             : count_text(sum.stalls, 9) + ", " +
                                                   duration_text(sum.stalled_time) + " in all";
  return {
      {"Packets", {count_text(total.packets), Style::kPlain}},
      {"Rate", {current_rate_text(input.history), Style::kPlain}},
      {"Lost",
       {count_text(total.lost, kValueWidth - static_cast<int>(percent.size())) + percent,
        if_any(total.lost, Style::kBad)}},
      {"Loss 10 s", {percent_text(recent), recent > 0 ? Style::kBad : Style::kPlain}},
      {"Bytes", {bytes_text(total.bytes), Style::kPlain}},
      {"Socket drops", {drops_text(sum.socket_drops), if_any(sum.socket_drops, Style::kBad)}},
      {"Stalls", {stalls, if_any(sum.stalls, Style::kBad)}},
      {"Rejected", {rejected_text(sum), if_any(sum.rejected_packets, Style::kWarning)}},
      {"Longest gap", sum.longest_interruption > 0
                          ? Span{duration_text(sum.longest_interruption), Style::kBad}
                          : Span{"none", Style::kPlain}},
      {"Late", {count_text(total.late), Style::kPlain}},
      {"Jitter", {total.packets > 0 ? duration_text(sum.jitter) : "-", Style::kPlain}},
      {"Reordered", {count_text(total.reordered), Style::kPlain}},
      {"Join delay", {sum.join_delay >= 0 ? duration_text(sum.join_delay) : "-", Style::kPlain}},
      {"Duplicates", {count_text(total.duplicates), Style::kPlain}},
      {"Senders",
       {count_text(sum.active_senders, 9) + " now, " + count_text(sum.senders_seen, 9) + " seen",
        Style::kPlain}},
      {"Restarts", {count_text(sum.restarts), if_any(sum.restarts, Style::kWarning)}},
  };
}

Span igmp_text(std::optional<int> requested, std::optional<int> in_operation) {
  const auto version = [](int number) { return "V" + std::to_string(number); };
  if (!requested) {
    if (!in_operation) return {"not known", Style::kPlain};
    return {version(*in_operation) + " (not forced)", Style::kPlain};
  }
  if (!in_operation) return {version(*requested) + " (not confirmed)", Style::kPlain};
  if (*requested == *in_operation) return {version(*requested) + " (confirmed)", Style::kPlain};
  return {version(*requested) + ", operating as " + version(*in_operation), Style::kWarning};
}

std::vector<Field> setup(const ReceiveViewInput& input, const ScreenSize& size) {
  const ReceiverSnapshot& first = input.receivers.front();
  const std::string join =
      first.spec.source ? "SSM (S,G), " + first.spec.source->to_string() : "ASM (*,G), any source";
  return {
      {"Join", {join, Style::kPlain}},
      {"Interface",
       {interface_text(first.interface, input.interface_address, size.unicode), Style::kPlain}},
      {first.spec.group.is_v4() ? "IGMP" : "MLD",
       igmp_text(input.igmp_requested, input.igmp_in_operation)},
      {"UDP port", {std::to_string(first.spec.port), Style::kPlain}},
  };
}

Line state_line(const ReceiverSnapshot& receiver, Nanoseconds now) {
  const std::string since = running_text(now - receiver.last_packet_realtime);
  switch (receiver.state) {
    case ReceiverState::kWaiting:
      return {{"WAITING", Style::kWarning}, {"    no packet yet", Style::kPlain}};
    case ReceiverState::kReceiving:
      return {{"RECEIVING", Style::kGood}, {"  last packet " + since + " ago", Style::kPlain}};
    case ReceiverState::kStalled:
      return {{"STALLED", Style::kBad},
              {"    no packet for " + since + ", since " +
                   time_text(receiver.last_packet_realtime, now),
               Style::kBad}};
    case ReceiverState::kFailed:
      return {{"FAILED", Style::kBad}};
  }
  return {};
}

// What the person should know, besides what the command has to say.
std::vector<Span> messages(const ReceiveViewInput& input, const StreamTotals& sum) {
  std::vector<Span> result = first_messages(input.receivers, input);
  for (const ReceiverSnapshot& receiver : input.receivers) {
    const auto raised = std::ranges::find_if(
        receiver.sources, [](const SourceSnapshot& source) { return source.hops() < 0; });
    if (raised == receiver.sources.end()) continue;
    result.push_back({"Warning: packets of " + raised->source.to_string() +
                          " arrive with a higher TTL than they were sent with",
                      Style::kWarning});
    break;
  }
  if (sum.untracked > 0) {
    result.push_back({"Warning: too many senders, " + count_text(sum.untracked) +
                          " packets of theirs are not counted",
                      Style::kWarning});
  }
  return result;
}

std::string distance_text(const SourceSnapshot& source) {
  const int hops = source.hops();
  if (hops == 0) return "same subnet";
  return std::to_string(hops) + (hops == 1 || hops == -1 ? " hop away" : " hops away");
}

// One sender in full; before the first packet the same rows without values, so that
// nothing moves when it comes.
std::vector<Field> sender_fields(const ReceiverSnapshot& receiver) {
  if (receiver.sources.empty()) {
    return {{"Sender", {"none yet", Style::kPlain}}, {"Sender ID", {"-", Style::kPlain}},
            {"TTL", {"-", Style::kPlain}},           {"Distance", {"-", Style::kPlain}},
            {"DSCP", {"-", Style::kPlain}},          {"Remarked", {"-", Style::kPlain}}};
  }
  const SourceSnapshot& source = receiver.sources.front();
  const bool preserved = source.dscp == source.sent_dscp;
  const std::uint64_t remarked = source.counters.remarked;
  return {
      {"Sender", {source.source.to_string(), Style::kPlain}},
      {"Sender ID", {api::sender_id_text(source.sender_id), Style::kPlain}},
      {"TTL",
       {std::to_string(source.ttl) + ", sender set " + std::to_string(source.sent_ttl),
        Style::kPlain}},
      {"Distance", {distance_text(source), source.hops() < 0 ? Style::kWarning : Style::kPlain}},
      {"DSCP", preserved ? Span{dscp_text(source.dscp) + ", preserved", Style::kPlain}
                         : Span{dscp_text(source.dscp) + ", sent as " + dscp_text(source.sent_dscp),
                                Style::kWarning}},
      {"Remarked",
       {remarked > 0 ? count_text(remarked, 17) + " packets" : "no",
        if_any(remarked, Style::kWarning)}},
  };
}

}  // namespace

Screen receive_view(const ReceiveViewInput& input, const ScreenSize& size) {
  if (input.receivers.empty()) return {};
  const StreamTotals sum = totals_of(input.receivers, input.sockets);
  const ReceiverSnapshot& first = input.receivers.front();
  const std::size_t groups = input.receivers.size();
  const bool many = groups > 1;

  const Line state =
      many ? states_line("RECEIVING", sum.in(ReceiverState::kReceiving), groups,
                         {{sum.in(ReceiverState::kFailed), {"failed", Style::kBad}},
                          {sum.in(ReceiverState::kStalled), {"stalled", Style::kBad}},
                          {sum.in(ReceiverState::kWaiting), {"waiting", Style::kWarning}}})
           : state_line(first, input.now);
  std::vector<Block> blocks;
  append_head(blocks, "mcast-receive  " + groups_text(input.receivers), many ? "" : first.spec.name,
              state, input, size);
  blocks.push_back(findings_block(input.findings, many, size));
  blocks.push_back(message_block(messages(input, sum), size));
  blocks.push_back(block_of(field_lines(setup(input, size), size), true, Place::kLastIfShort));
  std::vector<Field> fields = counters(input, sum);
  if (many && size.rows < kRowsForAllCounters) fields.resize(8);
  blocks.push_back(block_of(field_lines(fields, size), true));
  if (many) {
    blocks.push_back(history_block(input.history, "Loss", size));
    blocks.push_back(group_table(input.receivers, size));
  } else {
    blocks.push_back(first.sources.size() > 1
                         ? sender_table(first, input.now, size)
                         : block_of(field_lines(sender_fields(first), size), true));
    blocks.push_back(history_block(input.history, "Loss", size));
    blocks.push_back(gap_log(first, input.now, size));
  }
  return stacked(std::move(blocks), size);
}

}  // namespace mcast::cli
