#include "cli/streams/stream_tables.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <memory>
#include <tuple>
#include <utility>

#include "base/dscp.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

constexpr Align kLeft = Align::kLeft;
constexpr Align kRight = Align::kRight;

// Wide enough for what is usual; count_text() shortens the rest.
constexpr int kPacketsWidth = 11;
constexpr int kLostWidth = 9;
constexpr int kPercentWidth = 7;
constexpr int kDscpWidth = 9;
constexpr int kDurationWidth = 8;

// A row of a table: each cell with the column that it stands in.
using Row = std::vector<std::pair<Column, Span>>;

Span loss_cell(const ReceptionCounters& counters) {
  return {loss_text(counters), if_any(counters.lost, Style::kBad)};
}

Span hops_cell(const SourceSnapshot& source) {
  return {std::to_string(source.hops()), source.hops() < 0 ? Style::kWarning : Style::kPlain};
}

Span interruption_cell(Nanoseconds longest) {
  return longest > 0 ? Span{duration_text(longest), Style::kBad} : Span{"-"};
}

// The column for addresses, as wide as the widest of them wants, within reason: IPv4 ones in
// full always, IPv6 ones where the terminal is wide.
int address_width(std::size_t longest, const ScreenSize& size) {
  const int room = std::max(15, size.columns / 4);
  return std::clamp(static_cast<int>(longest), 15, std::min(39, room));
}

// A table of `count` rows, of which `rows` are those that may fit, and what is said of the
// others: "7 more groups not shown" and `rest`. `least` rows are wanted before others get more.
Block table_block(const std::vector<Row>& rows, std::size_t count, std::size_t least,
                  const std::string& what,
                  const std::function<std::string(std::size_t hidden)>& rest,
                  const ScreenSize& size) {
  std::vector<Column> columns;
  for (const auto& [column, cell] : rows.front()) columns.push_back(column);
  std::vector<Cells> lines;
  for (const Row& row : rows) {
    Cells& cells = lines.emplace_back();
    for (const auto& [column, cell] : row) cells.push_back(cell);
  }
  Block block = block_of(table_lines(columns, lines, size, false), true);
  block.all = count + 1;
  block.least = std::min(least < count ? least + 2 : count + 1, block.lines.size());
  block.rest = [what, rest](std::size_t hidden) {
    return count_text(hidden) + " more " + what + (hidden == 1 ? "" : "s") + " not shown" +
           rest(hidden);
  };
  return block;
}

// Lines that want to be three at least, the first behind `label`.
Block list_block(std::string_view label, const Cells& texts, bool apart, const ScreenSize& size) {
  std::vector<Line> lines;
  for (const Span& text : texts) {
    lines.push_back({label_span(lines.empty() ? label : "", size), text});
  }
  Block block = block_of(std::move(lines), apart);
  block.least = std::min<std::size_t>(block.all, 3);
  return block;
}

// What decides about the order of groups, the worst first: state, loss in hundredths of a
// percent or failed sends (both the other way round), nothing remarked, index. What is shown
// decides, so that rows which look the same do not change places.
using Rank = std::tuple<int, std::uint64_t, bool, std::size_t>;

Rank rank_of(const ReceiverSnapshot& receiver, std::size_t index) {
  // Waiting, receiving, stalled, ended, failed. An end is no fault.
  constexpr std::array<int, kReceiverStates.size()> kRanks{-1, 0, -2, 0, -3};
  const ReceptionCounters sum = totals_of(receiver).counters;
  const auto loss = static_cast<std::uint64_t>(10'000 * loss_ratio(sum).value_or(0));
  return {kRanks[static_cast<std::size_t>(receiver.state)],
          ~(sum.lost > 0 ? std::max<std::uint64_t>(1, loss) : 0), sum.remarked == 0, index};
}

Rank rank_of(const SenderSnapshot& sender, std::size_t index) {
  return {sender.state == SenderState::kFailed ? -1 : 0, ~totals_of(sender).counters.lost, true,
          index};
}

// Group and state, what `cells_of` has for it, and the stream's name or why it failed. `rest`
// describes the groups that are not shown by their number and the worst of them.
template <typename Stream, typename CellsOf, typename Rest>
Block table_of_groups(const std::vector<Stream>& streams, int name_width, CellsOf cells_of,
                      Rest rest, const ScreenSize& size) {
  // Sorted as far as it can be shown, for thousands of groups several times a second;
  // after these one more is wanted, to say what the best of the others are like.
  auto ranks = std::make_shared<std::vector<Rank>>();
  ranks->reserve(streams.size());
  bool all_v4 = true;
  for (const Stream& stream : streams) {
    ranks->push_back(rank_of(stream, ranks->size()));
    all_v4 = all_v4 && stream.spec.group.is_v4();
  }
  const auto sorted = std::min(ranks->size(), static_cast<std::size_t>(std::max(size.rows, 0)) + 1);
  std::ranges::partial_sort(*ranks, ranks->begin() + static_cast<std::ptrdiff_t>(sorted));
  std::vector<Row> rows;
  for (std::size_t i = 0; i < sorted; ++i) {
    const Stream& stream = streams[std::get<3>((*ranks)[i])];
    Row& row = rows.emplace_back();
    row.push_back({{"Group", address_width(all_v4 ? 0 : 39, size), kLeft, 100},
                   {stream.spec.group.to_string()}});
    row.push_back({{"State", 9, kLeft, 95}, state_cell(stream.state)});
    std::ranges::move(cells_of(stream, totals_of(stream)), std::back_inserter(row));
    const bool failed = !stream.error.empty();
    row.push_back({{"", name_width, kLeft, 20},
                   {drawable(failed ? stream.error : stream.spec.name, size.unicode),
                    failed ? Style::kBad : Style::kPlain}});
  }
  return table_block(
      rows, streams.size(), 5, "group",
      [ranks, rest](std::size_t hidden) -> std::string {
        const auto& [state, loss, preserved, index] = (*ranks)[ranks->size() - hidden];
        return rest(hidden, state == 0, ~loss == 0);
      },
      size);
}

}  // namespace

Span count_cell(std::uint64_t count, int width, Style style) {
  return {count_text(count, width), if_any(count, style)};
}

std::string dscp_text(int dscp) {
  return dscp >= 0 && dscp <= 63 ? describe_dscp(static_cast<std::uint8_t>(dscp)) : "?";
}

std::string short_dscp(int dscp) {
  const std::string text = dscp_text(dscp);
  return text.substr(0, text.find(' '));
}

Span dscp_cell(const SourceSnapshot& source, std::uint64_t remarked) {
  const Style style = if_any(remarked, Style::kWarning);
  if (source.dscp == source.sent_dscp) return {short_dscp(source.dscp), style};
  return {short_dscp(source.sent_dscp) + ">" + short_dscp(source.dscp), Style::kWarning};
}

Span state_cell(ReceiverState state) {
  return {std::string(to_string(state)), state == ReceiverState::kReceiving ? Style::kGood
                                         : state == ReceiverState::kWaiting ? Style::kWarning
                                                                            : Style::kBad};
}

Span state_cell(SenderState state) {
  return {std::string(to_string(state)), state == SenderState::kFailed    ? Style::kBad
                                         : state == SenderState::kSending ? Style::kGood
                                                                          : Style::kPlain};
}

Block sender_table(const ReceiverSnapshot& receiver, Nanoseconds now, const ScreenSize& size) {
  std::size_t longest = 0;
  for (const SourceSnapshot& source : receiver.sources) {
    longest = std::max(longest, source.source.to_string().size());
  }
  std::vector<Row> rows;
  for (const SourceSnapshot& source : receiver.sources) {
    const ReceptionCounters& counters = source.counters;
    const bool silent = now - source.last_packet_realtime > receiver.spec.timeouts().stall;
    const Style style = silent ? Style::kFaint : Style::kPlain;
    rows.push_back(
        {{{"Sender", address_width(longest, size), kLeft, 100}, {source.source.to_string(), style}},
         {{"Packets", kPacketsWidth, kRight, 80},
          {count_text(counters.packets, kPacketsWidth), style}},
         {{"Lost", kLostWidth, kRight, 60}, count_cell(counters.lost, kLostWidth, Style::kBad)},
         {{"Loss", kPercentWidth, kRight, 90}, loss_cell(counters)},
         {{"Hops", 4, kRight, 70}, hops_cell(source)},
         {{"DSCP", kDscpWidth, kRight, 65}, dscp_cell(source, counters.remarked)},
         {{"Jitter", kDurationWidth, kRight, 50},
          silent ? Span{"silent", Style::kWarning} : Span{duration_text(source.jitter)}},
         {{"Longest", kDurationWidth, kRight, 40}, interruption_cell(source.longest_interruption)},
         {{"Late", kLostWidth, kRight, 30}, count_cell(counters.late, kLostWidth)},
         {{"Reordered", kLostWidth, kRight, 29}, count_cell(counters.reordered, kLostWidth)},
         {{"Duplicates", 10, kRight, 28}, count_cell(counters.duplicates, kLostWidth)},
         {{"Restarts", 8, kRight, 27}, count_cell(source.restarts, 8, Style::kWarning)},
         {{"Sender ID", 10, kRight, 26}, {sender_id_text(source.sender_id)}}});
  }
  return table_block(rows, rows.size(), 3, "sender", [](std::size_t) { return ""; }, size);
}

Block group_table(const std::vector<ReceiverSnapshot>& receivers, const ScreenSize& size) {
  return table_of_groups(
      receivers, 30,
      [](const ReceiverSnapshot& receiver, const StreamTotals& sum) -> Row {
        const ReceptionCounters& counters = sum.counters;
        const bool any = sum.latest != nullptr;
        const SourceSnapshot latest = any ? *sum.latest : SourceSnapshot{};
        std::string sender = any ? latest.source.to_string() : "";
        if (const std::size_t all = receiver.sources.size(); all > 1) {
          sender += " +" + std::to_string(all - 1);
        }
        return {
            {{"Packets", kPacketsWidth, kRight, 60}, count_cell(counters.packets, kPacketsWidth)},
            {{"Lost", kLostWidth, kRight, 55}, count_cell(counters.lost, kLostWidth, Style::kBad)},
            {{"Loss", kPercentWidth, kRight, 90}, loss_cell(counters)},
            {{"Hops", 4, kRight, 80}, any ? hops_cell(latest) : Span{"-"}},
            {{"DSCP", kDscpWidth, kRight, 70},
             any ? dscp_cell(latest, counters.remarked) : Span{"-"}},
            {{"Longest", kDurationWidth, kRight, 40}, interruption_cell(sum.longest_interruption)},
            {{"Jitter", kDurationWidth, kRight, 35}, {any ? duration_text(latest.jitter) : "-"}},
            {{"Sender", 18, kLeft, 30}, {sender}}};
      },
      [](std::size_t hidden, bool receiving, bool without_loss) {
        if (!receiving) return "";
        if (hidden == 1) return without_loss ? ", receiving without loss" : ", receiving";
        return without_loss ? ", all receiving without loss" : ", all receiving";
      },
      size);
}

Block group_table(const std::vector<SenderSnapshot>& senders, const ScreenSize& size) {
  return table_of_groups(
      senders, 40,
      [](const SenderSnapshot& sender, const StreamTotals& sum) -> Row {
        return {{{"Packets", 15, kRight, 90}, count_cell(sender.packets, 15)},
                {{"Errors", 11, kRight, 85}, count_cell(sum.counters.lost, 11, Style::kBad)},
                {{"Skipped", 11, kRight, 60}, count_cell(sender.skipped, 11, Style::kWarning)},
                {{"Sender ID", 10, kRight, 50}, {sender_id_text(sender.sender_id)}}};
      },
      [](std::size_t, bool running, bool without_errors) {
        return running && without_errors ? ", without errors" : "";
      },
      size);
}

Block gap_log(const ReceiverSnapshot& receiver, Nanoseconds now, const ScreenSize& size) {
  std::vector<std::pair<Gap, IpAddress>> gaps;
  for (const SourceSnapshot& source : receiver.sources) {
    for (const Gap& gap : source.gaps) gaps.emplace_back(gap, source.source);
  }
  std::ranges::sort(gaps, [](const auto& a, const auto& b) {
    return std::tie(b.first.realtime, a.second) < std::tie(a.first.realtime, b.second);
  });
  Cells texts;
  for (const auto& [gap, source] : gaps) {
    texts.push_back({padded(time_text(gap.realtime, now), 14, kLeft, size.unicode) +
                     padded(duration_text(gap.length), 9, kRight, size.unicode) +
                     padded(count_text(gap.lost_packets), 13, kRight, size.unicode) +
                     (gap.lost_packets == 1 ? " packet lost " : " packets lost")});
    if (receiver.sources.size() > 1) texts.back().text += " of " + source.to_string();
  }
  if (texts.empty()) texts.push_back({"none"});
  return list_block("Gaps", texts, false, size);
}

Block error_table(const StreamTotals& sum, const ScreenSize& size) {
  std::vector<std::pair<std::string, std::uint64_t>> errors(sum.errors.begin(), sum.errors.end());
  std::ranges::sort(errors, [](const auto& a, const auto& b) {
    return std::tie(b.second, a.first) < std::tie(a.second, b.first);
  });
  Cells texts;
  for (const auto& [name, count] : errors) {
    if (count == 0) continue;
    texts.push_back({padded(drawable(name, size.unicode), 16, kLeft, size.unicode) +
                         padded(count_text(count), 15, kRight, size.unicode) +
                         (count == 1 ? " packet" : " packets"),
                     Style::kBad});
  }
  return list_block("Not sent", texts, true, size);
}

}  // namespace mcast::cli
