#include "cli/streams/stream_totals.h"

#include <algorithm>
#include <iterator>

namespace mcast::cli {
namespace {

void keep_worst(StreamTotals::Worst& worst, const StreamTotals::Worst& other) {
  if (other.value > worst.value) worst = other;
}

template <typename Number>
void take_off(Number& count, Number before) {
  count -= std::min(count, before);
}

template <const auto& Bounds>
void take_off(Histogram<Bounds>& histogram, const Histogram<Bounds>& before) {
  auto counts = histogram.counts();
  for (std::size_t i = 0; i < counts.size(); ++i) take_off(counts[i], before.counts()[i]);
  histogram = Histogram<Bounds>::from_counts(counts, histogram.sum() - before.sum());
}

void take_off(ReceptionCounters& counters, const ReceptionCounters& before) {
  for (const auto count :
       {&ReceptionCounters::packets, &ReceptionCounters::bytes, &ReceptionCounters::lost,
        &ReceptionCounters::late, &ReceptionCounters::duplicates, &ReceptionCounters::reordered,
        &ReceptionCounters::outage_lost, &ReceptionCounters::errored_seconds,
        &ReceptionCounters::ttl_changes, &ReceptionCounters::remarked}) {
    take_off(counters.*count, before.*count);
  }
  take_off(counters.loss_bursts, before.loss_bursts);
  take_off(counters.interruptions, before.interruptions);
}

void take_off(SourceSnapshot& source, const SourceSnapshot& before, Nanoseconds moment) {
  take_off(source.counters, before.counters);
  take_off(source.restarts, before.restarts);
  // Those of the silence that the older one was in.
  if (source.last_packet_realtime == before.last_packet_realtime) {
    take_off(source.overdue, before.overdue);
  }
  const auto is_older = [&](const Gap& gap) { return gap.realtime < moment; };
  std::erase_if(source.gaps, is_older);
  std::erase_if(source.longest_gaps, is_older);
  if (source.longest_interruption_realtime >= moment) return;
  source.longest_interruption = source.longest_interruption_realtime = 0;
  for (const auto* gaps : {&source.longest_gaps, &source.gaps}) {
    for (const Gap& gap : *gaps) {
      if (gap.length <= source.longest_interruption) continue;
      source.longest_interruption = gap.length;
      source.longest_interruption_realtime = gap.realtime;
    }
  }
}

void take_off(ReceiverSnapshot& stream, const ReceiverSnapshot& before, Nanoseconds moment) {
  take_off(stream.stalls, before.stalls);
  take_off(stream.stalled_time, before.stalled_time);
  take_off(stream.untracked_packets, before.untracked_packets);
  for (const auto& [name, count] : kRejections) {
    take_off(stream.rejected.*count, before.rejected.*count);
  }
  for (SourceSnapshot& source : stream.sources) {
    const auto old = std::ranges::find(before.sources, source.source, &SourceSnapshot::source);
    if (old != before.sources.end()) take_off(source, *old, moment);
  }
}

void take_off(SenderSnapshot& stream, const SenderSnapshot& before, Nanoseconds) {
  take_off(stream.packets, before.packets);
  take_off(stream.bytes, before.bytes);
  take_off(stream.skipped, before.skipped);
  for (const auto& [name, count] : before.errors) take_off(stream.errors[name], count);
  take_off(stream.schedule_lag, before.schedule_lag);
}

}  // namespace

ProbeSnapshot counted_since(ProbeSnapshot now, const ProbeSnapshot& before, Nanoseconds moment) {
  // Of a stream that has gone away, only the older one knows.
  const auto each = [moment](auto& streams, const auto& old) {
    auto next = old.begin();
    for (auto& stream : streams) {
      while (next != old.end() && next->spec.name != stream.spec.name) ++next;
      if (next != old.end()) take_off(stream, *next++, moment);
    }
  };
  each(now.receivers, before.receivers);
  each(now.senders, before.senders);
  for (SocketSnapshot& socket : now.sockets) {
    for (const SocketSnapshot& old : before.sockets) {
      if (old.port == socket.port && old.family == socket.family) {
        take_off(socket.drops, old.drops);
      }
    }
  }
  return now;
}

StreamTotals totals_of(std::span<const ReceiverSnapshot> receivers,
                       std::span<const SocketSnapshot> sockets) {
  StreamTotals sum;
  const bool many = receivers.size() > 1;
  for (const ReceiverSnapshot& receiver : receivers) {
    ++sum.states[static_cast<std::size_t>(receiver.state)];
    for (const auto& [name, count] : kRejections) {
      sum.rejected.*count += receiver.rejected.*count;
      sum.rejected_packets += receiver.rejected.*count;
    }
    sum.stalls += receiver.stalls;
    sum.stalled_time += receiver.stalled_time;
    sum.senders_seen += receiver.senders_seen;
    sum.active_senders += receiver.active_senders;
    sum.untracked += receiver.untracked_packets;
    const auto whose = [&](const std::optional<IpAddress>& source) {
      return many ? std::optional(receiver.spec.group) : source;
    };
    keep_worst(sum.join_delay, {.value = receiver.join_delay, .of = whose({})});
    for (const SourceSnapshot& source : receiver.sources) {
      sum.counters.add(with_overdue(source));
      sum.overdue += source.overdue;
      sum.restarts += source.restarts;
      const auto of =
          whose(receiver.sources.size() > 1 ? std::optional(source.source.address) : std::nullopt);
      keep_worst(sum.jitter, {.value = source.jitter, .of = of});
      StreamTotals::Worst longest = longest_gap_of(source);
      longest.of = of;
      keep_worst(sum.longest_gap, longest);
      if (sum.latest == nullptr || source.last_packet_realtime > sum.latest->last_packet_realtime) {
        sum.latest = &source;
      }
    }
  }
  for (const SocketSnapshot& socket : sockets) sum.socket_drops += socket.drops;
  return sum;
}

StreamTotals totals_of(std::span<const SenderSnapshot> senders) {
  StreamTotals sum;
  for (const SenderSnapshot& sender : senders) {
    ++sum.states[static_cast<std::size_t>(sender.state)];
    sum.counters.packets += sender.packets;
    sum.counters.bytes += sender.bytes;
    for (const auto& [name, count] : sender.errors) {
      sum.errors[name] += count;
      sum.counters.lost += count;
    }
    sum.skipped += sender.skipped;
    const std::uint64_t limit = sender.spec.left_of_limit();
    sum.limit = std::max(sum.limit, limit) == kNoLimit ? kNoLimit : sum.limit + limit;
    sum.target += sender.spec.packets_per_second;
    sum.target_bits += sender.spec.packets_per_second * 8.0 * static_cast<double>(sender.spec.size);
    sum.lag.add(sender.schedule_lag);
  }
  return sum;
}

StreamTotals totals_of(const ProbeSnapshot& streams) {
  return streams.receivers.empty() ? totals_of(streams.senders)
                                   : totals_of(streams.receivers, streams.sockets);
}

ReceptionCounters with_overdue(const SourceSnapshot& source) {
  ReceptionCounters counters = source.counters;
  counters.lost += source.overdue;
  return counters;
}

StreamTotals::Worst longest_gap_of(const SourceSnapshot& source) {
  if (source.silence > source.longest_interruption) {
    return {.value = source.silence,
            .of = {},
            .realtime = source.last_packet_realtime + source.silence,
            .is_running = true};
  }
  if (source.longest_interruption <= 0) return {};
  return {.value = source.longest_interruption,
          .of = {},
          .realtime = source.longest_interruption_realtime,
          .is_running = false};
}

ReceiverState worst_state(const StreamTotals& totals) {
  return *std::ranges::find_if(kWorstFirst,
                               [&](ReceiverState state) { return totals.in(state) > 0; });
}

double mean_rate(const StreamTotals& totals, Nanoseconds elapsed) {
  return elapsed > 0 ? static_cast<double>(totals.counters.packets) / to_seconds(elapsed) : 0;
}

}  // namespace mcast::cli
