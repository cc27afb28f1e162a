#include "probe/send_stream.h"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "probe/send_batch.h"

namespace mcast {
namespace {

// Faster streams are served in steps of this: below it a thread's own wake-up
// takes longer than the wait.
constexpr Nanoseconds kQuantum = 50 * kMicrosecond;
// UDP_SEGMENT gives up the even spacing of packets, so only streams that send
// several in a quantum anyway use it.
constexpr double kSegmentAbove = 40'000;  // packets a second

// Errors of a moment: the next packet may well go out.
bool is_passing(int code) {
  return code == ENOBUFS || code == EAGAIN || code == ENOMEM;
}

// What the kernel says when a way cannot take segmented sends.
bool is_refused_segmentation(int code) {
  return code == EINVAL || code == EIO || code == EOPNOTSUPP || code == EMSGSIZE ||
         code == ENOPROTOOPT;
}

}  // namespace

SendStream::SendStream(const SenderSpec& spec, std::uint32_t sender_id)
    : spec_(spec), sender_id_(sender_id) {
  std::vector<std::uint8_t> datagram(spec.size);
  encode_probe(ProbeHeader{.sequence = 0,
                           .send_time = 0,
                           .sender_id = sender_id,
                           .payload_length = 0,
                           .ttl = spec.ttl,
                           .dscp = spec.dscp},
               datagram);
  add_extension({}, datagram);
  std::ranges::copy_n(datagram.begin(),
                      static_cast<std::ptrdiff_t>(SendBatch::header_size(spec.size)),
                      header_.begin());
}

void SendStream::begin(Nanoseconds now) {
  schedule_.emplace(spec_.packets_per_second, now, spec_.duration);
  end_ = spec_.duration > 0 ? now + spec_.duration : kNever;
}

void SendStream::attach(FileDescriptor socket, std::size_t max_payload, Nanoseconds now) {
  socket_ = std::move(socket);
  segmentation_ = spec_.packets_per_second >= kSegmentAbove && spec_.size <= max_payload;
  failing_with_ = 0;
  if (!schedule_) begin(now);
  note_state(now);
}

std::uint64_t SendStream::left() const {
  return std::min(spec_.left_of_limit(sequence_), schedule_->left());
}

void SendStream::note_finished(Nanoseconds now) {
  finished_ = true;
  socket_.reset();
  note_state(now);
}

Nanoseconds SendStream::next_due() const {
  if (!schedule_ || finished_) return kNever;
  return left() == 0 ? end_ : std::max(schedule_->next(), not_before_);
}

void SendStream::send_due(Nanoseconds now, Realtime realtime, SendBatch& batch) {
  if (finished_ || !schedule_) return;
  if (left() == 0) {
    // All is sent; the rest of the duration was waited for.
    if (now >= end_) note_finished(now);
    return;
  }
  const Nanoseconds lag = now - schedule_->next();
  if (const std::uint64_t skipped = schedule_->skip_overdue(now); skipped > 0) {
    skipped_ += skipped;
    lag_.observe(to_seconds(lag));
  }
  std::uint64_t limit = SendBatch::kSize;
  if (segmentation_) limit = std::min(limit, SendBatch::kMaxSegmentedBytes / spec_.size);
  limit = std::min(limit, left());
  const std::uint64_t count = schedule_->due_count(now, limit);
  if (count == 0) return;
  for (std::uint64_t i = 0; i < count; ++i) {
    lag_.observe(to_seconds(now - schedule_->due_after(i)));
  }
  transmit(count, left(), now, realtime, batch);
  schedule_->advance(count);
  sequence_ += count;
  if (spec_.left_of_limit(sequence_) == 0 || (left() == 0 && now >= end_)) {
    note_finished(now);
    return;
  }
  note_state(now);
  not_before_ = schedule_->interval() < static_cast<double>(kQuantum) ? now + kQuantum : 0;
  // What was due beyond one batch goes out with the next turn, at once.
  if (count == limit && schedule_->next() <= now) not_before_ = 0;
}

void SendStream::finish(Nanoseconds now, Realtime realtime, SendBatch& batch) {
  if (finished_ || !schedule_) return;
  if (left() != 0 && socket_ && spec_.size >= kMaxHeaderSize) {
    transmit(1, 1, now, realtime, batch);
    ++sequence_;
  }
  note_finished(now);
}

void SendStream::transmit(std::uint64_t count, std::uint64_t left, Nanoseconds now,
                          Realtime realtime, SendBatch& batch) {
  if (!socket_) {
    count_error(ENODEV, count);
    failing_with_ = ENODEV;
    return;
  }
  ProbeStamp stamp{.sequence = sequence_,
                   .send_time = static_cast<std::uint64_t>(now),
                   .realtime = static_cast<std::uint64_t>(now + realtime.offset),
                   .clock_error = realtime.error,
                   .left = left};
  for (std::uint64_t i = 0; i < count; ++i) {
    SendBatch::Header& header = batch.header(i);
    header = header_;
    --stamp.left;
    restamp_probe(stamp, std::span(header).first(SendBatch::header_size(spec_.size)));
    ++stamp.sequence;
  }
  SendBatch::Outcome outcome;
  if (segmentation_ && count > 1) {
    outcome = batch.send_segmented(socket_.get(), count, spec_.size);
    if (outcome.error != 0 && is_refused_segmentation(outcome.error)) {
      segmentation_ = false;
      outcome = batch.send_each(socket_.get(), count, spec_.size);
    }
  } else {
    outcome = batch.send_each(socket_.get(), count, spec_.size);
  }
  packets_ += outcome.sent;
  bytes_ += outcome.sent * spec_.size;
  if (outcome.sent < count) count_error(outcome.error, count - outcome.sent);
  failing_with_ = outcome.error;
}

void SendStream::count_error(int code, std::uint64_t packets) {
  for (std::size_t i = 0; i < kErrorKinds; ++i) {
    ErrorCount& entry = errors_[i];
    if (entry.count == 0 || entry.code == code || i == kErrorKinds - 1) {
      entry.code = entry.count == 0 ? code : entry.code;
      entry.count += packets;
      return;
    }
  }
}

SenderState SendStream::state() const {
  if (finished_) return SenderState::kFinished;
  const bool failing = !socket_ || (failing_with_ != 0 && !is_passing(failing_with_));
  return failing ? SenderState::kFailed : SenderState::kSending;
}

void SendStream::note_state(Nanoseconds now) {
  if (const SenderState now_it_is = state(); now_it_is != last_state_ || state_since_ == 0) {
    last_state_ = now_it_is;
    state_since_ = now;
  }
}

void SendStream::snapshot(Nanoseconds realtime_offset, SenderSnapshot& out) const {
  out.sender_id = sender_id_;
  out.packets = packets_;
  out.bytes = bytes_;
  out.skipped = skipped_;
  out.schedule_lag = lag_;
  for (const ErrorCount& entry : errors_) {
    if (entry.count != 0) out.errors[errno_name(entry.code)] += entry.count;
  }
  out.state = state();
  out.state_since_realtime = state_since_ == 0 ? 0 : state_since_ + realtime_offset;
  if (out.state == SenderState::kFailed && failing_with_ != 0) {
    out.error = "cannot send to " + spec_.group.to_string() + ": " + errno_text(failing_with_);
  }
}

}  // namespace mcast
