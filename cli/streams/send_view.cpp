#include "cli/streams/send_view.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "base/dscp.h"
#include "cli/streams/view_blocks.h"
#include "cli/terminal/layout.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

// What all streams have counted together.
struct Sum {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t packet_limit = 0;  // 0: at least one has none
  std::map<std::string, std::uint64_t> errors;
  std::uint64_t failed_sends = 0;
  std::uint64_t skipped = 0;
  double target = 0;  // packets a second
  double target_bits = 0;
  ScheduleLagHistogram lag;
  std::size_t sending = 0;
  std::size_t finished = 0;
  std::size_t failed = 0;
};

std::uint64_t failed_sends(const SenderSnapshot& sender) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : sender.errors) sum += count;
  return sum;
}

Sum sum_of(const std::vector<SenderSnapshot>& senders) {
  Sum sum;
  bool limited = true;
  for (const SenderSnapshot& sender : senders) {
    sum.packets += sender.packets;
    sum.bytes += sender.bytes;
    sum.packet_limit += sender.spec.packet_limit;
    limited = limited && sender.spec.packet_limit > 0;
    for (const auto& [name, count] : sender.errors) sum.errors[name] += count;
    sum.failed_sends += failed_sends(sender);
    sum.skipped += sender.skipped;
    sum.target += sender.spec.packets_per_second;
    sum.target_bits += sender.spec.packets_per_second * 8.0 * static_cast<double>(sender.spec.size);
    sum.lag.add(sender.schedule_lag);
    if (sender.state == SenderState::kSending) ++sum.sending;
    if (sender.state == SenderState::kFinished) ++sum.finished;
    if (sender.state == SenderState::kFailed) ++sum.failed;
  }
  if (!limited) sum.packet_limit = 0;
  return sum;
}

Style if_any(std::uint64_t count, Style style) {
  return count > 0 ? style : Style::kPlain;
}

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

std::vector<Field> setup(const SendViewInput& input, const Sum& sum, const ScreenSize& size) {
  const SenderSnapshot& first = input.senders.front();
  std::vector<Field> fields{
      {"Target",
       {rate_text(sum.target, "pps") + ", " + rate_text(sum.target_bits, "bps"), Style::kPlain}},
      {"Interface",
       {interface_text(first.interface, input.local_address, size.unicode), Style::kPlain}},
      {"TTL", {std::to_string(first.spec.ttl), Style::kPlain}},
      {"DSCP", {first.spec.dscp <= 63 ? describe_dscp(first.spec.dscp) : "?", Style::kPlain}},
      {"Datagram", {count_text(first.spec.size) + " bytes", Style::kPlain}},
      {"UDP port", {std::to_string(first.spec.port), Style::kPlain}},
  };
  if (input.senders.size() == 1) {
    fields.push_back({"Sender ID", {sender_id_text(first.sender_id), Style::kPlain}});
    fields.push_back({"Loopback", {first.spec.loopback ? "on" : "off", Style::kPlain}});
  }
  return fields;
}

std::vector<Field> counters(const SendViewInput& input, const Sum& sum) {
  const std::string limit = sum.packet_limit > 0 ? " of " + count_text(sum.packet_limit, 11) : "";
  return {
      {"Packets", {count_text(sum.packets, limit.empty() ? 15 : 11) + limit, Style::kPlain}},
      {"Rate", {current_rate_text(input.history), Style::kPlain}},
      {"Errors", {count_text(sum.failed_sends), if_any(sum.failed_sends, Style::kBad)}},
      {"Skipped", {count_text(sum.skipped), if_any(sum.skipped, Style::kWarning)}},
      {"Bytes", {bytes_text(sum.bytes), Style::kPlain}},
      {"Sent late", {lag_text(sum.lag), Style::kPlain}},
  };
}

Line state_line(const Sum& sum, std::size_t groups) {
  if (groups == 1) {
    if (sum.failed > 0) return {{"FAILED", Style::kBad}};
    return sum.finished > 0 ? Line{{"FINISHED", Style::kGood}} : Line{{"SENDING", Style::kGood}};
  }
  Line line{{"SENDING ", sum.sending > 0 ? Style::kGood : Style::kPlain},
            {count_text(sum.sending) + " of " + count_text(groups),
             sum.sending == groups ? Style::kGood : Style::kPlain}};
  if (sum.failed > 0) line.push_back({"  " + count_text(sum.failed) + " failed", Style::kBad});
  if (sum.finished > 0) {
    line.push_back({"  " + count_text(sum.finished) + " finished", Style::kPlain});
  }
  return line;
}

std::vector<Span> messages(const SendViewInput& input) {
  std::vector<Span> result;
  const bool many = input.senders.size() > 1;
  const auto failed =
      std::ranges::find(input.senders, SenderState::kFailed, &SenderSnapshot::state);
  if (failed != input.senders.end()) {
    result.push_back(
        {(many ? failed->spec.group.to_string() + ": " : "") + failed->error, Style::kBad});
  }
  for (const std::string& warning : input.warnings) {
    result.push_back({"Warning: " + warning, Style::kWarning});
  }
  if (std::ranges::any_of(input.senders, [](const SenderSnapshot& sender) {
        return sender.spec.group.is_link_local_multicast();
      })) {
    result.push_back(
        {"Warning: routers do not forward link-local groups, whatever the TTL", Style::kWarning});
  }
  return result;
}

// What the system refused, by the name of its reason, the most frequent first.
Block error_block(const Sum& sum, const ScreenSize& size) {
  std::vector<std::pair<std::string, std::uint64_t>> errors(sum.errors.begin(), sum.errors.end());
  std::ranges::sort(errors, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  std::vector<Line> lines;
  for (const auto& [name, count] : errors) {
    if (count == 0) continue;
    lines.push_back(
        {{padded(lines.empty() ? "Not sent" : "", kLabelWidth, Align::kLeft, size.unicode),
          Style::kFaint},
         {padded(printable(name, size.unicode), 16, Align::kLeft, size.unicode) +
              padded(count_text(count), 15, Align::kRight, size.unicode) +
              (count == 1 ? " packet" : " packets"),
          Style::kBad}});
  }
  Block block = block_of(std::move(lines), kRowsImportance, true);
  block.least = std::min<std::size_t>(block.most, 3);
  return block;
}

Span state_cell(SenderState state) {
  return {std::string(to_string(state)), state == SenderState::kFailed    ? Style::kBad
                                         : state == SenderState::kSending ? Style::kGood
                                                                          : Style::kPlain};
}

struct GroupRow {
  std::size_t index = 0;
  bool failed = false;
  std::uint64_t errors = 0;
};

// Many groups, the worst first: failed, then by what was not sent.
Block group_table(const std::vector<SenderSnapshot>& senders, const ScreenSize& size) {
  auto rows = std::make_shared<std::vector<GroupRow>>();
  rows->reserve(senders.size());
  std::size_t longest = 0;
  for (std::size_t i = 0; i < senders.size(); ++i) {
    rows->push_back({i, senders[i].state == SenderState::kFailed, failed_sends(senders[i])});
    if (!senders[i].spec.group.is_v4()) longest = 39;
  }
  const auto sorted = std::min(rows->size(), static_cast<std::size_t>(std::max(size.rows, 0)) + 1);
  std::ranges::partial_sort(*rows, rows->begin() + static_cast<std::ptrdiff_t>(sorted),
                            [](const GroupRow& a, const GroupRow& b) {
                              if (a.failed != b.failed) return a.failed;
                              if (a.errors != b.errors) return a.errors > b.errors;
                              return a.index < b.index;
                            });
  TableSource table;
  table.columns = {
      {"Group", address_column_width(longest, size), Align::kLeft, 100},
      {"State", 9, Align::kLeft, 95},
      {"Packets", 15, Align::kRight, 90},
      {"Errors", 11, Align::kRight, 85},
      {"Skipped", 11, Align::kRight, 60},
      {"Sender ID", 10, Align::kRight, 50},
      {"", 40, Align::kLeft, 20},
  };
  table.count = senders.size();
  table.least = 5;
  table.cells = [rows, &senders, unicode = size.unicode](std::size_t row) -> std::vector<Span> {
    const GroupRow& group = (*rows)[row];
    const SenderSnapshot& sender = senders[group.index];
    return {{sender.spec.group.to_string(), Style::kPlain},
            state_cell(sender.state),
            {count_text(sender.packets), Style::kPlain},
            {count_text(group.errors, 11), if_any(group.errors, Style::kBad)},
            {count_text(sender.skipped, 11), if_any(sender.skipped, Style::kWarning)},
            {sender_id_text(sender.sender_id), Style::kPlain},
            sender.error.empty() ? Span{printable(sender.spec.name, unicode), Style::kPlain}
                                 : Span{printable(sender.error, unicode), Style::kBad}};
  };
  table.rest = [rows](std::size_t hidden) {
    const GroupRow& worst = (*rows)[rows->size() - hidden];
    return count_text(hidden) + (hidden == 1 ? " more group" : " more groups") + " not shown" +
           (worst.failed || worst.errors > 0 ? "" : ", without errors");
  };
  return table_block(std::move(table), size);
}

std::string groups_text(const std::vector<SenderSnapshot>& senders) {
  if (senders.size() == 1) return group_with_class(senders.front().spec.group);
  return count_text(senders.size()) + " groups, " + senders.front().spec.group.to_string() +
         " to " + senders.back().spec.group.to_string();
}

}  // namespace

Screen send_view(const SendViewInput& input, const ScreenSize& size) {
  if (input.senders.empty()) return {};
  const Sum sum = sum_of(input.senders);
  const bool many = input.senders.size() > 1;

  std::vector<Block> blocks;
  blocks.push_back(title_block("mcast-send", groups_text(input.senders),
                               many ? "" : input.senders.front().spec.name, size));
  append_state_blocks(blocks, state_line(sum, input.senders.size()), input.elapsed, input.duration,
                      size);
  blocks.push_back(message_block(messages(input), size));
  blocks.push_back(block_of(field_lines(setup(input, sum, size), size), kSetupImportance, true));
  blocks.push_back(block_of(field_lines(counters(input, sum), size), kCountersImportance, true));
  blocks.push_back(error_block(sum, size));
  blocks.push_back(history_block(input.history, "Errors", size));
  if (many) blocks.push_back(group_table(input.senders, size));
  return stacked(blocks, size);
}

}  // namespace mcast::cli
