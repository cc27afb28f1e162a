#include "cli/streams/stream_view.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "cli/streams/history_chart.h"
#include "cli/streams/stream_names.h"
#include "cli/streams/stream_tables.h"
#include "cli/streams/stream_totals.h"
#include "cli/terminal/layout.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

// "TTL", "Hop limit"
std::string ttl_title(const IpAddress& group) {
  std::string title = ttl_name(group);
  title.front() = group.is_v4() ? 'T' : 'H';
  return title;
}

using Fields = std::vector<Field>;

constexpr int kCountWidth = 15;
// In fewer rows there is no title: the state comes first.
constexpr int kRowsForTitle = 4;
constexpr int kRowsForAllCounters = 32;      // with a table of groups below them
constexpr std::size_t kMaxMessageLines = 3;  // of one message
constexpr int kHighestChart = 8;
constexpr std::size_t kListLines =
    8;  // left to the list below the charts, so that they seldom change

// "eth1 (10.1.1.2)"
Span interface_text(const std::string& interface, const std::string& address, bool unicode) {
  std::string text = interface.empty() ? "none yet" : drawable(interface, unicode);
  if (!address.empty()) text += " (" + drawable(address, unicode) + ")";
  return {text};
}

// "RECEIVING 988 of 1,000  1 failed  3 stalled": `others` are left out where no stream is in them.
template <typename State>
Line states_line(const std::string& word, State active, std::initializer_list<State> others,
                 const StreamTotals& sum, std::size_t all) {
  const std::size_t count = sum.in(active);
  Line line{
      {word + " ", if_any(count, Style::kGood)},
      {count_text(count) + " of " + count_text(all), count == all ? Style::kGood : Style::kPlain}};
  for (const State state : others) {
    if (sum.in(state) == 0) continue;
    const auto [text, style] = state_cell(state);
    line.insert(line.end(), {{"  "}, {count_text(sum.in(state)) + " " + text, style}});
  }
  return line;
}

Line elapsed_line(const ViewInput& input, bool with_label) {
  Line line{{with_label ? "elapsed " : "", Style::kFaint}, {clock_text(input.elapsed)}};
  if (input.duration <= 0) return line;
  // Whole seconds, so that both together are the duration.
  const Nanoseconds left = input.duration - input.elapsed / kSecond * kSecond;
  line.insert(line.end(), {{", " + clock_text(left)}, {" left", Style::kFaint}});
  return line;
}

// Sentences for the person: why the first stream failed (others will have failed for the same
// reason), the command's warnings, and `more`.
template <typename Stream>
Block message_block(const std::vector<Stream>& streams, const ViewInput& input,
                    const std::vector<std::string>& more, const ScreenSize& size) {
  std::vector<Line> lines;
  const auto add = [&](const std::string& message, Style style) {
    const std::string text = drawable(message, size.unicode);
    for (auto& part : wrapped(text, size.columns, size.unicode, kMaxMessageLines)) {
      lines.push_back({{std::move(part), style}});
    }
  };
  const auto failed = std::ranges::find(streams, decltype(Stream::state)::kFailed, &Stream::state);
  if (failed != streams.end()) {
    const std::string group = streams.size() > 1 ? failed->spec.group.to_string() + ": " : "";
    add(group + failed->error, Style::kBad);
  }
  for (const auto* warnings : {&input.warnings, &more}) {
    for (const std::string& warning : *warnings) add("Warning: " + warning, Style::kWarning);
  }
  return block_of(std::move(lines), false);
}

// The blocks of both pictures, from top to bottom.
struct Parts {
  Line state = {};
  Block findings = {};
  std::vector<std::string> warnings = {};
  Fields setup = {};
  Fields counters = {};
  Block details = {};
  std::string loss_label = {};
  Block last = {};
};

template <typename Stream>
Screen picture(const std::string& command, const std::vector<Stream>& streams,
               const ViewInput& input, Parts parts, const ScreenSize& size) {
  const ViewControls& controls = input.controls;
  if (controls.shows_help) return help_screen(command, size);
  std::vector<Block> blocks;
  if (size.rows >= kRowsForTitle) {
    Line title{{command + "  " + groups_text(streams), Style::kHeading}};
    const auto& spec = streams.front().spec;
    if (streams.size() == 1 && has_own_name(spec)) {
      title.push_back({"  " + drawable(spec.name, size.unicode)});
    }
    if (controls.reset_realtime > 0) {
      title.push_back({"  since " + time_text(controls.reset_realtime, input.now)});
    }
    if (controls.is_paused) title.push_back({"  PAUSED", Style::kWarning});
    blocks.push_back(
        block_of({justified(title, {{"?: help  q: quit", Style::kFaint}}, size)}, false));
  }
  // The state, and the time that passed and is left: at the right edge, or below where that is
  // too narrow.
  const auto beside = [&](const Line& time) {
    return line_width(parts.state) + 2 + line_width(time) <= size.columns;
  };
  const Line labelled = elapsed_line(input, true);
  const Line time = beside(labelled) ? labelled : elapsed_line(input, false);
  blocks.push_back(block_of({justified(parts.state, time, size)}, false));
  if (!beside(time)) blocks.push_back(block_of({labelled}, false, Place::kLastIfShort));

  blocks.push_back(std::move(parts.findings));
  blocks.push_back(message_block(streams, input, parts.warnings, size));
  blocks.push_back(block_of(field_lines(parts.setup, size), true, Place::kLastIfShort));
  blocks.push_back(block_of(field_lines(parts.counters, size), true));
  blocks.push_back(std::move(parts.details));
  // The charts are as high as what the other blocks have no use for.
  std::size_t used = 1 + std::max(parts.last.wanted(), kListLines);
  for (const Block& block : blocks) used += block.wanted();
  const int height = std::clamp((size.rows - static_cast<int>(used)) / 2, 1, kHighestChart);
  blocks.push_back(history_block(input.history, parts.loss_label, height, size));
  blocks.push_back(std::move(parts.last));
  return stacked(std::move(blocks), size);
}

// "25.0 pps, 40.0 kbps"
Span rates_text(double packets, double bits) {
  return {rate_text(packets, "pps") + ", " + rate_text(bits, "bps")};
}

// What is going on, over the last 5 s.
Span current_rates(const RateHistory* history) {
  const auto rates = history != nullptr ? history->over(5 * kSecond) : RateHistory::Rates{};
  return rates_text(rates.packets_per_second, rates.bits_per_second);
}

// The bound that 99 % of packets kept, as far as the buckets tell.
std::string lag_text(const ScheduleLagHistogram& lag) {
  if (lag.count() == 0) return "-";
  const auto& bounds = ScheduleLagHistogram::bounds();
  const auto duration = [](double seconds) { return duration_text(std::llround(seconds * 1e9)); };
  const double wanted = 0.99 * static_cast<double>(lag.count());
  double below = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    below += static_cast<double>(lag.counts()[i]);
    if (below >= wanted) return "p99 < " + duration(bounds[i]);
  }
  return "p99 > " + duration(bounds.back());
}

Fields send_setup(const SendViewInput& input, const StreamTotals& sum, bool unicode) {
  const SenderSnapshot& first = input.senders.front();
  Fields fields{{"Target", rates_text(sum.target, sum.target_bits)},
                {"Interface", interface_text(first.interface, input.local_address, unicode)},
                {ttl_title(first.spec.group), {std::to_string(first.spec.ttl)}},
                {"DSCP", {dscp_text(first.spec.dscp)}},
                {"Datagram", {count_text(first.spec.size) + " bytes"}},
                {"UDP port", {ports_text(input.senders)}}};
  if (input.senders.size() == 1) {
    fields.push_back({"Sender ID", {sender_id_text(first.sender_id)}});
    fields.push_back({"Loopback", {first.spec.loopback ? "on" : "off"}});
  }
  return fields;
}

Fields send_counters(const SendViewInput& input, const StreamTotals& sum) {
  const std::string limit = sum.limit != kNoLimit ? " of " + count_text(sum.limit, 11) : "";
  return {{"Packets", {count_text(sum.counters.packets, limit.empty() ? 15 : 11) + limit}},
          {"Rate", current_rates(input.history)},
          {"Errors", count_cell(sum.counters.lost, kCountWidth, Style::kBad)},
          {"Skipped", count_cell(sum.skipped, kCountWidth, Style::kWarning)},
          {"Bytes", {bytes_text(sum.counters.bytes)}},
          {"Send delay", {lag_text(sum.lag)}}};
}

Line send_state(const StreamTotals& sum, std::size_t groups) {
  using enum SenderState;
  if (groups > 1) return states_line("SENDING", kSending, {kFailed, kFinished}, sum, groups);
  if (sum.in(kFailed) > 0) return {{"FAILED", Style::kBad}};
  return {{sum.in(kFinished) > 0 ? "FINISHED" : "SENDING", Style::kGood}};
}

// "12: 10 foreign, 2 stale"
std::string rejected_text(const StreamTotals& sum) {
  std::string text = count_text(sum.rejected_packets, 9);
  std::string_view separator = ": ";
  for (const auto& [reason, count] : kRejections) {
    if (sum.rejected.*count == 0) continue;
    text.append(separator).append(count_text(sum.rejected.*count, 9)).append(" ").append(reason);
    separator = ", ";
  }
  return text;
}

// The most important first: the last are left out where many groups want the room.
Fields receive_counters(const ReceiveViewInput& input, const StreamTotals& sum) {
  constexpr int kValueWidth = 24;  // of the right column at 80 columns
  // Below 0: nothing was expected. No optional: GCC 12 takes its value for uninitialised.
  const double recent =
      input.history != nullptr ? input.history->over(10 * kSecond).loss_percent.value_or(-1) : -1;
  const auto& total = sum.counters;
  const std::string percent = sum.loss_percent() ? " (" + loss_text(total) + ")" : "";
  const std::string lost =
      percent.empty() ? "-"
                      : count_text(total.lost, kValueWidth - static_cast<int>(percent.size()));
  const std::string drops = sum.socket_drops > 0 ? " lost on this host" : "";
  // "1.24 s, 239.0.10.101", "8.9 s so far"; `none` below 0.
  const auto worst = [](const StreamTotals::Worst& value, const std::string& none) {
    if (value.value < 0) return none;
    return (value.is_running ? running_text(value.value) + " so far" : duration_text(value.value)) +
           (value.of ? ", " + value.of->to_string() : "");
  };
  return {
      {"Packets", count_cell(total.packets, kCountWidth)},
      {"Rate", current_rates(input.history)},
      {"Lost", {lost + percent, if_any(total.lost, Style::kBad)}},
      {"Loss 10 s",
       {recent >= 0 ? percent_text(recent) : "-", recent > 0 ? Style::kBad : Style::kPlain}},
      {"Bytes", {bytes_text(total.bytes)}},
      {"Socket drops",
       {count_text(sum.socket_drops, 6) + drops, if_any(sum.socket_drops, Style::kBad)}},
      {"Stalls", count_cell(sum.stalls, kCountWidth, Style::kBad)},
      {"Rejected", {rejected_text(sum), if_any(sum.rejected_packets, Style::kWarning)}},
      {"Longest gap",
       {worst(sum.longest_gap, "none"), sum.longest_gap.value > 0 ? Style::kBad : Style::kPlain}},
      {"Late", count_cell(total.late, kCountWidth)},
      {"Jitter", {worst(sum.jitter, "-")}},
      {"Reordered", count_cell(total.reordered, kCountWidth)},
      {"Join delay", {worst(sum.join_delay, "-")}},
      {"Duplicates", count_cell(total.duplicates, kCountWidth)},
      {"Senders",
       {count_text(sum.active_senders, 9) + " now, " + count_text(sum.senders_seen, 9) + " seen"}},
      {"Restarts", count_cell(sum.restarts, kCountWidth, Style::kWarning)},
  };
}

// `forced`: somebody asked for it, or the interface would use another one.
Span version_text(Family family, const ReceiveViewInput& input, bool forced) {
  const auto& in_use = input.version_in_operation;
  if (!in_use) return {"not known"};
  const std::string used = version_name(family, *in_use);
  if (const auto& requested = input.version_requested; requested && *requested != *in_use) {
    return {used + " in use, not " + version_name(family, *requested), Style::kWarning};
  }
  return {used + (forced ? " (forced, in use)" : " (in use)")};
}

Fields receive_setup(const ReceiveViewInput& input, bool unicode) {
  const ReceiverSnapshot& first = input.receivers.front();
  const auto& source = first.spec.source;
  return {{"Join", {source ? "SSM (S,G), " + source->to_string() : "ASM (*,G), any source"}},
          {"Interface", interface_text(first.interface, input.interface_address, unicode)},
          {"Version",
           version_text(first.spec.group.family(), input, first.spec.wanted_version().has_value())},
          {"UDP port", {ports_text(input.receivers)}}};
}

Line receive_state(const ReceiverSnapshot& receiver, Nanoseconds now) {
  const StreamTotals sum = totals_of(receiver);
  // While it is silent, the clock of the longest gap.
  const std::string since = running_text(sum.overdue > 0 && sum.longest_gap.is_running
                                             ? sum.longest_gap.value
                                             : now - receiver.last_packet_realtime);
  switch (receiver.state) {
    case ReceiverState::kWaiting:
      return {{"WAITING", Style::kWarning}, {"    no packet yet"}};
    case ReceiverState::kReceiving: {
      // Of any sender, whoever of them is silent.
      Line line{{"RECEIVING", Style::kGood},
                {"  last packet " + running_text(now - receiver.last_packet_realtime) + " ago"}};
      const auto silent = std::ranges::count_if(
          receiver.sources,
          [&](const SourceSnapshot& source) { return is_silent(receiver, source, now); });
      if (silent > 0) {
        line.push_back({", " + std::to_string(silent) + " of " +
                            std::to_string(receiver.sources.size()) + " senders silent",
                        Style::kWarning});
      }
      if (sum.overdue > 0) {
        line.push_back({", " + count_text(sum.overdue, 9) + " packets overdue", Style::kBad});
      }
      return line;
    }
    case ReceiverState::kStalled:
      return {{"STALLED    no packet for " + since + ", since " +
                   time_text(receiver.last_packet_realtime, now),
               Style::kBad}};
    case ReceiverState::kEnded:
      return {{"ENDED", Style::kGood},
              {"      the sender said so, " + time_text(receiver.last_packet_realtime, now)}};
    case ReceiverState::kFailed:
      return {{"FAILED", Style::kBad}};
  }
  return {};
}

std::vector<std::string> receive_warnings(const ReceiveViewInput& input, const StreamTotals& sum) {
  std::vector<std::string> result;
  for (const ReceiverSnapshot& receiver : input.receivers) {
    const auto raised = std::ranges::find_if(
        receiver.sources, [](const SourceSnapshot& source) { return source.hops() < 0; });
    if (raised == receiver.sources.end()) continue;
    result.push_back("packets of " + raised->source.to_string() + " arrive with a higher " +
                     ttl_name(raised->source.address) + " than they were sent with");
    break;
  }
  if (sum.untracked > 0) {
    result.push_back("too many senders, " + count_text(sum.untracked) +
                     " packets of theirs are not counted");
  }
  return result;
}

// One sender in full; before the first packet the same rows without values, so that
// nothing moves when it comes.
Fields sender_fields(const ReceiverSnapshot& receiver) {
  if (receiver.sources.empty()) {
    return {{"Sender", {"none yet"}}, {"Sender ID", {"-"}}, {ttl_title(receiver.spec.group), {"-"}},
            {"Hops", {"-"}},          {"DSCP", {"-"}},      {"Remarked", {"-"}}};
  }
  const SourceSnapshot& source = receiver.sources.front();
  const int hops = source.hops();
  const bool preserved = source.dscp == source.sent_dscp;
  const std::uint64_t remarked = source.counters.remarked;
  return {
      {"Sender", {source.source.to_string()}},
      {"Sender ID", {sender_id_text(source.sender_id)}},
      {ttl_title(receiver.spec.group),
       {std::to_string(source.ttl) + ", sender set " + std::to_string(source.sent_ttl)}},
      {"Hops",
       {std::to_string(hops) + (hops == 0 ? " (same subnet)" : ""),
        hops < 0 ? Style::kWarning : Style::kPlain}},
      {"DSCP", preserved ? Span{dscp_text(source.dscp) + ", preserved"}
                         : Span{dscp_text(source.dscp) + ", sent as " + dscp_text(source.sent_dscp),
                                Style::kWarning}},
      {"Remarked",
       {remarked > 0 ? count_text(remarked, 17) + " packets" : "no",
        if_any(remarked, Style::kWarning)}},
  };
}

}  // namespace

Screen send_view(const SendViewInput& input, const ScreenSize& size) {
  const auto& senders = input.senders;
  if (senders.empty()) return {};
  const StreamTotals sum = totals_of(senders);
  Parts parts{
      .state = send_state(sum, senders.size()),
      .findings = findings_block(input.findings, senders.size() > 1, size),
      .setup = send_setup(input, sum, size.unicode),
      .counters = send_counters(input, sum),
      .details = error_table(
          sum, senders.size() > 1 ? std::nullopt : std::optional(input.controls.list.first), size),
      .loss_label = "Errors"};
  if (std::ranges::any_of(senders, [](const SenderSnapshot& sender) {
        return sender.spec.group.is_never_routed();
      })) {
    parts.warnings = {"routers do not forward link-local groups, whatever the " +
                      ttl_name(senders.front().spec.group)};
  }
  if (senders.size() > 1) parts.last = group_table(senders, input.rates, input.controls.list, size);
  return picture("mcast-send", senders, input, std::move(parts), size);
}

Screen receive_view(const ReceiveViewInput& input, const ScreenSize& size) {
  const auto& receivers = input.receivers;
  if (receivers.empty()) return {};
  const StreamTotals sum = totals_of(receivers, input.sockets);
  const ReceiverSnapshot& first = receivers.front();
  const bool many = receivers.size() > 1;
  Parts parts{.findings = findings_block(input.findings, many, size),
              .warnings = receive_warnings(input, sum),
              .setup = receive_setup(input, size.unicode),
              .counters = receive_counters(input, sum),
              .loss_label = "Loss"};
  if (many) {
    using enum ReceiverState;
    parts.state = states_line("RECEIVING", kReceiving, {kFailed, kStalled, kWaiting, kEnded}, sum,
                              receivers.size());
    if (size.rows < kRowsForAllCounters) parts.counters.resize(8);
    parts.last = group_table(receivers, input.rates, input.controls.list, size);
  } else {
    parts.state = receive_state(first, input.now);
    const bool senders = first.sources.size() > 1;
    parts.details = senders ? sender_table(first, input.now, input.controls.list, size)
                            : block_of(field_lines(sender_fields(first), size), true);
    parts.last = gap_log(first, input.now,
                         senders ? std::nullopt : std::optional(input.controls.list.first), size);
  }
  return picture("mcast-receive", receivers, input, std::move(parts), size);
}

}  // namespace mcast::cli
