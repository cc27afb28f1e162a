#include "cli/streams/stream_tables.h"

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "api/json_values.h"
#include "cli/streams/stream_totals.h"
#include "cli/streams/view_blocks.h"

namespace mcast::cli {
namespace {

// Wide enough for what is usual; count_text() shortens the rest.
constexpr int kPacketsWidth = 11;
constexpr int kLostWidth = 9;
constexpr int kPercentWidth = 7;
constexpr int kDscpWidth = 9;
constexpr int kDurationWidth = 8;

Span plain(std::string text) {
  return {std::move(text), Style::kPlain};
}

Span count_cell(std::uint64_t count, int width, Style style = Style::kPlain) {
  return {count_text(count, width), if_any(count, style)};
}

Span loss_cell(const ReceptionCounters& counters) {
  return {loss_text(counters), if_any(counters.lost, Style::kBad)};
}

Span hops_cell(const SourceSnapshot& source) {
  return {std::to_string(source.hops()), source.hops() < 0 ? Style::kWarning : Style::kPlain};
}

Span interruption_cell(Nanoseconds longest) {
  return longest > 0 ? Span{duration_text(longest), Style::kBad} : plain("-");
}

std::string more_text(std::size_t hidden, const std::string& what) {
  return count_text(hidden) + " more " + what + (hidden == 1 ? "" : "s") + " not shown";
}

// The name of a stream, or why it failed.
template <typename Stream>
Span name_cell(const Stream& stream, bool unicode) {
  return stream.error.empty() ? plain(printable(stream.spec.name, unicode))
                              : Span{printable(stream.error, unicode), Style::kBad};
}

// What decides about the order of groups.
struct GroupRank {
  std::size_t index = 0;
  int state = 0;           // the higher, the worse
  std::uint64_t loss = 0;  // in hundredths of a percent, or failed sends
  bool remarked = false;

  [[nodiscard]] bool is_fine() const { return state == 0 && loss == 0; }
};

// What is shown decides, so that rows which look the same do not change places.
GroupRank rank_of(const ReceiverSnapshot& receiver, std::size_t index) {
  ReceptionCounters sum;
  for (const SourceSnapshot& source : receiver.sources) sum.add(source.counters);
  const auto loss = static_cast<std::uint64_t>(10'000 * loss_ratio(sum).value_or(0));
  const int state = receiver.state == ReceiverState::kFailed    ? 3
                    : receiver.state == ReceiverState::kStalled ? 2
                    : receiver.state == ReceiverState::kWaiting ? 1
                                                                : 0;
  return {.index = index,
          .state = state,
          .loss = sum.lost > 0 ? std::max<std::uint64_t>(1, loss) : 0,
          .remarked = sum.remarked > 0};
}

GroupRank rank_of(const SenderSnapshot& sender, std::size_t index) {
  GroupRank rank{.index = index, .state = sender.state == SenderState::kFailed ? 1 : 0};
  for (const auto& [name, count] : sender.errors) rank.loss += count;
  return rank;
}

template <typename Stream>
struct GroupRow {
  const Stream& stream;
  StreamTotals totals;
  bool unicode = true;
};

// `rest` describes the groups that are not shown by their number and the worst of them.
template <typename Stream, typename Rest>
Block table_of_groups(const std::vector<Stream>& streams,
                      std::vector<TableColumn<GroupRow<Stream>>> columns, Rest rest,
                      const ScreenSize& size) {
  // Sorted as far as it can be shown, for thousands of groups several times a second;
  // after these one more is wanted, to say what the best of the others are like.
  auto ranks = std::make_shared<std::vector<GroupRank>>();
  ranks->reserve(streams.size());
  bool all_v4 = true;
  for (const Stream& stream : streams) {
    ranks->push_back(rank_of(stream, ranks->size()));
    all_v4 = all_v4 && stream.spec.group.is_v4();
  }
  const auto sorted = std::min(ranks->size(), static_cast<std::size_t>(std::max(size.rows, 0)) + 1);
  std::ranges::partial_sort(
      *ranks, ranks->begin() + static_cast<std::ptrdiff_t>(sorted), {}, [](const GroupRank& rank) {
        return std::tuple(-rank.state, ~rank.loss, !rank.remarked, rank.index);
      });
  std::vector<GroupRow<Stream>> rows;
  for (std::size_t i = 0; i < sorted; ++i) {
    const Stream& stream = streams[(*ranks)[i].index];
    rows.push_back({stream, totals_of(std::span(&stream, 1)), size.unicode});
  }
  columns.front().column.width = address_column_width(all_v4 ? 0 : 39, size);
  return table_block<GroupRow<Stream>>(
      columns, rows, streams.size(), 5,
      [ranks, rest](std::size_t hidden) {
        return more_text(hidden, "group") + rest(hidden, (*ranks)[ranks->size() - hidden]);
      },
      size);
}

}  // namespace

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
  struct Row {
    const SourceSnapshot& source;
    const ReceptionCounters& counters;
    bool silent = false;
    [[nodiscard]] Style style() const { return silent ? Style::kFaint : Style::kPlain; }
  };
  using R = const Row&;
  std::vector<Row> rows;
  std::size_t longest = 0;
  for (const SourceSnapshot& source : receiver.sources) {
    rows.push_back({source, source.counters,
                    now - source.last_packet_realtime > receiver.spec.timeouts().stall});
    longest = std::max(longest, source.source.to_string().size());
  }
  const std::vector<TableColumn<Row>> columns{
      {{"Sender", address_column_width(longest, size), Align::kLeft, 100},
       [](R row) -> Span { return {row.source.source.to_string(), row.style()}; }},
      {{"Packets", kPacketsWidth, Align::kRight, 80},
       [](R row) -> Span {
         return {count_text(row.counters.packets, kPacketsWidth), row.style()};
       }},
      {{"Lost", kLostWidth, Align::kRight, 60},
       [](R row) { return count_cell(row.counters.lost, kLostWidth, Style::kBad); }},
      {{"Loss", kPercentWidth, Align::kRight, 90}, [](R row) { return loss_cell(row.counters); }},
      {{"Hops", 4, Align::kRight, 70}, [](R row) { return hops_cell(row.source); }},
      {{"DSCP", kDscpWidth, Align::kRight, 65},
       [](R row) { return dscp_cell(row.source, row.counters.remarked); }},
      {{"Jitter", kDurationWidth, Align::kRight, 50},
       [](R row) {
         return row.silent ? Span{"silent", Style::kWarning}
                           : plain(duration_text(row.source.jitter));
       }},
      {{"Longest", kDurationWidth, Align::kRight, 40},
       [](R row) { return interruption_cell(row.source.longest_interruption); }},
      {{"Late", kLostWidth, Align::kRight, 30},
       [](R row) { return count_cell(row.counters.late, kLostWidth); }},
      {{"Reordered", kLostWidth, Align::kRight, 29},
       [](R row) { return count_cell(row.counters.reordered, kLostWidth); }},
      {{"Duplicates", 10, Align::kRight, 28},
       [](R row) { return count_cell(row.counters.duplicates, kLostWidth); }},
      {{"Restarts", 8, Align::kRight, 27},
       [](R row) { return count_cell(row.source.restarts, 8, Style::kWarning); }},
      {{"Sender ID", 10, Align::kRight, 26},
       [](R row) { return plain(api::sender_id_text(row.source.sender_id)); }},
  };
  return table_block<Row>(
      columns, rows, rows.size(), 3, [](std::size_t hidden) { return more_text(hidden, "sender"); },
      size);
}

Block group_table(const std::vector<ReceiverSnapshot>& receivers, const ScreenSize& size) {
  using R = const GroupRow<ReceiverSnapshot>&;
  return table_of_groups(
      receivers,
      {{{"Group", 0, Align::kLeft, 100},
        [](R row) { return plain(row.stream.spec.group.to_string()); }},
       {{"State", 9, Align::kLeft, 95}, [](R row) { return state_cell(row.stream.state); }},
       {{"Packets", kPacketsWidth, Align::kRight, 60},
        [](R row) { return count_cell(row.totals.counters.packets, kPacketsWidth); }},
       {{"Lost", kLostWidth, Align::kRight, 55},
        [](R row) { return count_cell(row.totals.counters.lost, kLostWidth, Style::kBad); }},
       {{"Loss", kPercentWidth, Align::kRight, 90},
        [](R row) { return loss_cell(row.totals.counters); }},
       {{"Hops", 4, Align::kRight, 80},
        [](R row) {
          return row.totals.latest != nullptr ? hops_cell(*row.totals.latest) : plain("-");
        }},
       {{"DSCP", kDscpWidth, Align::kRight, 70},
        [](R row) {
          return row.totals.latest != nullptr
                     ? dscp_cell(*row.totals.latest, row.totals.counters.remarked)
                     : plain("-");
        }},
       {{"Longest", kDurationWidth, Align::kRight, 40},
        [](R row) { return interruption_cell(row.totals.longest_interruption); }},
       {{"Jitter", kDurationWidth, Align::kRight, 35},
        [](R row) {
          return plain(row.totals.latest != nullptr ? duration_text(row.totals.latest->jitter)
                                                    : "-");
        }},
       {{"Sender", 18, Align::kLeft, 30},
        [](R row) {
          if (row.totals.latest == nullptr) return plain("");
          const std::size_t others = row.stream.sources.size() - 1;
          return plain(row.totals.latest->source.to_string() +
                       (others > 0 ? " +" + std::to_string(others) : ""));
        }},
       {{"", 30, Align::kLeft, 20}, [](R row) { return name_cell(row.stream, row.unicode); }}},
      [](std::size_t hidden, const GroupRank& worst) -> std::string {
        if (worst.state > 0) return "";
        return std::string(hidden == 1 ? ", " : ", all ") +
               (worst.loss > 0 ? "receiving" : "receiving without loss");
      },
      size);
}

Block group_table(const std::vector<SenderSnapshot>& senders, const ScreenSize& size) {
  using R = const GroupRow<SenderSnapshot>&;
  return table_of_groups(
      senders,
      {{{"Group", 0, Align::kLeft, 100},
        [](R row) { return plain(row.stream.spec.group.to_string()); }},
       {{"State", 9, Align::kLeft, 95}, [](R row) { return state_cell(row.stream.state); }},
       {{"Packets", 15, Align::kRight, 90},
        [](R row) { return count_cell(row.stream.packets, 15); }},
       {{"Errors", 11, Align::kRight, 85},
        [](R row) { return count_cell(row.totals.failed_sends, 11, Style::kBad); }},
       {{"Skipped", 11, Align::kRight, 60},
        [](R row) { return count_cell(row.stream.skipped, 11, Style::kWarning); }},
       {{"Sender ID", 10, Align::kRight, 50},
        [](R row) { return plain(api::sender_id_text(row.stream.sender_id)); }},
       {{"", 40, Align::kLeft, 20}, [](R row) { return name_cell(row.stream, row.unicode); }}},
      [](std::size_t, const GroupRank& worst) -> std::string {
        return worst.is_fine() ? ", without errors" : "";
      },
      size);
}

Block gap_log(const ReceiverSnapshot& receiver, Nanoseconds now, const ScreenSize& size) {
  std::vector<std::pair<Gap, IpAddress>> gaps;
  for (const SourceSnapshot& source : receiver.sources) {
    for (const Gap& gap : source.gaps) gaps.emplace_back(gap, source.source);
  }
  std::ranges::sort(gaps, [](const auto& a, const auto& b) {
    if (a.first.realtime != b.first.realtime) return a.first.realtime > b.first.realtime;
    return a.second < b.second;
  });
  std::vector<Line> lines;
  if (gaps.empty()) lines.push_back({label_span("Gaps", size), plain("none")});
  for (const auto& [gap, source] : gaps) {
    std::string text = padded(time_text(gap.realtime, now), 14, Align::kLeft, size.unicode) +
                       padded(duration_text(gap.length), 9, Align::kRight, size.unicode) +
                       padded(count_text(gap.lost_packets), 13, Align::kRight, size.unicode) +
                       (gap.lost_packets == 1 ? " packet lost " : " packets lost");
    if (receiver.sources.size() > 1) text += " of " + source.to_string();
    lines.push_back({label_span(lines.empty() ? "Gaps" : "", size), plain(std::move(text))});
  }
  Block block = block_of(std::move(lines), false);
  block.least = std::min<std::size_t>(block.all, 3);
  return block;
}

}  // namespace mcast::cli
