#include "cli/streams/stream_verdict.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/streams/stream_totals.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {
namespace {

using std::to_string;

struct Judged {
  const FailConditions& asked;
  const ReceiverSnapshot& stream;
  const StreamTotals& totals;
  std::string name;
  Nanoseconds elapsed = 0;
};

std::uint64_t distinct_packets(const StreamTotals& totals) {
  return totals.counters.packets - totals.counters.duplicates;
}

// "" each: it is fine.
std::string judge_expected(const Judged& it) {
  // A run does not begin and end with a packet, and a sender's clock may differ a little.
  constexpr double kSlackPackets = 1;
  constexpr double kSlackRate = 0.99;
  const auto [expected, is_rate] = *it.asked.expect;
  const auto packets = static_cast<double>(distinct_packets(it.totals));
  const double seconds = to_seconds(it.elapsed);
  if (!is_rate) {
    if (packets >= expected) return "";
    return counted(distinct_packets(it.totals), "packet") + " arrived in " + it.name +
           ", fewer than " + plain_number(expected);
  }
  if (packets + kSlackPackets >= kSlackRate * expected * seconds) return "";
  return it.name + " had " + rate_text(seconds > 0 ? packets / seconds : 0, "pps") +
         " on average, less than " + rate_text(expected, "pps");
}

std::string judge_loss(const Judged& it) {
  const double percent = it.totals.loss_percent().value_or(0);
  if (percent <= *it.asked.fail_on_loss) return "";
  const ReceptionCounters& counters = it.totals.counters;
  const std::uint64_t in_time =
      distinct_packets(it.totals) - std::min(distinct_packets(it.totals), counters.late);
  return "loss in " + it.name + " is " + loss_text(counters) + " (" + to_string(counters.lost) +
         " of " + counted(in_time + counters.lost, "packet") + "), more than " +
         plain_number(*it.asked.fail_on_loss) + " %";
}

std::string judge_stalls(const Judged& it) {
  return it.stream.stalls == 0 ? "" : it.name + " stalled " + counted(it.stream.stalls, "time");
}

std::string judge_interruptions(const Judged& it) {
  const Nanoseconds longest = it.totals.longest_gap.value;
  if (longest < *it.asked.fail_on_interruption) return "";
  return "the longest interruption in " + it.name + " is " + duration_text(longest) +
         ", the limit " + duration_text(*it.asked.fail_on_interruption);
}

std::string judge_hops(const Judged& it) {
  for (const SourceSnapshot& source : it.stream.sources) {
    if (source.hops() <= 0 || static_cast<std::uint64_t>(source.hops()) <= *it.asked.fail_on_hops) {
      continue;
    }
    return source.source.to_string() + " is " + to_string(source.hops()) + " hops away in " +
           it.name + ", more than " + to_string(*it.asked.fail_on_hops);
  }
  return "";
}

std::string judge_remarks(const Judged& it) {
  const std::uint64_t remarked = it.totals.counters.remarked;
  return remarked == 0
             ? ""
             : "the DSCP of " + counted(remarked, "packet") + " in " + it.name + " was remarked";
}

// All that a run can be asked for.
struct Condition {
  std::string_view name;
  bool (*is_asked)(const FailConditions& asked);
  std::string (*judge)(const Judged& it);
};
constexpr std::array<Condition, 6> kConditions{
    {{"expect", [](const FailConditions& asked) { return asked.expect.has_value(); },
      judge_expected},
     {"loss", [](const FailConditions& asked) { return asked.fail_on_loss.has_value(); },
      judge_loss},
     {"stall", [](const FailConditions& asked) { return asked.fail_on_stall; }, judge_stalls},
     {"interruption",
      [](const FailConditions& asked) { return asked.fail_on_interruption.has_value(); },
      judge_interruptions},
     {"hops", [](const FailConditions& asked) { return asked.fail_on_hops.has_value(); },
      judge_hops},
     {"remark", [](const FailConditions& asked) { return asked.fail_on_remark; }, judge_remarks}}};

}  // namespace

std::vector<Failure> failures(const FailConditions& conditions,
                              std::span<const ReceiverSnapshot> streams, Nanoseconds elapsed) {
  std::vector<Failure> result;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const StreamTotals totals = totals_of(streams[i]);
    const Judged judged{.asked = conditions,
                        .stream = streams[i],
                        .totals = totals,
                        .name = printable(streams[i].spec.name),
                        .elapsed = elapsed};
    for (const Condition& condition : kConditions) {
      if (!condition.is_asked(conditions)) continue;
      std::string text = totals.counters.packets == 0 ? "no packet arrived in " + judged.name
                                                      : condition.judge(judged);
      if (!text.empty()) {
        result.push_back({.condition = condition.name, .stream = i, .text = std::move(text)});
      }
    }
  }
  return result;
}

}  // namespace mcast::cli
