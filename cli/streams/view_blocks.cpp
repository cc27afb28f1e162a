#include "cli/streams/view_blocks.h"

#include <algorithm>
#include <utility>

#include "base/dscp.h"
#include "cli/streams/sparkline.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

constexpr std::size_t kMessageLines = 3;  // of one message, at most

Line elapsed_line(Nanoseconds elapsed, Nanoseconds duration, bool with_label) {
  Line line{{with_label ? "elapsed " : "", Style::kFaint}, {clock_text(elapsed), Style::kPlain}};
  if (duration > 0) {
    // Whole seconds, so that both together are the duration.
    const Nanoseconds left = duration - elapsed / kSecond * kSecond;
    line.push_back({", " + clock_text(left), Style::kPlain});
    line.push_back({" left", Style::kFaint});
  }
  return line;
}

}  // namespace

std::string group_with_class(const IpAddress& group) {
  const std::string_view name = multicast_class(group);
  std::string text = group.to_string() + " (";
  return text.append(name).append(group.is_link_local_multicast() ? ", not routed)" : ")");
}

std::string short_dscp(int dscp) {
  if (dscp < 0 || dscp > 63) return "?";
  const std::string text = describe_dscp(static_cast<std::uint8_t>(dscp));
  return text.substr(0, text.find(' '));
}

std::string interface_text(std::string_view interface, std::string_view address, bool unicode) {
  std::string text = interface.empty() ? "none yet" : printable(interface, unicode);
  if (!address.empty()) text += " (" + printable(address, unicode) + ")";
  return text;
}

Block title_block(std::string_view command, std::string_view subject, std::string_view name,
                  const ScreenSize& size) {
  Line left{{std::string(command) + "  ", Style::kHeading},
            {std::string(subject), Style::kHeading}};
  if (!name.empty()) left.push_back({"  " + printable(name, size.unicode), Style::kPlain});
  return block_of({justified(std::move(left), {{"q: quit", Style::kFaint}}, size)},
                  kTitleImportance, false);
}

void append_state_blocks(std::vector<Block>& blocks, const Line& state, Nanoseconds elapsed,
                         Nanoseconds duration, const ScreenSize& size) {
  const auto beside = [&](const Line& time) {
    return line_width(state) + 2 + line_width(time) <= size.columns;
  };
  Line time = elapsed_line(elapsed, duration, true);
  if (!beside(time)) time = elapsed_line(elapsed, duration, false);
  blocks.push_back(block_of({justified(state, time, size)}, kStateImportance, false));
  if (!beside(time)) {
    blocks.push_back(block_of({elapsed_line(elapsed, duration, true)}, kElapsedImportance, false));
  }
}

Block message_block(const std::vector<Span>& messages, const ScreenSize& size) {
  std::vector<Line> lines;
  for (const Span& message : messages) {
    auto parts = wrapped(printable(message.text, size.unicode), size.columns, size.unicode);
    if (parts.size() > kMessageLines) {
      parts.resize(kMessageLines);
      parts.back() = fitted(parts.back() + std::string(static_cast<std::size_t>(size.columns), ' '),
                            size.columns, size.unicode);
    }
    for (std::string& part : parts) lines.push_back({{std::move(part), message.style}});
  }
  return block_of(std::move(lines), kMessageImportance, false);
}

Block history_block(const RateHistory* history, std::string_view loss_label,
                    const ScreenSize& size) {
  constexpr int kPeakWidth = 18;
  const bool with_peak = size.columns >= kLabelWidth + kPeakWidth + 10;
  const bool with_label = size.columns >= kLabelWidth + 5;
  const int bars =
      std::max(1, size.columns - (with_label ? kLabelWidth : 0) - (with_peak ? kPeakWidth : 0));
  const auto width = std::min(static_cast<std::size_t>(bars), RateHistory::kSeconds);
  const auto seconds =
      history != nullptr ? history->seconds(width) : std::vector<RateHistory::Second>{};
  const auto line = [&](std::string_view label, Line spark, const std::string& peak) {
    Line result;
    if (with_label) {
      const std::string text = std::string(label) + " " + std::to_string(width) + " s";
      result.push_back({padded(text, kLabelWidth, Align::kLeft, size.unicode), Style::kFaint});
    }
    std::ranges::move(spark, std::back_inserter(result));
    if (with_peak && !seconds.empty()) result.push_back({"  peak " + peak, Style::kFaint});
    return result;
  };
  const int columns = static_cast<int>(width);
  return block_of({line("Rate", rate_sparkline(seconds, columns, size.unicode),
                        rate_text(peak_rate(seconds), "pps")),
                   line(loss_label, loss_sparkline(seconds, columns, size.unicode),
                        percent_text(peak_loss_percent(seconds)))},
                  kHistoryImportance, true);
}

std::string current_rate_text(const RateHistory* history) {
  constexpr Nanoseconds kSpan = 5 * kSecond;
  const double packets = history != nullptr ? history->packets_per_second(kSpan) : 0;
  const double bits = history != nullptr ? history->bits_per_second(kSpan) : 0;
  return rate_text(packets, "pps") + ", " + rate_text(bits, "bps");
}

Block table_block(TableSource source, const ScreenSize& size) {
  const std::size_t least = std::min(source.least, source.count);
  // A heading, and a line for the rest unless all are shown.
  const std::size_t wanted = 1 + least + (least < source.count ? 1 : 0);
  return {.importance = kRowsImportance,
          .least = wanted,
          .most = source.count + 1,
          .apart = true,
          .draw = [source = std::move(source), size](std::size_t rows) {
            std::vector<Line> lines;
            if (rows < 2) {
              lines.push_back({{source.rest(source.count), Style::kFaint}});
              return lines;
            }
            const auto columns = fitting_columns(source.columns, size.columns);
            lines.push_back(table_heading(source.columns, columns, size));
            const std::size_t shown =
                rows - 1 >= source.count ? source.count : std::max<std::size_t>(rows, 3) - 2;
            for (std::size_t row = 0; row < shown; ++row) {
              lines.push_back(table_row(source.columns, columns, source.cells(row), size));
            }
            if (shown < source.count && lines.size() < rows) {
              lines.push_back({{source.rest(source.count - shown), Style::kFaint}});
            }
            return lines;
          }};
}

int address_column_width(std::size_t longest, const ScreenSize& size) {
  // IPv4 addresses in full always, IPv6 ones where the terminal is wide.
  const int room = std::max(15, size.columns / 4);
  return std::clamp(static_cast<int>(longest), 15, std::min(39, room));
}

}  // namespace mcast::cli
