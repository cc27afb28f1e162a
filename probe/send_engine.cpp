#include "probe/send_engine.h"

#include <poll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>

#include "base/thread.h"
#include "probe/socket_options.h"

namespace mcast {
namespace {

constexpr Nanoseconds kCopyFor = 200 * kMicrosecond;
// The kernel's estimate of the clock's error grows by 500 ppm at most.
constexpr Nanoseconds kAskErrorEvery = kSecond;
constexpr std::greater<> kSoonestFirst{};

}  // namespace

Result<std::unique_ptr<SendEngine>> SendEngine::start(const Clock& clock, RandomSenderId random) {
  auto commands = CommandQueue::create();
  if (!commands) return std::unexpected(commands.error());
  FileDescriptor timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer) return fail_errno("timerfd_create", errno);
  auto engine = std::make_unique<SendEngine>(clock, std::move(random), std::move(*commands),
                                             std::move(timer));
  auto thread = start_thread("mcast-send", [raw = engine.get()] { raw->run(); });
  if (!thread) return std::unexpected(thread.error());
  engine->thread_ = std::move(*thread);
  return engine;
}

SendEngine::SendEngine(const Clock& clock, RandomSenderId random,
                       std::unique_ptr<CommandQueue> commands, FileDescriptor timer)
    : clock_(clock),
      random_(std::move(random)),
      commands_(std::move(commands)),
      timer_(std::move(timer)),
      realtime_offset_(clock) {}

SendEngine::~SendEngine() {
  if (!thread_.joinable()) return;
  finish();
  commands_->execute([this] { running_ = false; });
  thread_.join();
}

void SendEngine::run() {
  commands_->open();
  while (running_) {
    wait_until(due_.empty() ? kNever : due_.front().first);
    realtime_offset_.sample(clock_);
    const Nanoseconds now = clock_.monotonic();
    if (now >= realtime_error_until_) {
      realtime_error_ = clock_.realtime_error();
      realtime_error_until_ = now + kAskErrorEvery;
    }
    // One turn serves each stream at most once, so commands are never far away.
    for (std::size_t turns = due_.size(); turns > 0 && due_.front().first <= now; --turns) {
      std::ranges::pop_heap(due_, kSoonestFirst);
      SendStream& stream = *due_.back().second;
      stream.send_due(clock_.monotonic(), realtime(), batch_);
      due_.back().first = stream.next_due();
      std::ranges::push_heap(due_, kSoonestFirst);
    }
  }
  commands_->close();
}

// A timerfd and not the timeout of poll: the kernel lets that be late by a
// thousandth of the wait (select_estimate_accuracy() in fs/select.c), which at 25
// packets a second is as much as all other reasons to be late together.
void SendEngine::wait_until(Nanoseconds due) {
  const Nanoseconds left = due == kNever ? 0 : due - clock_.monotonic();
  const bool is_due = due != kNever && left <= 0;
  if (!is_due) {
    // 0 disarms it. Either way it is no longer readable for the last time.
    itimerspec time{};
    time.it_value = {.tv_sec = left / kSecond, .tv_nsec = left % kSecond};
    ::timerfd_settime(timer_.get(), 0, &time, nullptr);
  }
  std::array wake{pollfd{.fd = commands_->fd(), .events = POLLIN, .revents = 0},
                  pollfd{.fd = timer_.get(), .events = POLLIN, .revents = 0}};
  if (::poll(wake.data(), wake.size(), is_due ? 0 : -1) > 0 && wake.front().revents != 0) {
    commands_->run_pending();
  }
}

SendStream::Realtime SendEngine::realtime() const {
  return {.offset = realtime_offset_.value(), .error = realtime_error_};
}

void SendEngine::finish(SendStream& stream) {
  unschedule(stream);
  stream.finish(clock_.monotonic(), realtime(), batch_);
}

void SendEngine::finish() {
  const std::scoped_lock lock(mutex_);
  commands_->execute([this] {
    due_.clear();
    for (auto& [id, registration] : streams_) finish(*registration.stream);
  });
}

void SendEngine::schedule(SendStream& stream) {
  unschedule(stream);
  due_.emplace_back(stream.next_due(), &stream);
  std::ranges::push_heap(due_, kSoonestFirst);
}

void SendEngine::unschedule(const SendStream& stream) {
  if (std::erase_if(due_, [&](const Due& due) { return due.second == &stream; }) > 0) {
    std::ranges::make_heap(due_, kSoonestFirst);
  }
}

StreamId SendEngine::add(const SenderSpec& spec) {
  const std::scoped_lock lock(mutex_);
  const StreamId id = next_id_++;
  streams_.emplace(id, Registration{.spec = spec,
                                    .stream = std::make_unique<SendStream>(spec, random_()),
                                    .interface = std::nullopt,
                                    .local_address = std::nullopt});
  return id;
}

void SendEngine::remove(StreamId id) {
  const std::scoped_lock lock(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  commands_->execute([&] { finish(*found->second.stream); });
  streams_.erase(found);
}

void SendEngine::update(StreamId id, const SenderSpec& spec) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = streams_.find(id); found != streams_.end()) found->second.spec = spec;
}

Result<IpAddress> SendEngine::attach(StreamId id, int ifindex, const std::string& interface) {
  const std::scoped_lock lock(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return fail("no such stream");
  Registration& registration = found->second;
  auto socket = open_send_socket(registration.spec, ifindex);
  if (!socket) {
    registration.interface.reset();
    registration.local_address.reset();
    registration.error = socket.error().message;
    commands_->execute([&] { registration.stream->detach(clock_.monotonic()); });
    return std::unexpected(socket.error());
  }
  registration.interface = interface;
  registration.local_address = socket->local_address;
  registration.error.clear();
  commands_->execute([&] {
    registration.stream->attach(std::move(socket->socket), socket->max_payload, clock_.monotonic());
    schedule(*registration.stream);
  });
  return socket->local_address;
}

void SendEngine::detach(StreamId id, const std::string& reason) {
  const std::scoped_lock lock(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  found->second.interface.reset();
  found->second.local_address.reset();
  found->second.error = reason;
  commands_->execute([&] { found->second.stream->detach(clock_.monotonic()); });
}

std::size_t SendEngine::size() {
  const std::scoped_lock lock(mutex_);
  return streams_.size();
}

std::vector<SenderSnapshot> SendEngine::snapshot() {
  return snapshot([](const SenderSpec&) { return true; });
}

std::vector<SenderSnapshot> SendEngine::snapshot(
    const std::function<bool(const SenderSpec&)>& wanted) {
  const std::scoped_lock lock(mutex_);
  std::vector<const Registration*> chosen;
  chosen.reserve(streams_.size());
  for (const auto& [id, registration] : streams_) {
    if (wanted(registration.spec)) chosen.push_back(&registration);
  }
  std::vector<SenderSnapshot> result(chosen.size());
  const Nanoseconds realtime_offset = clock_.realtime() - clock_.monotonic();
  std::size_t filled = 0;
  while (filled < result.size()) {
    commands_->execute([&] {
      const Nanoseconds started = clock_.monotonic();
      do {
        chosen[filled]->stream->snapshot(realtime_offset, result[filled]);
        ++filled;
      } while (filled < result.size() && clock_.monotonic() - started < kCopyFor);
    });
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    const Registration& registration = *chosen[i];
    SenderSnapshot& out = result[i];
    out.spec = registration.spec;
    out.interface = registration.interface.value_or(registration.spec.interface);
    out.local_address = registration.local_address;
    if (!registration.interface && out.state != SenderState::kFinished) {
      out.state = SenderState::kFailed;
      out.error = registration.error;
    }
  }
  return result;
}

}  // namespace mcast
