#include "cli/status/stream_table.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "cli/streams/stream_totals.h"
#include "cli/streams/stream_tables.h"
#include "cli/streams/view_blocks.h"
#include "cli/terminal/layout.h"
#include "cli/terminal/number_text.h"
#include "cli/terminal/text_width.h"

namespace mcast::cli {
namespace {

constexpr std::string_view kNothing = "-";

struct Row {
  std::vector<Span> cells;  // one a column
};

std::vector<Column> columns_of() {
  return {{.title = "KIND", .width = 8, .align = Align::kLeft, .importance = 50},
          {.title = "STREAM", .width = 6, .align = Align::kLeft, .importance = 100},
          {.title = "GROUP", .width = 7, .align = Align::kLeft, .importance = 60},
          {.title = "SOURCE", .width = 6, .align = Align::kLeft, .importance = 10},
          {.title = "IF", .width = 2, .align = Align::kLeft, .importance = 40},
          {.title = "STATE", .width = 9, .align = Align::kLeft, .importance = 90},
          {.title = "LOSS", .width = 4, .align = Align::kRight, .importance = 80},
          {.title = "HOPS", .width = 4, .align = Align::kRight, .importance = 70},
          {.title = "DSCP", .width = 4, .align = Align::kLeft, .importance = 70},
          {.title = "SENDERS", .width = 7, .align = Align::kRight, .importance = 20},
          {.title = "PACKETS", .width = 7, .align = Align::kRight, .importance = 15},
          {.title = "SINCE", .width = 5, .align = Align::kRight, .importance = 30}};
}

Span text(std::string value, Style style = Style::kPlain) {
  return {std::move(value), style};
}

std::string since(Nanoseconds realtime, Nanoseconds now) {
  return realtime == 0 ? std::string(kNothing)
                       : clock_text(std::max<Nanoseconds>(0, now - realtime));
}

Style style_of(ReceiverState state) {
  switch (state) {
    case ReceiverState::kReceiving:
      return Style::kGood;
    case ReceiverState::kWaiting:
      return Style::kWarning;
    case ReceiverState::kStalled:
    case ReceiverState::kFailed:
      return Style::kBad;
  }
  return Style::kPlain;
}

Span loss_cell(const StreamTotals& sum) {
  if (sum.counters.packets == 0) return text(std::string(kNothing));
  if (sum.counters.lost == 0) return text("0");
  return text(percent_text(sum.loss_percent()) + " (" + std::to_string(sum.counters.lost) + ")",
              Style::kBad);
}

Row row_of(const ReceiverSnapshot& stream, Nanoseconds now, bool unicode) {
  const StreamTotals sum = totals_of(stream);
  const SourceSnapshot* const latest = sum.latest;
  const std::string nothing(kNothing);
  return {{text("receiver"), text(printable(stream.spec.name, unicode)),
           text(stream.spec.group.to_string()),
           text(stream.spec.source ? stream.spec.source->to_string() : "*"),
           text(printable(stream.interface, unicode)),
           text(std::string(to_string(stream.state)), style_of(stream.state)), loss_cell(sum),
           text(latest != nullptr ? std::to_string(latest->hops()) : nothing),
           latest != nullptr ? dscp_cell(*latest) : text(nothing),
           text(std::to_string(stream.active_senders)), text(std::to_string(sum.counters.packets)),
           text(since(stream.state_since_realtime, now))}};
}

Row row_of(const SenderSnapshot& stream, Nanoseconds now, bool unicode) {
  const bool failed = stream.state == SenderState::kFailed;
  const std::string nothing(kNothing);
  return {{text("sender"), text(printable(stream.spec.name, unicode)),
           text(stream.spec.group.to_string()),
           text(stream.local_address ? stream.local_address->to_string() : nothing),
           text(printable(stream.interface, unicode)),
           text(std::string(to_string(stream.state)), failed ? Style::kBad
                                                      : stream.state == SenderState::kSending
                                                          ? Style::kGood
                                                          : Style::kPlain),
           text(nothing), text(nothing), text(short_dscp(stream.spec.dscp)), text(nothing),
           text(std::to_string(stream.packets)), text(since(stream.state_since_realtime, now))}};
}

}  // namespace

std::vector<Line> agent_lines(const api::AgentStatus& status, int columns, bool unicode) {
  std::string head = "mcast-agent " + printable(status.version, unicode) + " on " +
                     printable(status.host, unicode) + ", up " +
                     clock_text(std::max<Nanoseconds>(0, status.time - status.started)) + ", ";
  head += status.config_file.empty() ? "a demonstration without a configuration"
                                     : "configuration " + printable(status.config_file, unicode);
  std::vector<Line> lines;
  for (std::string& part : wrapped(head, columns, unicode)) {
    lines.push_back({{std::move(part), Style::kPlain}});
  }
  if (status.reload_successful) return lines;
  std::string wrong = "the last reload failed, the old configuration stays";
  if (!status.config_errors.empty()) {
    wrong += ": " + printable(status.config_errors.front(), unicode);
    if (const std::size_t more = status.config_errors.size() - 1; more > 0) {
      wrong += " (and " + std::to_string(more) + " more)";
    }
  }
  for (std::string& part : wrapped(wrong, columns, unicode)) {
    lines.push_back({{std::move(part), Style::kBad}});
  }
  return lines;
}

std::vector<Line> stream_table(const std::vector<ReceiverSnapshot>& receivers,
                               const std::vector<SenderSnapshot>& senders, Nanoseconds now,
                               int columns_wide, bool unicode) {
  // Names are somebody else's choice; in a wide terminal they have room.
  const int longest_name = std::max(12, columns_wide / 5);
  std::vector<Row> rows;
  rows.reserve(receivers.size() + senders.size());
  for (const ReceiverSnapshot& stream : receivers) rows.push_back(row_of(stream, now, unicode));
  for (const SenderSnapshot& stream : senders) rows.push_back(row_of(stream, now, unicode));
  if (rows.empty()) return {{{"the agent has no streams", Style::kFaint}}};

  std::vector<Column> columns = columns_of();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (const Row& row : rows) {
      columns[i].width = std::max(columns[i].width, text_width(row.cells[i].text));
    }
    columns[i].width = std::min(columns[i].width, i == 1 ? longest_name : 40);
  }
  const ScreenSize size{.columns = columns_wide, .rows = 0, .unicode = unicode};
  const auto shown = fitting_columns(columns, columns_wide);
  std::vector<Line> lines{table_heading(columns, shown, size)};
  for (const Row& row : rows) lines.push_back(table_row(columns, shown, row.cells, size));
  return lines;
}

std::vector<Line> finding_lines(const std::vector<findings::StreamFindings>& streams, int columns,
                                bool unicode) {
  std::vector<Line> lines;
  for (const findings::StreamFindings& stream : streams) {
    for (const findings::Finding& finding : stream.findings) {
      if (finding.verdict != findings::Verdict::kFound) continue;
      const std::string what = printable(stream.subject.stream, unicode) +
                               " gets nothing: " + printable(finding.seen, unicode);
      for (std::string& part : wrapped(what, columns, unicode)) {
        lines.push_back({{std::move(part), Style::kBad}});
      }
      // A command is copied from here: it stays in one line.
      lines.push_back(
          {{"  Try ", Style::kFaint}, {printable(finding.remedy, unicode), Style::kHeading}});
    }
  }
  return lines;
}

}  // namespace mcast::cli
