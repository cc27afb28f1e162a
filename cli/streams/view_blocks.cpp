#include "cli/streams/view_blocks.h"

#include <algorithm>
#include <utility>

#include "base/dscp.h"
#include "cli/streams/sparkline.h"

namespace mcast::cli {
namespace {

constexpr std::size_t kMessageLines = 3;  // of one message, at most
// In fewer rows there is no title: the state comes first.
constexpr int kRowsForTitle = 4;

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

std::string dscp_text(int dscp) {
  return dscp >= 0 && dscp <= 63 ? describe_dscp(static_cast<std::uint8_t>(dscp)) : "?";
}

std::string short_dscp(int dscp) {
  const std::string text = dscp_text(dscp);
  return text.substr(0, text.find(' '));
}

std::string interface_text(std::string_view interface, std::string_view address, bool unicode) {
  std::string text = interface.empty() ? "none yet" : printable(interface, unicode);
  if (!address.empty()) text += " (" + printable(address, unicode) + ")";
  return text;
}

Line states_line(std::string_view word, std::size_t active, std::size_t all,
                 const std::vector<std::pair<std::size_t, Span>>& others) {
  Line line{{std::string(word) + " ", active > 0 ? Style::kGood : Style::kPlain},
            {count_text(active) + " of " + count_text(all),
             active == all ? Style::kGood : Style::kPlain}};
  for (const auto& [count, state] : others) {
    if (count == 0) continue;
    line.push_back({"  ", Style::kPlain});
    line.push_back({count_text(count) + " " + state.text, state.style});
  }
  return line;
}

void append_head(std::vector<Block>& blocks, std::string title, std::string_view name,
                 const Line& state, const ViewInput& input, const ScreenSize& size) {
  if (size.rows >= kRowsForTitle) {
    Line left{{std::move(title), Style::kHeading}};
    if (!name.empty()) left.push_back({"  " + printable(name, size.unicode), Style::kPlain});
    blocks.push_back(
        block_of({justified(std::move(left), {{"q: quit", Style::kFaint}}, size)}, false));
  }
  const auto beside = [&](const Line& time) {
    return line_width(state) + 2 + line_width(time) <= size.columns;
  };
  const Line labelled = elapsed_line(input.elapsed, input.duration, true);
  const Line time =
      beside(labelled) ? labelled : elapsed_line(input.elapsed, input.duration, false);
  blocks.push_back(block_of({justified(state, time, size)}, false));
  if (!beside(time)) blocks.push_back(block_of({labelled}, false, Place::kLastIfShort));
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
  return block_of(std::move(lines), false);
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
      result.push_back(label_span(std::string(label) + " " + std::to_string(width) + " s", size));
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
                  true, Place::kWhereSpare);
}

std::string current_rate_text(const RateHistory* history) {
  constexpr Nanoseconds kSpan = 5 * kSecond;
  const double packets = history != nullptr ? history->packets_per_second(kSpan) : 0;
  const double bits = history != nullptr ? history->bits_per_second(kSpan) : 0;
  return rate_text(packets, "pps") + ", " + rate_text(bits, "bps");
}

int address_column_width(std::size_t longest, const ScreenSize& size) {
  // IPv4 addresses in full always, IPv6 ones where the terminal is wide.
  const int room = std::max(15, size.columns / 4);
  return std::clamp(static_cast<int>(longest), 15, std::min(39, room));
}

}  // namespace mcast::cli
