#include "cli/streams/receive_tables.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "cli/streams/view_blocks.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

// Wide enough for what is usual; count_text() shortens the rest.
constexpr int kPacketsWidth = 11;
constexpr int kLostWidth = 9;
constexpr int kPercentWidth = 7;
constexpr int kDscpWidth = 9;
constexpr int kDurationWidth = 8;

Span span(std::string text, Style style = Style::kPlain) {
  return {std::move(text), style};
}

Style bad_if(bool condition) {
  return condition ? Style::kBad : Style::kPlain;
}

Span interruption_cell(Nanoseconds longest) {
  return longest > 0 ? span(duration_text(longest), Style::kBad) : span("-");
}

// "EF", or "EF>BE" after a remark: as sent, as arrived.
std::string dscp_cell(const SourceSnapshot& source) {
  if (source.dscp == source.sent_dscp) return short_dscp(source.dscp);
  return short_dscp(source.sent_dscp) + ">" + short_dscp(source.dscp);
}

// What a row of the group table says of all senders of its group together.
struct GroupRow {
  std::size_t index = 0;
  ReceiverState state = ReceiverState::kWaiting;
  std::uint64_t packets = 0;
  std::uint64_t lost = 0;
  std::uint64_t remarked = 0;
  // Of the loss, in hundredths of a percent: what is shown decides about the order,
  // so that rows which look the same do not change places.
  int loss = 0;
};

int badness(ReceiverState state) {
  switch (state) {
    case ReceiverState::kFailed:
      return 3;
    case ReceiverState::kStalled:
      return 2;
    case ReceiverState::kWaiting:
      return 1;
    case ReceiverState::kReceiving:
      return 0;
  }
  return 0;
}

bool worse(const GroupRow& a, const GroupRow& b) {
  if (a.state != b.state) return badness(a.state) > badness(b.state);
  if (a.loss != b.loss) return a.loss > b.loss;
  if ((a.remarked > 0) != (b.remarked > 0)) return a.remarked > 0;
  return a.index < b.index;
}

GroupRow summary(const ReceiverSnapshot& receiver, std::size_t index) {
  GroupRow row{.index = index, .state = receiver.state};
  for (const SourceSnapshot& source : receiver.sources) {
    row.packets += source.counters.packets;
    row.lost += source.counters.lost;
    row.remarked += source.counters.remarked;
  }
  if (row.lost > 0) {
    const double share = static_cast<double>(row.lost) /
                         (static_cast<double>(row.lost) + static_cast<double>(row.packets));
    row.loss = std::max(1, static_cast<int>(share * 10'000));
  }
  return row;
}

Span state_cell(ReceiverState state) {
  switch (state) {
    case ReceiverState::kReceiving:
      return span("receiving", Style::kGood);
    case ReceiverState::kWaiting:
      return span("waiting", Style::kWarning);
    case ReceiverState::kStalled:
      return span("stalled", Style::kBad);
    case ReceiverState::kFailed:
      return span("failed", Style::kBad);
  }
  return span("?");
}

// The sender that was heard last; nothing before the first packet.
const SourceSnapshot* newest_source(const ReceiverSnapshot& receiver) {
  const auto newest =
      std::ranges::max_element(receiver.sources, {}, &SourceSnapshot::last_packet_realtime);
  return newest == receiver.sources.end() ? nullptr : &*newest;
}

std::vector<Span> group_cells(const ReceiverSnapshot& receiver, const GroupRow& row, bool unicode) {
  const SourceSnapshot* const source = newest_source(receiver);
  Nanoseconds longest = 0;
  for (const SourceSnapshot& each : receiver.sources) {
    longest = std::max(longest, each.longest_interruption);
  }
  std::string sender = source != nullptr ? source->source.to_string() : "";
  if (receiver.sources.size() > 1) {
    sender += " +" + std::to_string(receiver.sources.size() - 1);
  }
  return {
      span(receiver.spec.group.to_string()),
      state_cell(receiver.state),
      span(count_text(row.packets, kPacketsWidth)),
      span(count_text(row.lost, kLostWidth), bad_if(row.lost > 0)),
      span(loss_text(row.lost, row.packets), bad_if(row.lost > 0)),
      source != nullptr ? span(std::to_string(source->hops()),
                               source->hops() < 0 ? Style::kWarning : Style::kPlain)
                        : span("-"),
      source != nullptr
          ? span(dscp_cell(*source), row.remarked > 0 ? Style::kWarning : Style::kPlain)
          : span("-"),
      interruption_cell(longest),
      source != nullptr ? span(duration_text(source->jitter)) : span("-"),
      span(std::move(sender)),
      receiver.error.empty() ? span(printable(receiver.spec.name, unicode))
                             : span(printable(receiver.error, unicode), Style::kBad),
  };
}

// What can be said about the groups that are not shown: `worst` is the worst of them.
std::string hidden_text(std::size_t hidden, const GroupRow& worst) {
  const std::string groups = count_text(hidden) + (hidden == 1 ? " more group" : " more groups");
  if (worst.state != ReceiverState::kReceiving) return groups + " not shown";
  return groups + " not shown, " + (hidden == 1 ? "" : "all ") +
         (worst.lost > 0 ? "receiving" : "receiving without loss");
}

}  // namespace

Block sender_table(const ReceiverSnapshot& receiver, Nanoseconds now, const ScreenSize& size) {
  std::size_t longest = 0;
  for (const SourceSnapshot& source : receiver.sources) {
    longest = std::max(longest, source.source.to_string().size());
  }
  TableSource table;
  table.columns = {
      {"Sender", address_column_width(longest, size), Align::kLeft, 100},
      {"Packets", kPacketsWidth, Align::kRight, 80},
      {"Lost", kLostWidth, Align::kRight, 60},
      {"Loss", kPercentWidth, Align::kRight, 90},
      {"Hops", 4, Align::kRight, 70},
      {"DSCP", kDscpWidth, Align::kRight, 65},
      {"Jitter", kDurationWidth, Align::kRight, 50},
      {"Longest", kDurationWidth, Align::kRight, 40},
      {"Late", kLostWidth, Align::kRight, 30},
      {"Reordered", kLostWidth, Align::kRight, 29},
      {"Duplicates", 10, Align::kRight, 28},
      {"Restarts", 8, Align::kRight, 27},
      {"Sender ID", 10, Align::kRight, 26},
  };
  table.count = receiver.sources.size();
  table.least = 3;
  table.cells = [&receiver, now](std::size_t row) -> std::vector<Span> {
    const SourceSnapshot& source = receiver.sources[row];
    const ReceptionCounters& counters = source.counters;
    const bool silent = now - source.last_packet_realtime > receiver.spec.stall_timeout;
    return {
        span(source.source.to_string(), silent ? Style::kFaint : Style::kPlain),
        span(count_text(counters.packets, kPacketsWidth), silent ? Style::kFaint : Style::kPlain),
        span(count_text(counters.lost, kLostWidth), bad_if(counters.lost > 0)),
        span(loss_text(counters.lost, counters.packets), bad_if(counters.lost > 0)),
        span(std::to_string(source.hops()), source.hops() < 0 ? Style::kWarning : Style::kPlain),
        span(dscp_cell(source), counters.remarked > 0 ? Style::kWarning : Style::kPlain),
        silent ? span("silent", Style::kWarning) : span(duration_text(source.jitter)),
        interruption_cell(source.longest_interruption),
        span(count_text(counters.late, kLostWidth)),
        span(count_text(counters.reordered, kLostWidth)),
        span(count_text(counters.duplicates, kLostWidth)),
        span(count_text(source.restarts, 8), source.restarts > 0 ? Style::kWarning : Style::kPlain),
        span(sender_id_text(source.sender_id)),
    };
  };
  table.rest = [](std::size_t hidden) {
    return count_text(hidden) + (hidden == 1 ? " more sender" : " more senders") + " not shown";
  };
  return table_block(std::move(table), size);
}

Block group_table(const std::vector<ReceiverSnapshot>& receivers, const ScreenSize& size) {
  // Sorted as far as it can be shown, for thousands of groups several times a second;
  // behind these one more is wanted, to say what the best of the others are like.
  auto rows = std::make_shared<std::vector<GroupRow>>();
  rows->reserve(receivers.size());
  for (std::size_t i = 0; i < receivers.size(); ++i) rows->push_back(summary(receivers[i], i));
  const auto sorted = std::min(rows->size(), static_cast<std::size_t>(std::max(size.rows, 0)) + 1);
  std::ranges::partial_sort(*rows, rows->begin() + static_cast<std::ptrdiff_t>(sorted), worse);

  std::size_t longest = 0;
  for (const ReceiverSnapshot& receiver : receivers) {
    if (!receiver.spec.group.is_v4()) longest = 39;
  }
  TableSource table;
  table.columns = {
      {"Group", address_column_width(longest, size), Align::kLeft, 100},
      {"State", 9, Align::kLeft, 95},
      {"Packets", kPacketsWidth, Align::kRight, 60},
      {"Lost", kLostWidth, Align::kRight, 55},
      {"Loss", kPercentWidth, Align::kRight, 90},
      {"Hops", 4, Align::kRight, 80},
      {"DSCP", kDscpWidth, Align::kRight, 70},
      {"Longest", kDurationWidth, Align::kRight, 40},
      {"Jitter", kDurationWidth, Align::kRight, 35},
      {"Sender", 18, Align::kLeft, 30},
      {"", 30, Align::kLeft, 20},
  };
  table.count = receivers.size();
  table.least = 5;
  table.cells = [rows, &receivers, unicode = size.unicode](std::size_t row) {
    const GroupRow& group = (*rows)[row];
    return group_cells(receivers[group.index], group, unicode);
  };
  table.rest = [rows](std::size_t hidden) {
    return hidden_text(hidden, (*rows)[rows->size() - hidden]);
  };
  return table_block(std::move(table), size);
}

Block gap_log(const ReceiverSnapshot& receiver, Nanoseconds now, const ScreenSize& size) {
  struct Entry {
    Gap gap;
    const SourceSnapshot* source = nullptr;
  };
  std::vector<Entry> entries;
  for (const SourceSnapshot& source : receiver.sources) {
    for (const Gap& gap : source.gaps) entries.push_back({gap, &source});
  }
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
    if (a.gap.realtime != b.gap.realtime) return a.gap.realtime > b.gap.realtime;
    return a.source->source < b.source->source;
  });
  const auto label = [&](std::string_view text) {
    return Span{padded(text, kLabelWidth, Align::kLeft, size.unicode), Style::kFaint};
  };
  std::vector<Line> lines;
  if (entries.empty()) lines.push_back({label("Gaps"), {"none", Style::kPlain}});
  for (const Entry& entry : entries) {
    const std::string lost = count_text(entry.gap.lost_packets);
    std::string text = padded(time_text(entry.gap.realtime, now), 14, Align::kLeft, size.unicode);
    text += padded(duration_text(entry.gap.length), 9, Align::kRight, size.unicode);
    text += padded(lost, 13, Align::kRight, size.unicode) +
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

}  // namespace mcast::cli
