#include "cli/streams/stream_tables.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/dscp.h"
#include "cli/streams/stream_names.h"
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
constexpr int kRateWidth = 9;

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

// Lines that want to be three at least, the first that is shown behind `label`.
Block list_block(std::string_view label, Cells texts, bool apart,
                 std::optional<std::size_t> scrolled_to, const ScreenSize& size) {
  Block block;
  block.apart = apart;
  block.rows = texts.size();
  block.least = std::min<std::size_t>(block.rows, 3);
  block.scrolled_to = scrolled_to;
  block.list = [label, texts = std::move(texts), size](std::size_t first, std::size_t count) {
    std::vector<Line> lines;
    for (std::size_t i = first; i < first + count; ++i) {
      lines.push_back({label_span(lines.empty() ? label : "", size), texts[i]});
    }
    return lines;
  };
  return block;
}

// What decides about the order of groups, the worst first: state, loss in hundredths of a
// percent or failed sends (both the other way round), nothing remarked, index. What is shown
// decides, so that rows which look the same do not change places.
using Rank = std::tuple<int, std::uint64_t, bool, std::size_t>;

Rank rank_of(const ReceiverSnapshot& receiver, const StreamTotals& totals, std::size_t index) {
  // Waiting, receiving, stalled, ended, failed. An end is no fault.
  constexpr std::array<int, kReceiverStates.size()> kRanks{-1, 0, -2, 0, -3};
  const ReceptionCounters& sum = totals.counters;
  const auto loss = static_cast<std::uint64_t>(10'000 * loss_ratio(sum).value_or(0));
  return {kRanks[static_cast<std::size_t>(receiver.state)],
          ~(sum.lost > 0 ? std::max<std::uint64_t>(1, loss) : 0), sum.remarked == 0, index};
}

Rank rank_of(const SenderSnapshot& sender, const StreamTotals& totals, std::size_t index) {
  return {sender.state == SenderState::kFailed ? -1 : 0, ~totals.counters.lost, true, index};
}

// A stream as a row of the table of groups.
template <typename Stream>
struct Group {
  const Stream* stream = nullptr;
  StreamTotals totals = {};
  std::optional<RateHistory::Rates> rates = {};
  Rank rank = {};
};

using ReceiverRow = Group<ReceiverSnapshot>;
const ReceptionCounters& counters_of(const ReceiverRow& row) {
  return row.totals.counters;
}
const SourceSnapshot* source_of(const ReceiverRow& row) {
  return row.totals.latest;
}
Nanoseconds longest_of(const ReceiverRow& row) {
  return row.totals.longest_gap.value;
}

// A sender as a row of the table of one group's senders.
struct SenderRow {
  const SourceSnapshot* source = nullptr;
  ReceptionCounters counters = {};
  std::size_t index = 0;
  bool is_silent = false;
};
const ReceptionCounters& counters_of(const SenderRow& row) {
  return row.counters;
}
const SourceSnapshot* source_of(const SenderRow& row) {
  return row.source;
}
Nanoseconds longest_of(const SenderRow& row) {
  return longest_gap_of(*row.source).value;
}

// What both tables of receivers show of a row: the counters, the source that is shown (none:
// nothing came), and the longest interruption (0: none).
template <typename Row>
void add_reception(std::vector<TableColumn<Row>>& columns) {
  const auto count = [&](const char* title, int width, int importance,
                         std::uint64_t ReceptionCounters::* member, Style style) {
    const auto value = [member](const Row& row) { return counters_of(row).*member; };
    columns.push_back({{title, width, kRight, importance},
                       [=](const Row& row) { return count_cell(value(row), width, style); },
                       most(value)});
  };
  // Of the source, "-" without one.
  const auto of_source = [&](const Column& column, auto cell, auto value) {
    columns.push_back({column,
                       [cell](const Row& row) {
                         const SourceSnapshot* const source = source_of(row);
                         return source != nullptr ? cell(*source) : Span{"-"};
                       },
                       most([value](const Row& row) {
                         const SourceSnapshot* const source = source_of(row);
                         return source != nullptr ? value(*source) : -1;
                       })});
  };
  count("Packets", kPacketsWidth, 50, &ReceptionCounters::packets, Style::kPlain);
  count("Lost", kLostWidth, 60, &ReceptionCounters::lost, Style::kBad);
  columns.push_back(
      {{"Loss", kPercentWidth, kRight, 90},
       [](const Row& row) { return loss_cell(counters_of(row)); },
       most([](const Row& row) { return loss_ratio(counters_of(row)).value_or(-1); })});
  of_source({"Hops", 4, kRight, 80}, hops_cell,
            [](const SourceSnapshot& source) { return source.hops(); });
  columns.push_back({{"DSCP", kDscpWidth, kRight, 70},
                     [](const Row& row) {
                       const SourceSnapshot* const source = source_of(row);
                       return source != nullptr ? dscp_cell(*source, counters_of(row).remarked)
                                                : Span{"-"};
                     },
                     most([](const Row& row) { return counters_of(row).remarked; })});
  columns.push_back({{"Longest", kDurationWidth, kRight, 55},
                     [](const Row& row) { return interruption_cell(longest_of(row)); },
                     most([](const Row& row) { return longest_of(row); })});
  of_source(
      {"Jitter", kDurationWidth, kRight, 35},
      [](const SourceSnapshot& source) { return Span{duration_text(source.jitter)}; },
      [](const SourceSnapshot& source) { return source.jitter; });
  count("Late", kLostWidth, 29, &ReceptionCounters::late, Style::kPlain);
  count("Reordered", kLostWidth, 28, &ReceptionCounters::reordered, Style::kPlain);
  count("Duplicates", 10, 27, &ReceptionCounters::duplicates, Style::kPlain);
}

// Group, state and rate, then `columns`, names where they are not the groups, and why streams
// failed. `rest` describes the groups that are not shown by their number and the worst of them.
template <typename Stream, typename Rest>
Block table_of_groups(const std::vector<Stream>& streams, const Rates& rates,
                      std::vector<TableColumn<Group<Stream>>> columns, Rest rest,
                      const ListControls& controls, const ScreenSize& size) {
  using Row = Group<Stream>;
  Table<Row> table;
  bool all_v4 = true;
  bool with_names = false;
  bool with_errors = false;
  for (const Stream& stream : streams) {
    const std::size_t index = table.items.size();
    table.items.push_back({.stream = &stream, .totals = totals_of(stream)});
    if (index < rates.size()) table.items.back().rates = rates[index];
    table.items.back().rank = rank_of(stream, table.items.back().totals, index);
    all_v4 = all_v4 && stream.spec.group.is_v4();
    with_names = with_names || has_own_name(stream.spec);
    with_errors = with_errors || !stream.error.empty();
  }
  const auto rate = [](const Row& row) { return row.rates ? row.rates->packets_per_second : 0; };
  table.columns = {
      {{"Group", address_width(all_v4 ? 0 : 39, size), kLeft, 100},
       [](const Row& row) { return Span{row.stream->spec.group.to_string()}; },
       least([](const Row& row) { return row.stream->spec.group; })},
      {{"State", 9, kLeft, 95},
       [](const Row& row) { return state_cell(row.stream->state); },
       least([](const Row& row) { return std::get<0>(row.rank); })},
      {{"Rate", kRateWidth, kRight, 85},
       [rate](const Row& row) { return Span{row.rates ? rate_text(rate(row), "pps") : "-"}; },
       most(rate)}};
  std::ranges::move(columns, std::back_inserter(table.columns));
  const auto text_column = [&](const char* title, int importance, auto text, Style style) {
    table.columns.push_back({{title, 30, kLeft, importance},
                             [=, unicode = size.unicode](const Row& row) {
                               return Span{drawable(text(*row.stream), unicode), style};
                             },
                             least([text](const Row& row) { return text(*row.stream); })});
  };
  if (with_names) {
    text_column("Name", 25, [](const Stream& stream) { return stream.spec.name; }, Style::kPlain);
  }
  if (with_errors) {
    text_column("Error", 20, [](const Stream& stream) { return stream.error; }, Style::kBad);
  }
  table.usual = least([](const Row& row) { return row.rank; });
  table.what = "group";
  table.least_rows = 5;
  table.rest = [rest](const Row& first, std::size_t hidden) -> std::string {
    const auto& [state, loss, preserved, index] = first.rank;
    return rest(hidden, state == 0, ~loss == 0);
  };
  return table_block(std::move(table), controls, size);
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
  constexpr std::array<Style, kReceiverStates.size()> kStyles{
      Style::kWarning, Style::kGood, Style::kBad, Style::kPlain, Style::kBad};
  return {std::string(to_string(state)), kStyles[static_cast<std::size_t>(state)]};
}

Span state_cell(SenderState state) {
  return {std::string(to_string(state)), state == SenderState::kFailed    ? Style::kBad
                                         : state == SenderState::kSending ? Style::kGood
                                                                          : Style::kPlain};
}

bool is_silent(const ReceiverSnapshot& receiver, const SourceSnapshot& source, Nanoseconds now) {
  return now - source.last_packet_realtime > receiver.spec.timeouts().stall;
}

Block sender_table(const ReceiverSnapshot& receiver, Nanoseconds now, const ListControls& controls,
                   const ScreenSize& size) {
  Table<SenderRow> table;
  std::size_t longest = 0;
  for (const SourceSnapshot& source : receiver.sources) {
    longest = std::max(longest, source.source.to_string().size());
    table.items.push_back({.source = &source,
                           .counters = with_overdue(source),
                           .index = table.items.size(),
                           .is_silent = is_silent(receiver, source, now)});
  }
  table.columns = {
      {{"Sender", address_width(longest, size), kLeft, 100},
       [](const SenderRow& row) {
         return Span{row.source->source.to_string(), row.is_silent ? Style::kFaint : Style::kPlain};
       },
       least([](const SenderRow& row) { return row.source->source; })},
      {{"State", 7, kLeft, 95},
       [](const SenderRow& row) {
         return row.is_silent ? Span{"silent", Style::kWarning} : Span{"sending", Style::kGood};
       },
       most([](const SenderRow& row) { return row.is_silent; })}};
  add_reception(table.columns);
  table.columns.push_back(
      {{"Restarts", 8, kRight, 26},
       [](const SenderRow& row) { return count_cell(row.source->restarts, 8, Style::kWarning); },
       most([](const SenderRow& row) { return row.source->restarts; })});
  table.columns.push_back(
      {{"Sender ID", 10, kRight, 25},
       [](const SenderRow& row) { return Span{sender_id_text(row.source->sender_id)}; },
       least([](const SenderRow& row) { return row.source->sender_id; })});
  table.usual = least([](const SenderRow& row) { return row.index; });
  table.what = "sender";
  return table_block(std::move(table), controls, size);
}

Block group_table(const std::vector<ReceiverSnapshot>& receivers, const Rates& rates,
                  const ListControls& controls, const ScreenSize& size) {
  std::vector<TableColumn<ReceiverRow>> columns;
  add_reception(columns);
  const auto sender = [](const ReceiverRow& row) {
    const std::size_t all = row.stream->sources.size();
    if (row.totals.latest == nullptr) return std::string("-");
    return row.totals.latest->source.to_string() + (all > 1 ? " +" + std::to_string(all - 1) : "");
  };
  columns.push_back({{"Sender", 18, kLeft, 30},
                     [sender](const ReceiverRow& row) { return Span{sender(row)}; },
                     least(sender)});
  return table_of_groups(
      receivers, rates, std::move(columns),
      [](std::size_t hidden, bool receiving, bool without_loss) {
        if (!receiving) return "";
        if (hidden == 1) return without_loss ? ", receiving without loss" : ", receiving";
        return without_loss ? ", all receiving without loss" : ", all receiving";
      },
      controls, size);
}

Block group_table(const std::vector<SenderSnapshot>& senders, const Rates& rates,
                  const ListControls& controls, const ScreenSize& size) {
  using Row = Group<SenderSnapshot>;
  std::vector<TableColumn<Row>> columns;
  const auto count = [&](const char* title, int width, int importance, auto value, Style style) {
    columns.push_back({{title, width, kRight, importance},
                       [=](const Row& row) { return count_cell(value(row), width, style); },
                       most(value)});
  };
  count("Packets", 15, 90, [](const Row& row) { return row.stream->packets; }, Style::kPlain);
  count("Errors", 11, 85, [](const Row& row) { return row.totals.counters.lost; }, Style::kBad);
  count("Skipped", 11, 60, [](const Row& row) { return row.stream->skipped; }, Style::kWarning);
  columns.push_back({{"Sender ID", 10, kRight, 50},
                     [](const Row& row) { return Span{sender_id_text(row.stream->sender_id)}; },
                     least([](const Row& row) { return row.stream->sender_id; })});
  return table_of_groups(
      senders, rates, std::move(columns),
      [](std::size_t, bool running, bool without_errors) {
        return running && without_errors ? ", without errors" : "";
      },
      controls, size);
}

Block gap_log(const ReceiverSnapshot& receiver, Nanoseconds now, std::optional<std::size_t> first,
              const ScreenSize& size) {
  std::vector<std::pair<Gap, ZonedAddress>> gaps;
  for (const SourceSnapshot& source : receiver.sources) {
    for (const auto* list : {&source.gaps, &source.longest_gaps}) {
      for (const Gap& gap : *list) gaps.emplace_back(gap, source.source);
    }
  }
  const auto key = [](const auto& each) {
    return std::tie(each.first.realtime, each.first.length, each.second);
  };
  std::ranges::sort(gaps, [&](const auto& a, const auto& b) { return key(b) < key(a); });
  const auto [rest, end] = std::ranges::unique(gaps, {}, key);
  gaps.erase(rest, end);
  // The longest one first, whatever else there is no room for; below it the newest. Above them
  // what goes on.
  const auto longest =
      std::ranges::max_element(gaps, {}, [](const auto& each) { return each.first.length; });
  if (longest != gaps.end()) std::rotate(gaps.begin(), longest, longest + 1);
  Cells texts;
  const auto add = [&](const std::string& time, Nanoseconds length, std::uint64_t packets,
                       const char* what, const ZonedAddress& source, Style style) {
    texts.push_back({padded(time, 14, kLeft, size.unicode) +
                         padded(duration_text(length), 9, kRight, size.unicode) +
                         padded(count_text(packets), 13, kRight, size.unicode) +
                         (packets == 1 ? " packet " : " packets ") + what,
                     style});
    if (receiver.sources.size() > 1) texts.back().text += " of " + source.to_string();
  };
  for (const SourceSnapshot& source : receiver.sources) {
    if (source.overdue == 0) continue;
    add("so far", source.silence, source.overdue, "overdue", source.source, Style::kBad);
  }
  for (const auto& [gap, source] : gaps) {
    add(time_text(gap.realtime, now), gap.length, gap.lost_packets, "lost", source, Style::kPlain);
  }
  if (texts.empty()) texts.push_back({"none"});
  return list_block("Gaps", std::move(texts), false, first, size);
}

Block error_table(const StreamTotals& sum, std::optional<std::size_t> first,
                  const ScreenSize& size) {
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
  return list_block("Not sent", std::move(texts), true, first, size);
}

}  // namespace mcast::cli
