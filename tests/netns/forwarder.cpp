#include "tests/netns/forwarder.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include "tests/netns/failure.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

// Frames of one side before the other side and the timer get their turn.
constexpr std::size_t kTurn = 64;
// Towards A there is nothing but answers.
constexpr std::size_t kRingOfB = 4096;

Nanoseconds read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

Nanoseconds monotonic() {
  return read_clock(CLOCK_MONOTONIC);
}

Namespace make_wire(const Namespace& sender, const std::string& sender_address,
                    const Namespace& receiver, const std::string& receiver_address) {
  // Nothing but frames: it has no addresses, and asks nobody for any.
  Namespace wire("wire", Namespace::Ipv6::kOff);
  connect(sender, "eth1", sender_address, wire, "wire-a", "");
  connect(wire, "wire-b", "", receiver, "eth1", receiver_address);
  switch_off_offloads(sender, "eth1");
  switch_off_offloads(wire, "wire-a");
  switch_off_offloads(wire, "wire-b");
  switch_off_offloads(receiver, "eth1");
  return wire;
}

}  // namespace

Forwarder::Forwarder(const Namespace& sender, const std::string& sender_address,
                     const Namespace& receiver, const std::string& receiver_address, Plan plan,
                     std::size_t ring)
    : wire_(make_wire(sender, sender_address, receiver, receiver_address)),
      plan_(std::move(plan)),
      a_(wire_, "wire-a", ring),
      b_(wire_, "wire-b", kRingOfB),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      // A timer descriptor, because poll's own timeout may come 50 us late.
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (!stop_) fail_with_errno("eventfd", errno);
  if (!timer_) fail_with_errno("timerfd_create", errno);
  thread_ = std::thread([this] { run(); });
}

Forwarder::~Forwarder() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void Forwarder::run() {
  std::array polled{pollfd{.fd = stop_.get(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = timer_.get(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = a_.fd(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = b_.fd(), .events = POLLIN, .revents = 0}};
  while (::poll(polled.data(), polled.size(), -1) >= 0 || errno == EINTR) {
    if (polled[0].revents != 0) return;
    if ((polled[2].revents & POLLERR) != 0) a_.forget_error();
    if ((polled[3].revents & POLLERR) != 0) b_.forget_error();
    const Nanoseconds offset = read_clock(CLOCK_REALTIME) - monotonic();
    const std::size_t read = a_.read(kTurn, [&](PacketTap::Frame frame, Nanoseconds realtime) {
      const ProbeFrame probe = read_probe_frame(frame);
      if (probe.kind == ProbeFrame::Kind::kProbe) {
        treat(frame, probe, realtime - offset);
        return;
      }
      if (probe.kind == ProbeFrame::Kind::kFragment) {
        const std::scoped_lock lock(mutex_);
        ++fragments_;
      }
      b_.send(frame);
    });
    b_.read(kTurn, [this](PacketTap::Frame frame, Nanoseconds) { a_.send(frame); });
    // Frames that wait still may have come in before what is due now.
    if (read < kTurn) pass_all_due(monotonic());
    set_timer();
  }
}

void Forwarder::treat(PacketTap::Frame frame, const ProbeFrame& probe, Nanoseconds arrival) {
  pass_all_due(arrival);
  const std::uint64_t index = index_++;
  const Treatment treatment = plan_(index);
  const Forwarded entry{.sender_id = probe.sender_id,
                        .sequence = probe.sequence,
                        .send_time = probe.send_time,
                        .delay = treatment.delay.count()};
  if (treatment.copies > 0 && treatment.held_for == 0 && treatment.delay.count() == 0) {
    pass(frame, entry, treatment.copies);
  } else if (treatment.copies > 0) {
    Waiting waiting{.frame = {frame.begin(), frame.end()},
                    .probe = entry,
                    .copies = treatment.copies,
                    .due = arrival + treatment.delay.count(),
                    .release_at = index + treatment.held_for};
    if (treatment.held_for > 0) {
      held_.push_back(std::move(waiting));
    } else {
      release(std::move(waiting), arrival);
    }
  }
  for (auto held = held_.begin(); held != held_.end();) {
    if (held->release_at > index) {
      ++held;
      continue;
    }
    release(std::move(*held), arrival);
    held = held_.erase(held);
  }
  const std::scoped_lock lock(mutex_);
  received_ = index_;
  delayed_count_ = delayed_.size();
}

void Forwarder::release(Waiting waiting, Nanoseconds now) {
  if (waiting.due <= now) {
    pass(waiting.frame, waiting.probe, waiting.copies);
  } else {
    delayed_.emplace(waiting.due, std::move(waiting));
  }
}

void Forwarder::pass(PacketTap::Frame frame, Forwarded probe, unsigned copies) {
  for (unsigned i = 0; i < copies; ++i) {
    probe.sent_from = monotonic();
    if (!b_.send(frame)) continue;  // counted, and then there is no truth
    probe.sent_to = monotonic();
    const std::scoped_lock lock(mutex_);
    forwarded_.push_back(probe);
  }
}

void Forwarder::pass_all_due(Nanoseconds now) {
  if (delayed_.empty()) return;
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    const auto due = delayed_.extract(delayed_.begin());
    pass(due.mapped().frame, due.mapped().probe, due.mapped().copies);
  }
  const std::scoped_lock lock(mutex_);
  delayed_count_ = delayed_.size();
}

void Forwarder::set_timer() {
  // 0 switches it off. Setting it also takes back what it has reported.
  const Nanoseconds due = delayed_.empty() ? 0 : delayed_.begin()->first;
  if (due == timer_set_to_) return;
  itimerspec setting{};
  setting.it_value = {.tv_sec = due / kSecond, .tv_nsec = due % kSecond};
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &setting, nullptr);
  timer_set_to_ = due;
}

std::vector<Forwarded> Forwarder::forwarded() const {
  if (missed() > 0) fail_with("the forwarder missed frames: " + missed_text());
  const std::scoped_lock lock(mutex_);
  return forwarded_;
}

std::size_t Forwarder::forwarded_count() const {
  const std::scoped_lock lock(mutex_);
  return forwarded_.size();
}

std::uint64_t Forwarder::received() const {
  const std::scoped_lock lock(mutex_);
  return received_;
}

std::size_t Forwarder::delayed() const {
  const std::scoped_lock lock(mutex_);
  return delayed_count_;
}

std::vector<Forwarder::Fault> Forwarder::faults() const {
  const PacketTap::Missed a = a_.missed();
  const PacketTap::Missed b = b_.missed();
  std::uint64_t fragments = 0;
  {
    const std::scoped_lock lock(mutex_);
    fragments = fragments_;
  }
  // A veth takes a frame that its other end then drops, and counts it afterwards.
  return {{.what = "too fast from A", .count = a.overrun},
          {.what = "too fast from B", .count = b.overrun},
          {.what = "unreadable from A", .count = a.unreadable},
          {.what = "unreadable from B", .count = b.unreadable},
          {.what = "refused towards A", .count = a.unsent},
          {.what = "refused towards B", .count = b.unsent},
          {.what = "dropped towards A", .count = link_counters(wire_, "wire-a").dropped_on_send},
          {.what = "dropped towards B", .count = link_counters(wire_, "wire-b").dropped_on_send},
          {.what = "probe packets in fragments", .count = fragments}};
}

std::uint64_t Forwarder::missed() const {
  std::uint64_t sum = 0;
  for (const Fault& fault : faults()) sum += fault.count;
  return sum;
}

std::string Forwarder::missed_text() const {
  std::string text;
  for (const Fault& fault : faults()) {
    if (fault.count == 0) continue;
    text +=
        (text.empty() ? "" : ", ") + std::string(fault.what) + " " + std::to_string(fault.count);
  }
  return text;
}

}  // namespace mcast::test
