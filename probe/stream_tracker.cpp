#include "probe/stream_tracker.h"

#include <algorithm>
#include <utility>

namespace mcast {
namespace {

// A sender counts as silent after three of its own packet intervals, at least
// this long.
constexpr Nanoseconds kMinSilence = kSecond;
constexpr Nanoseconds kMaxSilence = 60 * kSecond;
// Packets of a dead sender that the network reordered behind the first packet
// of its successor do not make it alive.
constexpr Nanoseconds kStragglerTime = 100 * kMillisecond;
// A sender silent for so long gives its place in a full table to a new one.
constexpr Nanoseconds kForgetAfter = 60 * kSecond;
// A sender's silence means nothing before two of its intervals, at least this long: networks and
// schedulers are late.
constexpr Nanoseconds kLateness = 200 * kMillisecond;

Nanoseconds silence_needed(const SequenceTracker& sequence) {
  return std::clamp(
      sequence.mean_interval() > kMaxSilence / 3 ? kMaxSilence : 3 * sequence.mean_interval(),
      kMinSilence, kMaxSilence);
}

}  // namespace

StreamTracker::StreamTracker(StreamId id, Timeouts timeouts, StreamEventSink& events)
    : id_(id), timeouts_(timeouts), events_(events) {}

bool StreamTracker::on_probe(const ProbeHeader& header, const Arrival& arrival) {
  // What was overdue before this packet came is decided without it.
  if (arrival.time >= next_deadline_) advance(arrival.time);
  Sender* sender = find(arrival.source, header.sender_id);
  auto verdict = SequenceTracker::Verdict::kInOrder;
  bool had_ended = false;
  if (sender == nullptr) {
    sender = add(header, arrival);
    update_stream_state(arrival);
    if (sender == nullptr) {
      ++untracked_packets_;
      return false;
    }
    if (header.left_plus_one != 0) announce(*sender, header, arrival.time);
  } else {
    Source& source = *sender->source;
    const std::uint64_t bursts = source.record.bursts();
    had_ended = sender->sequence.ended();
    verdict =
        sender->sequence.on_packet(header.sequence, header.send_time, arrival.time, source.record);
    if (source.record.bursts() != bursts) report_bursts(source, bursts, arrival.time);
    if (verdict == SequenceTracker::Verdict::kStale) {
      ++rejected_.stale;
      return false;
    }
    if (verdict == SequenceTracker::Verdict::kImplausible) {
      ++rejected_.implausible;
      return false;
    }
    if (verdict != SequenceTracker::Verdict::kDuplicate &&
        header.sequence == sender->sequence.heard() &&
        (header.left_plus_one != 0 || sender->sequence.has_announced())) {
      announce(*sender, header, arrival.time);
    }
    // A straggler of a sender that has ended wakes nobody up.
    if (state_ != ReceiverState::kEnded || !sender->sequence.ended()) update_stream_state(arrival);
    wake_by(sender->sequence.next_deadline());
  }

  Source& source = *sender->source;
  ReceptionCounters& counters = source.record.counters;
  ++counters.packets;
  counters.bytes += arrival.size;
  if (verdict != SequenceTracker::Verdict::kDuplicate) {
    update_jitter(*sender, header, arrival.time);
  }
  if (sender->ttl != arrival.ttl) {
    ++counters.ttl_changes;
    emit(StreamEventType::kTtlChange, source.address, arrival.time,
         (std::uint64_t{arrival.ttl} << 8U) | sender->ttl);
    sender->ttl = arrival.ttl;
  }
  const bool remarked = arrival.dscp != header.dscp;
  if (remarked) ++counters.remarked;
  if (remarked != sender->remarked) {
    if (remarked) {
      emit(StreamEventType::kRemark, source.address, arrival.time,
           (std::uint64_t{arrival.dscp} << 8U) | header.dscp);
    }
    sender->remarked = remarked;
  }
  sender->last_arrival = arrival.time;
  // Whoever is heard again was not dead, whatever was counted.
  sender->succeeded = false;
  source.last_sender_id = header.sender_id;
  source.ttl = arrival.ttl;
  source.sent_ttl = header.ttl;
  source.dscp = arrival.dscp;
  source.sent_dscp = header.dscp;
  source.jitter = sender->jitter_x16 / 16;
  source.last_arrival = arrival.time;
  // Not for every straggler of one that ended while others go on.
  if (!had_ended && sender->sequence.ended() && state_ != ReceiverState::kEnded) note_end();
  return true;
}

void StreamTracker::announce(Sender& sender, const ProbeHeader& header, Nanoseconds arrival) {
  std::optional<std::uint32_t> left;
  if (header.left_plus_one != 0) left = header.left_plus_one - 1;
  sender.sequence.announce(left, arrival);
}

void StreamTracker::set_timeouts(Timeouts timeouts) {
  timeouts_ = timeouts;
  for (const auto& sender : senders_) sender->sequence.set_timeouts(timeouts);
  // What is due now follows from them: advance() finds out.
  next_deadline_ = 0;
}

void StreamTracker::on_rejected(NotAProbe reason) {
  switch (reason) {
    case NotAProbe::kForeign:
      ++rejected_.foreign;
      break;
    case NotAProbe::kVersion:
      ++rejected_.version;
      break;
    case NotAProbe::kTruncated:
      ++rejected_.truncated;
      break;
  }
}

void StreamTracker::update_stream_state(const Arrival& arrival) {
  if (state_ == ReceiverState::kStalled) {
    const Nanoseconds stalled = std::max<Nanoseconds>(0, arrival.time - stalled_since_);
    stalled_time_ += stalled;
    emit(StreamEventType::kRecovery, arrival.source, arrival.time, 0, stalled);
  } else if (state_ == ReceiverState::kWaiting || state_ == ReceiverState::kEnded) {
    if (state_ == ReceiverState::kWaiting) {
      join_delay_ = std::max<Nanoseconds>(0, arrival.time - joined_at_);
    }
    emit(StreamEventType::kFirstPacket, arrival.source, arrival.time);
  }
  if (state_ != ReceiverState::kReceiving) {
    state_ = ReceiverState::kReceiving;
    state_since_ = arrival.time;
    wake_by(arrival.time + timeouts_.stall);
  }
  last_arrival_ = arrival.time;
}

void StreamTracker::note_stall(Nanoseconds at) {
  state_ = ReceiverState::kStalled;
  state_since_ = at;
  stalled_since_ = at;
  ++stalls_;
  emit(StreamEventType::kStall, IpAddress(), at);
}

void StreamTracker::note_end() {
  Nanoseconds ended_at = 0;
  const Sender* last = nullptr;
  for (const auto& sender : senders_) {
    // Arrivals alone decide who matters, so that it does not hang on when somebody looks.
    if (last_arrival_ - sender->last_arrival >= timeouts_.stall) continue;
    if (sender->sequence.ended()) {
      if (sender->sequence.ended_at() < ended_at) continue;
      ended_at = sender->sequence.ended_at();
      last = sender.get();
    } else if (const Source& source = *sender->source;
               source.newest_id == sender->id ||
               source.newest_began + kStragglerTime < sender->last_arrival) {
      // No other sender ID of its address began when it fell silent.
      return;
    }
  }
  if (last == nullptr) return;
  // What was late to come may have stalled the stream before it was counted lost.
  const Nanoseconds stall_at = last_arrival_ + timeouts_.stall;
  if (state_ == ReceiverState::kReceiving && stall_at < ended_at) note_stall(stall_at);
  if (state_ == ReceiverState::kStalled) {
    stalled_time_ += std::max<Nanoseconds>(0, ended_at - stalled_since_);
  }
  state_ = ReceiverState::kEnded;
  state_since_ = ended_at;
  emit(StreamEventType::kEnded, last->source->address, ended_at);
}

Nanoseconds StreamTracker::unexpected_silence(const Sender& sender, Nanoseconds now) const {
  // Another took its place, or others have been heard for so long without it that it is gone.
  if (sender.sequence.ended() || sender.succeeded ||
      last_arrival_ - sender.last_arrival >= kForgetAfter) {
    return 0;
  }
  const Nanoseconds interval = sender.sequence.mean_interval();
  const Nanoseconds silence = now - sender.last_arrival;
  // While it is not known yet whether a new sender ID took its place, that it did is supposed.
  const bool is_last = sender.source->last_sender_id == sender.id;
  const Nanoseconds patience = is_last ? std::max(kLateness, std::min(interval, kNever / 2) * 2)
                                       : silence_needed(sender.sequence);
  return silence > patience ? silence - interval : 0;
}

void StreamTracker::update_jitter(Sender& sender, const ProbeHeader& header, Nanoseconds arrival) {
  // Differences modulo 2^64: the two clocks have nothing in common, and send
  // times are a stranger's word. D = (Rj - Ri) - (Sj - Si), J += (|D| - J) / 16.
  const std::uint64_t difference = static_cast<std::uint64_t>(arrival) -
                                   static_cast<std::uint64_t>(sender.previous_arrival) -
                                   (header.send_time - sender.previous_send_time);
  sender.previous_send_time = header.send_time;
  sender.previous_arrival = arrival;
  const std::uint64_t magnitude = difference >> 63U != 0 ? 0 - difference : difference;
  constexpr auto kMax = static_cast<std::uint64_t>(3600 * kSecond);
  const auto deviation = static_cast<Nanoseconds>(std::min(magnitude, kMax));
  sender.jitter_x16 += deviation - ((sender.jitter_x16 + 8) >> 4);
}

StreamTracker::Sender* StreamTracker::find(const IpAddress& source, std::uint32_t id) {
  if (last_sender_ != nullptr && last_sender_->id == id && last_source_->address == source) {
    return last_sender_;
  }
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (ids_[i] == id && senders_[i]->source->address == source) {
      remember(*senders_[i]);
      return last_sender_;
    }
  }
  return nullptr;
}

StreamTracker::Sender* StreamTracker::add(const ProbeHeader& header, const Arrival& arrival) {
  if (senders_.size() == kMaxSenders && !evict_one(arrival.time)) return nullptr;
  ++senders_seen_;
  auto known = std::ranges::find(sources_, arrival.source,
                                 [](const auto& source) { return source->address; });
  const bool first_of_source = known == sources_.end();
  if (first_of_source) {
    sources_.push_back(std::make_unique<Source>());
    known = std::prev(sources_.end());
    (*known)->address = arrival.source;
  }
  ++(*known)->sender_ids;
  (*known)->newest_id = header.sender_id;
  (*known)->newest_began = arrival.time;
  senders_.push_back(std::make_unique<Sender>(
      Sender{.id = header.sender_id,
             .ttl = arrival.ttl,
             .remarked = false,
             .succeeded = false,
             .may_have_predecessor = !first_of_source,
             .source = known->get(),
             .last_arrival = arrival.time,
             .jitter_x16 = 0,
             .previous_send_time = header.send_time,
             .previous_arrival = arrival.time,
             .sequence = SequenceTracker(header.sequence, header.send_time, timeouts_),
             .first_arrival = arrival.time}));
  ids_.push_back(header.sender_id);
  Sender& sender = *senders_.back();
  remember(sender);
  if (sender.may_have_predecessor) wake_by(decide_restart(sender, arrival.time));
  return &sender;
}

bool StreamTracker::evict_one(Nanoseconds now) {
  const auto oldest = std::ranges::min_element(
      senders_, {}, [](const auto& sender) { return sender->last_arrival; });
  if (now - (*oldest)->last_arrival < kForgetAfter) return false;
  Source* const source = (*oldest)->source;
  (*oldest)->sequence.advance(now, source->record);
  ids_.erase(ids_.begin() + (oldest - senders_.begin()));
  senders_.erase(oldest);
  last_sender_ = nullptr;
  last_source_ = nullptr;
  if (--source->sender_ids == 0) {
    std::erase_if(sources_, [source](const auto& candidate) { return candidate.get() == source; });
  }
  return true;
}

Nanoseconds StreamTracker::decide_restart(Sender& sender, Nanoseconds now) {
  // The predecessor is the sender ID of the same address that fell silent last
  // before this one began, and has no successor yet.
  Sender* predecessor = nullptr;
  for (const auto& other : senders_) {
    if (other->source != sender.source || other.get() == &sender || other->succeeded ||
        other->first_arrival > sender.first_arrival ||
        other->last_arrival > sender.first_arrival + kStragglerTime) {
      continue;
    }
    if (predecessor == nullptr || other->last_arrival > predecessor->last_arrival) {
      predecessor = other.get();
    }
  }
  if (predecessor == nullptr) {
    // All others went on sending: concurrent senders, now and for good.
    sender.may_have_predecessor = false;
    return kNever;
  }
  const Nanoseconds silent_at = predecessor->last_arrival + silence_needed(predecessor->sequence);
  if (now < silent_at) return silent_at;
  predecessor->succeeded = true;
  sender.may_have_predecessor = false;
  ++sender.source->restarts;
  emit(StreamEventType::kRestart, sender.source->address, now, sender.id);
  return kNever;
}

void StreamTracker::advance(Nanoseconds now) {
  if (now < next_deadline_) return;
  next_deadline_ = kNever;
  bool anybody_ended = false;
  for (const auto& sender : senders_) {
    Source& source = *sender->source;
    const std::uint64_t bursts = source.record.bursts();
    sender->sequence.advance(now, source.record);
    if (source.record.bursts() != bursts) report_bursts(source, bursts, now);
    wake_by(sender->sequence.next_deadline());
    if (sender->may_have_predecessor) wake_by(decide_restart(*sender, now));
    anybody_ended |= sender->sequence.ended();
  }
  if (anybody_ended && (state_ == ReceiverState::kReceiving || state_ == ReceiverState::kStalled)) {
    note_end();
  }
  if (state_ == ReceiverState::kReceiving) {
    const Nanoseconds stall_at = last_arrival_ + timeouts_.stall;
    if (now >= stall_at) {
      note_stall(stall_at);
    } else {
      wake_by(stall_at);
    }
  }
}

void StreamTracker::settle(Nanoseconds now) {
  for (const auto& sender : senders_) {
    Source& source = *sender->source;
    const std::uint64_t bursts = source.record.bursts();
    sender->sequence.settle(source.record);
    report_bursts(source, bursts, now);
  }
}

void StreamTracker::report_bursts(const Source& source, std::uint64_t bursts_before,
                                  Nanoseconds now) {
  // Only the newest is reported when several ended at once: listeners get a
  // picture, the counters have them all.
  if (source.record.bursts() == bursts_before) return;
  const Gap& gap = source.record.newest_gap();
  emit(StreamEventType::kBurst, source.address, now, gap.lost_packets, gap.length);
}

void StreamTracker::emit(StreamEventType type, const IpAddress& source, Nanoseconds time,
                         std::uint64_t value, Nanoseconds duration) {
  const bool has_zone = !source.is_v4() && source.is_link_local_unicast();
  events_.on_event(StreamEvent{.type = type,
                               .stream = id_,
                               .source = {source, has_zone ? interface_ : std::string_view()},
                               .time = time,
                               .value = value,
                               .duration = duration});
}

void StreamTracker::snapshot(Nanoseconds now, Nanoseconds realtime_offset,
                             ReceiverSnapshot& out) const {
  out.state = state_;
  out.state_since_realtime = state_since_ + realtime_offset;
  out.stalls = stalls_;
  out.stalled_time = stalled_time_;
  if (state_ == ReceiverState::kStalled) {
    out.stalled_time += std::max<Nanoseconds>(0, now - stalled_since_);
  }
  out.join_delay = join_delay_;
  out.last_packet_realtime =
      state_ == ReceiverState::kWaiting ? 0 : last_arrival_ + realtime_offset;
  out.rejected = rejected_;
  out.untracked_packets = untracked_packets_;
  out.senders_seen = senders_seen_;
  out.active_senders =
      static_cast<std::uint64_t>(std::ranges::count_if(senders_, [&](const auto& sender) {
        return !sender->succeeded && !sender->sequence.ended() &&
               now - sender->last_arrival < timeouts_.stall;
      }));
  out.sources.clear();
  out.sources.reserve(sources_.size());
  for (const auto& source : sources_) {
    out.sources.push_back(SourceSnapshot{
        .source = source->address,
        .counters = source->record.counters,
        .restarts = source->restarts,
        .longest_interruption = source->record.longest_interruption(),
        .longest_interruption_realtime = 0,
        .gaps = source->record.gaps(realtime_offset),
        .longest_gaps = source->record.longest_gaps(realtime_offset),
        .overdue = 0,
        .silence = 0,
        .sender_id = source->last_sender_id,
        .ttl = source->ttl,
        .sent_ttl = source->sent_ttl,
        .dscp = source->dscp,
        .sent_dscp = source->sent_dscp,
        .jitter = source->jitter,
        .last_packet_realtime = source->last_arrival + realtime_offset,
    });
    SourceSnapshot& shown = out.sources.back();
    if (!shown.longest_gaps.empty()) {
      shown.longest_interruption_realtime = shown.longest_gaps.front().realtime;
    }
    for (const auto& sender : senders_) {
      if (sender->source != source.get()) continue;
      const Nanoseconds silence = unexpected_silence(*sender, now);
      if (silence == 0) continue;
      shown.overdue += sender->sequence.due_in(now - sender->last_arrival);
      shown.silence = std::max(shown.silence, silence);
    }
  }
}

}  // namespace mcast
