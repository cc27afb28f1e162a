#include "probe/receive_engine.h"

#include <utility>

#include "base/thread.h"
#include "probe/socket_options.h"

namespace mcast {
namespace {

// One visit to the receive thread for a snapshot copies for at most this long,
// then packets have their turn.
constexpr Nanoseconds kCopyFor = 200 * kMicrosecond;

}  // namespace

Result<std::unique_ptr<ReceiveEngine>> ReceiveEngine::start(const Clock& clock,
                                                            StreamEventSink& events) {
  auto commands = CommandQueue::create();
  if (!commands) return std::unexpected(commands.error());
  auto engine = std::make_unique<ReceiveEngine>(clock, events, std::move(*commands));
  auto thread = start_thread("mcast-receive", [loop = &engine->loop_] { loop->run(); });
  if (!thread) return std::unexpected(thread.error());
  engine->thread_ = std::move(*thread);
  return engine;
}

ReceiveEngine::ReceiveEngine(const Clock& clock, StreamEventSink& events,
                             std::unique_ptr<CommandQueue> commands)
    : clock_(clock), events_(events), commands_(std::move(commands)), loop_(clock, *commands_) {}

ReceiveEngine::~ReceiveEngine() {
  if (!thread_.joinable()) return;
  commands_->execute([this] { loop_.stop(); });
  thread_.join();
  // Memberships end with their sockets.
}

StreamId ReceiveEngine::add(const ReceiverSpec& spec) {
  const std::scoped_lock lock(mutex_);
  const StreamId id = next_id_++;
  Registration registration{.spec = spec,
                            .stream = std::make_unique<ReceiveStream>(id, spec, events_),
                            .attachment = std::nullopt,
                            .failed_since = clock_.realtime()};
  ReceiveStream& stream = *registration.stream;
  streams_.emplace(id, std::move(registration));
  commands_->execute([&] { loop_.watch(stream); });
  return id;
}

void ReceiveEngine::remove(StreamId id) {
  const std::scoped_lock lock(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  leave(found->second);
  commands_->execute([&] { loop_.unwatch(*found->second.stream); });
  streams_.erase(found);
}

void ReceiveEngine::update(StreamId id, const ReceiverSpec& spec) {
  const std::scoped_lock lock(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  Registration& registration = found->second;
  if (spec.timeouts() != registration.spec.timeouts()) {
    commands_->execute([&] {
      registration.stream->tracker.set_timeouts(spec.timeouts());
      loop_.look_at(*registration.stream);
    });
  }
  registration.spec = spec;
}

StreamTable::Key ReceiveEngine::key_of(const Registration& registration, int ifindex) {
  return {.group = registration.spec.group, .ifindex = ifindex, .port = registration.spec.port};
}

Result<void> ReceiveEngine::attach(StreamId id, int ifindex, const std::string& interface) {
  const std::scoped_lock lock(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return fail("no such stream");
  Registration& registration = found->second;
  const bool was_attached = registration.attachment.has_value();
  leave(registration);
  const auto failed = [&](const Error& error) {
    if (was_attached) registration.failed_since = clock_.realtime();
    registration.error = error.message;
    return std::unexpected(error);
  };
  const ReceiverSpec& spec = registration.spec;
  if (auto opened = open_port(spec); !opened) return failed(opened.error());
  // Listening comes before joining: the first packet may be here at once.
  const StreamTable::Key key = key_of(registration, ifindex);
  commands_->execute([&] {
    registration.stream->tracker.set_interface(interface);
    loop_.listen(key, *registration.stream);
  });
  auto membership = joins_.join(spec.group, spec.source, ifindex);
  if (!membership) {
    commands_->execute([&] { loop_.unlisten(key, *registration.stream); });
    close_port(spec);
    return failed(membership.error());
  }
  registration.attachment =
      Attachment{.ifindex = ifindex, .interface = interface, .membership = *membership};
  registration.error.clear();
  return {};
}

void ReceiveEngine::detach(StreamId id, const std::string& reason) {
  const std::scoped_lock lock(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  Registration& registration = found->second;
  if (registration.attachment) registration.failed_since = clock_.realtime();
  leave(registration);
  registration.error = reason;
}

void ReceiveEngine::leave(Registration& registration) {
  if (!registration.attachment) return;
  joins_.leave(registration.attachment->membership);
  const StreamTable::Key key = key_of(registration, registration.attachment->ifindex);
  commands_->execute([&] { loop_.unlisten(key, *registration.stream); });
  registration.attachment.reset();
  close_port(registration.spec);
}

Result<void> ReceiveEngine::open_port(const ReceiverSpec& spec) {
  const std::pair port(spec.group.family(), spec.port);
  std::size_t& users = ports_[port];
  if (users == 0) {
    auto socket = open_receive_socket(port.first, port.second);
    if (!socket) {
      ports_.erase(port);
      return std::unexpected(socket.error());
    }
    commands_->execute([&] { loop_.add_socket(port.first, port.second, std::move(*socket)); });
  }
  ++users;
  return {};
}

void ReceiveEngine::close_port(const ReceiverSpec& spec) {
  const std::pair port(spec.group.family(), spec.port);
  const auto found = ports_.find(port);
  if (found == ports_.end() || --found->second > 0) return;
  commands_->execute([&] { loop_.remove_socket(port.first, port.second); });
  ports_.erase(found);
}

std::size_t ReceiveEngine::size() {
  const std::scoped_lock lock(mutex_);
  return streams_.size();
}

std::vector<ReceiverSnapshot> ReceiveEngine::snapshot() {
  return snapshot([](const ReceiverSpec&) { return true; });
}

std::vector<ReceiverSnapshot> ReceiveEngine::snapshot(
    const std::function<bool(const ReceiverSpec&)>& wanted) {
  const std::scoped_lock lock(mutex_);
  std::vector<const Registration*> chosen;
  chosen.reserve(streams_.size());
  for (const auto& [id, registration] : streams_) {
    if (wanted(registration.spec)) chosen.push_back(&registration);
  }
  return snapshot_of(chosen);
}

std::vector<ReceiverSnapshot> ReceiveEngine::snapshot_of_silent(
    const std::set<std::string>& interfaces) {
  const std::scoped_lock lock(mutex_);
  std::vector<const Registration*> silent;
  commands_->execute([&] {
    for (const auto& [id, registration] : streams_) {
      const ReceiverState state = registration.stream->tracker.state();
      if (!registration.attachment ||
          (state != ReceiverState::kReceiving && state != ReceiverState::kEnded) ||
          interfaces.contains(registration.attachment->interface)) {
        silent.push_back(&registration);
      }
    }
  });
  return snapshot_of(silent);
}

std::vector<ReceiverSnapshot> ReceiveEngine::snapshot_of(
    const std::vector<const Registration*>& registrations) {
  std::vector<ReceiverSnapshot> result(registrations.size());
  std::size_t filled = 0;
  while (filled < result.size()) {
    // The receive thread copies for a moment, goes back to its packets, and is
    // asked again for the rest.
    commands_->execute([&] {
      const Nanoseconds started = clock_.monotonic();
      do {
        // As of the moment up to which everything is read: what waits in a socket while this
        // thread is late is not overdue.
        registrations[filled]->stream->tracker.snapshot(loop_.horizon(), loop_.realtime_offset(),
                                                        result[filled]);
        ++filled;
      } while (filled < result.size() && clock_.monotonic() - started < kCopyFor);
    });
  }
  for (std::size_t i = 0; i < result.size(); ++i) {
    const Registration& registration = *registrations[i];
    ReceiverSnapshot& out = result[i];
    out.spec = registration.spec;
    out.interface =
        registration.attachment ? registration.attachment->interface : registration.spec.interface;
    for (SourceSnapshot& source : out.sources) {
      if (!source.source.address.is_v4() && source.source.address.is_link_local_unicast()) {
        source.source.zone = out.interface;
      }
    }
    if (!registration.attachment) {
      out.state = ReceiverState::kFailed;
      out.error = registration.error;
      out.state_since_realtime = registration.failed_since;
    }
  }
  return result;
}

void ReceiveEngine::settle() {
  commands_->execute([&] { loop_.settle(); });
}

std::vector<SocketSnapshot> ReceiveEngine::sockets() {
  const std::scoped_lock lock(mutex_);
  std::vector<SocketSnapshot> result;
  commands_->execute([&] { result = loop_.sockets(); });
  return result;
}

}  // namespace mcast
