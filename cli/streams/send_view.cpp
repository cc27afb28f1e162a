#include "cli/streams/send_view.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "api/json_values.h"
#include "cli/streams/stream_tables.h"
#include "cli/streams/stream_totals.h"

namespace mcast::cli {
namespace {

// The bound that 99 % of packets kept, as far as the buckets tell.
std::string lag_text(const ScheduleLagHistogram& lag) {
  if (lag.count() == 0) return "-";
  const auto& bounds = ScheduleLagHistogram::bounds();
  const auto nanoseconds = [](double seconds) {
    return static_cast<Nanoseconds>(std::llround(seconds * 1e9));
  };
  const double wanted = 0.99 * static_cast<double>(lag.count());
  double below = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    below += static_cast<double>(lag.counts()[i]);
    if (below >= wanted) return "99 % below " + duration_text(nanoseconds(bounds[i]));
  }
  return "over " + duration_text(nanoseconds(bounds.back()));
}

std::vector<Field> setup(const SendViewInput& input, const StreamTotals& sum,
                         const ScreenSize& size) {
  const SenderSnapshot& first = input.senders.front();
  std::vector<Field> fields{
      {"Target",
       {rate_text(sum.target, "pps") + ", " + rate_text(sum.target_bits, "bps"), Style::kPlain}},
      {"Interface",
       {interface_text(first.interface, input.local_address, size.unicode), Style::kPlain}},
      {"TTL", {std::to_string(first.spec.ttl), Style::kPlain}},
      {"DSCP", {dscp_text(first.spec.dscp), Style::kPlain}},
      {"Datagram", {count_text(first.spec.size) + " bytes", Style::kPlain}},
      {"UDP port", {std::to_string(first.spec.port), Style::kPlain}},
  };
  if (input.senders.size() == 1) {
    fields.push_back({"Sender ID", {api::sender_id_text(first.sender_id), Style::kPlain}});
    fields.push_back({"Loopback", {first.spec.loopback ? "on" : "off", Style::kPlain}});
  }
  return fields;
}

std::vector<Field> counters(const SendViewInput& input, const StreamTotals& sum) {
  const std::string limit = sum.limit != kNoLimit ? " of " + count_text(sum.limit, 11) : "";
  return {
      {"Packets",
       {count_text(sum.counters.packets, limit.empty() ? 15 : 11) + limit, Style::kPlain}},
      {"Rate", {current_rate_text(input.history), Style::kPlain}},
      {"Errors", {count_text(sum.failed_sends), if_any(sum.failed_sends, Style::kBad)}},
      {"Skipped", {count_text(sum.skipped), if_any(sum.skipped, Style::kWarning)}},
      {"Bytes", {bytes_text(sum.counters.bytes), Style::kPlain}},
      {"Sent late", {lag_text(sum.lag), Style::kPlain}},
  };
}

Line state_line(const StreamTotals& sum, std::size_t groups) {
  const std::size_t failed = sum.in(SenderState::kFailed);
  const std::size_t finished = sum.in(SenderState::kFinished);
  if (groups > 1) {
    return states_line(
        "SENDING", sum.in(SenderState::kSending), groups,
        {{failed, {"failed", Style::kBad}}, {finished, {"finished", Style::kPlain}}});
  }
  if (failed > 0) return {{"FAILED", Style::kBad}};
  return {{finished > 0 ? "FINISHED" : "SENDING", Style::kGood}};
}

std::vector<Span> messages(const SendViewInput& input) {
  std::vector<Span> result = first_messages(input.senders, input);
  if (std::ranges::any_of(input.senders, [](const SenderSnapshot& sender) {
        return sender.spec.group.is_link_local_multicast();
      })) {
    result.push_back(
        {"Warning: routers do not forward link-local groups, whatever the TTL", Style::kWarning});
  }
  return result;
}

// What the system refused, by the name of its reason, the most frequent first.
Block error_block(const StreamTotals& sum, const ScreenSize& size) {
  std::vector<std::pair<std::string, std::uint64_t>> errors(sum.errors.begin(), sum.errors.end());
  std::ranges::sort(errors, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::vector<Line> lines;
  for (const auto& [name, count] : errors) {
    if (count == 0) continue;
    lines.push_back({label_span(lines.empty() ? "Not sent" : "", size),
                     {padded(printable(name, size.unicode), 16, Align::kLeft, size.unicode) +
                          padded(count_text(count), 15, Align::kRight, size.unicode) +
                          (count == 1 ? " packet" : " packets"),
                      Style::kBad}});
  }
  Block block = block_of(std::move(lines), true);
  block.least = std::min<std::size_t>(block.all, 3);
  return block;
}

}  // namespace

Screen send_view(const SendViewInput& input, const ScreenSize& size) {
  if (input.senders.empty()) return {};
  const StreamTotals sum = totals_of(input.senders);
  const bool many = input.senders.size() > 1;

  std::vector<Block> blocks;
  append_head(blocks, "mcast-send  " + groups_text(input.senders),
              many ? "" : input.senders.front().spec.name, state_line(sum, input.senders.size()),
              input, size);
  blocks.push_back(message_block(messages(input), size));
  blocks.push_back(block_of(field_lines(setup(input, sum, size), size), true, Place::kLastIfShort));
  blocks.push_back(block_of(field_lines(counters(input, sum), size), true));
  blocks.push_back(error_block(sum, size));
  blocks.push_back(history_block(input.history, "Errors", size));
  if (many) blocks.push_back(group_table(input.senders, size));
  return stacked(std::move(blocks), size);
}

}  // namespace mcast::cli
