#include "cli/receive_view.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/dscp.h"
#include "cli/layout.h"
#include "cli/number_text.h"
#include "cli/receive_tables.h"
#include "cli/view_blocks.h"

namespace mcast::cli {
namespace {

constexpr int kValueWidth = 25;  // of the right column at 80 columns

constexpr int kRowsForAllCounters = 32;  // with a table of groups below them

// What all streams have counted together.
struct Sum {
  ReceptionCounters counters;
  RejectedPackets rejected;
  std::uint64_t rejected_packets = 0;
  std::uint64_t stalls = 0;
  Nanoseconds stalled_time = 0;
  std::uint64_t restarts = 0;
  std::uint64_t senders_seen = 0;
  std::uint64_t active_senders = 0;
  std::uint64_t untracked = 0;
  std::uint64_t socket_drops = 0;
  Nanoseconds longest_interruption = 0;
  Nanoseconds jitter = 0;       // the highest of senders
  Nanoseconds join_delay = -1;  // the longest of streams
  std::array<std::size_t, 4> states{};

  [[nodiscard]] std::size_t in(ReceiverState state) const {
    return states[static_cast<std::size_t>(state)];
  }
};

Sum sum_of(const ReceiveViewInput& input) {
  Sum sum;
  for (const ReceiverSnapshot& receiver : input.receivers) {
    ++sum.states[static_cast<std::size_t>(receiver.state)];
    sum.rejected.foreign += receiver.rejected.foreign;
    sum.rejected.version += receiver.rejected.version;
    sum.rejected.truncated += receiver.rejected.truncated;
    sum.rejected.stale += receiver.rejected.stale;
    sum.rejected.implausible += receiver.rejected.implausible;
    sum.stalls += receiver.stalls;
    sum.stalled_time += receiver.stalled_time;
    sum.senders_seen += receiver.senders_seen;
    sum.active_senders += receiver.active_senders;
    sum.untracked += receiver.untracked_packets;
    sum.join_delay = std::max(sum.join_delay, receiver.join_delay);
    for (const SourceSnapshot& source : receiver.sources) {
      // Not ReceptionCounters::add(): its histograms are not shown, and there may be
      // thousands of groups.
      sum.counters.packets += source.counters.packets;
      sum.counters.bytes += source.counters.bytes;
      sum.counters.lost += source.counters.lost;
      sum.counters.late += source.counters.late;
      sum.counters.duplicates += source.counters.duplicates;
      sum.counters.reordered += source.counters.reordered;
      sum.counters.remarked += source.counters.remarked;
      sum.restarts += source.restarts;
      sum.longest_interruption = std::max(sum.longest_interruption, source.longest_interruption);
      sum.jitter = std::max(sum.jitter, source.jitter);
    }
  }
  for (const SocketSnapshot& socket : input.sockets) sum.socket_drops += socket.drops;
  sum.rejected_packets = sum.rejected.foreign + sum.rejected.version + sum.rejected.truncated +
                         sum.rejected.stale + sum.rejected.implausible;
  return sum;
}

Style if_any(std::uint64_t count, Style style) {
  return count > 0 ? style : Style::kPlain;
}

// "12: 10 foreign, 2 stale"
std::string rejected_text(const Sum& sum) {
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
  return drops == 0 ? "0" : count_text(drops, 7) + " lost on this host";
}

// The most important first: the last are left out where many groups want the room.
std::vector<Field> counters(const ReceiveViewInput& input, const Sum& sum) {
  const double recent = input.history != nullptr ? input.history->loss_percent(10 * kSecond) : 0;
  const auto& total = sum.counters;
  const std::string percent = " (" + loss_text(total.lost, total.packets) + ")";
  const std::string stalls = sum.stalls == 0 ? "0"
                                             : count_text(sum.stalls, 9) + ", " +
                                                   duration_text(sum.stalled_time) + " in all";
  return {
      {"Packets", {count_text(total.packets), Style::kPlain}},
      {"Lost",
       {count_text(total.lost, kValueWidth - static_cast<int>(percent.size())) + percent,
        if_any(total.lost, Style::kBad)}},
      {"Rate", {current_rate_text(input.history), Style::kPlain}},
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
      return {{"STALLED", Style::kBad}, {"    no packet for " + since, Style::kBad}};
    case ReceiverState::kFailed:
      return {{"FAILED", Style::kBad}};
  }
  return {};
}

// "RECEIVING 988 of 1,000   1 failed   3 stalled   8 waiting"
Line states_line(const Sum& sum, std::size_t groups) {
  const std::size_t receiving = sum.in(ReceiverState::kReceiving);
  Line line{{"RECEIVING ", receiving > 0 ? Style::kGood : Style::kPlain},
            {count_text(receiving) + " of " + count_text(groups),
             receiving == groups ? Style::kGood : Style::kPlain}};
  const auto add = [&](ReceiverState state, Style style) {
    if (sum.in(state) == 0) return;
    line.push_back({"  ", Style::kPlain});
    line.push_back({count_text(sum.in(state)) + " " + std::string(to_string(state)), style});
  };
  add(ReceiverState::kFailed, Style::kBad);
  add(ReceiverState::kStalled, Style::kBad);
  add(ReceiverState::kWaiting, Style::kWarning);
  return line;
}

// What the person should know, besides what the command has to say.
std::vector<Span> messages(const ReceiveViewInput& input, const Sum& sum) {
  std::vector<Span> result;
  const bool many = input.receivers.size() > 1;
  for (const ReceiverSnapshot& receiver : input.receivers) {
    if (receiver.state != ReceiverState::kFailed) continue;
    result.push_back(
        {(many ? receiver.spec.group.to_string() + ": " : "") + receiver.error, Style::kBad});
    break;  // others will have failed for the same reason
  }
  for (const std::string& warning : input.warnings) {
    result.push_back({"Warning: " + warning, Style::kWarning});
  }
  for (const ReceiverSnapshot& receiver : input.receivers) {
    const auto raised = std::ranges::find_if(
        receiver.sources, [](const SourceSnapshot& source) { return source.hops() < 0; });
    if (raised == receiver.sources.end()) continue;
    result.push_back({"Warning: packets of " + raised->source.to_string() +
                          " arrive with a higher TTL than they say they were sent with",
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
  const auto dscp_text = [](int dscp) {
    return dscp >= 0 && dscp <= 63 ? describe_dscp(static_cast<std::uint8_t>(dscp)) : "?";
  };
  const bool preserved = source.dscp == source.sent_dscp;
  const std::uint64_t remarked = source.counters.remarked;
  return {
      {"Sender", {source.source.to_string(), Style::kPlain}},
      {"Sender ID", {sender_id_text(source.sender_id), Style::kPlain}},
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

// The newest first, a row each.
Block gap_log(const ReceiverSnapshot& receiver, Nanoseconds now, const ScreenSize& size) {
  struct Entry {
    Gap gap;
    const SourceSnapshot* source = nullptr;
  };
  std::vector<Entry> entries;
  for (const SourceSnapshot& source : receiver.sources) {
    for (const Gap& gap : source.gaps) entries.push_back({gap, &source});
  }
  std::ranges::stable_sort(entries, std::ranges::greater{},
                           [](const Entry& entry) { return entry.gap.realtime; });
  const auto label = [&](std::string_view text) {
    return Span{padded(text, kLabelWidth, Align::kLeft, size.unicode), Style::kFaint};
  };
  std::vector<Line> lines;
  if (entries.empty()) lines.push_back({label("Gaps"), {"none", Style::kPlain}});
  for (const Entry& entry : entries) {
    const std::string lost = count_text(entry.gap.lost_packets);
    std::string text = padded(time_text(entry.gap.realtime, now), 14, Align::kLeft, true);
    text += padded(duration_text(entry.gap.length), 9, Align::kRight, true);
    text += padded(lost, 13, Align::kRight, true) +
            (entry.gap.lost_packets == 1 ? " packet lost " : " packets lost");
    Line line{label(lines.empty() ? "Gaps" : ""), {std::move(text), Style::kPlain}};
    if (receiver.sources.size() > 1) {
      line.push_back({" of " + entry.source->source.to_string(), Style::kPlain});
    }
    lines.push_back(std::move(line));
  }
  Block block = block_of(std::move(lines), kGapsImportance, false);
  block.least = std::min<std::size_t>(block.most, 3);
  return block;
}

std::string groups_text(const std::vector<ReceiverSnapshot>& receivers) {
  if (receivers.size() == 1) return group_with_class(receivers.front().spec.group);
  return count_text(receivers.size()) + " groups, " + receivers.front().spec.group.to_string() +
         " to " + receivers.back().spec.group.to_string();
}

}  // namespace

Screen receive_view(const ReceiveViewInput& input, const ScreenSize& size) {
  if (input.receivers.empty()) return {};
  const Sum sum = sum_of(input);
  const ReceiverSnapshot& first = input.receivers.front();
  const bool many = input.receivers.size() > 1;

  std::vector<Block> blocks;
  blocks.push_back(title_block("mcast-receive", groups_text(input.receivers),
                               many ? "" : first.spec.name, size));
  append_state_blocks(
      blocks, many ? states_line(sum, input.receivers.size()) : state_line(first, input.now),
      input.elapsed, input.duration, size);
  blocks.push_back(message_block(messages(input, sum), size));
  blocks.push_back(block_of(field_lines(setup(input, size), size), kSetupImportance, true));
  std::vector<Field> fields = counters(input, sum);
  if (many && size.rows < kRowsForAllCounters) fields.resize(8);
  blocks.push_back(block_of(field_lines(fields, size), kCountersImportance, true));
  if (many) {
    blocks.push_back(history_block(input.history, "Loss", size));
    blocks.push_back(group_table(input.receivers, size));
  } else {
    blocks.push_back(first.sources.size() > 1 ? sender_table(first, input.now, size)
                                              : block_of(field_lines(sender_fields(first), size),
                                                         kRowsImportance, true));
    blocks.push_back(history_block(input.history, "Loss", size));
    blocks.push_back(gap_log(first, input.now, size));
  }
  return stacked(blocks, size);
}

}  // namespace mcast::cli
