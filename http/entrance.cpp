#include "http/entrance.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <exception>
#include <map>
#include <optional>
#include <utility>

#include "base/thread.h"
#include "http/connection.h"
#include "http/tcp_socket.h"

namespace mcast::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Deadlines need not be more exact.
constexpr milliseconds kLookEvery{100};
constexpr milliseconds kLookEveryWhenEmpty{60'000};
constexpr milliseconds kLookEveryAtTheEnd{10};
// Answers that are nearly there are sent before the end.
constexpr milliseconds kPatience{200};
constexpr int kMaxAcceptsAtOnce = 64;
constexpr std::size_t kUnlimited = SIZE_MAX;

}  // namespace

Result<std::unique_ptr<Entrance>> Entrance::open(const Service& service, Kind kind,
                                                 std::vector<FileDescriptor> listeners,
                                                 gid_t group) {
  try {
    auto entrance = std::make_unique<Entrance>(service, kind, std::move(listeners), group);
    auto started = start_thread(kind == Kind::kTcp ? "http-tcp" : "http-unix",
                                [raw = entrance.get()] { raw->run(); });
    if (!started) return std::unexpected(started.error());
    entrance->thread_ = std::move(*started);
    return entrance;
  } catch (const std::exception& error) {
    return fail(std::string("cannot set HTTP up: ") + error.what());
  }
}

// Each kind of work has threads of its own, so that none waits for another; handshakes have
// one, so that a flood of them leaves processors to the rest.
Entrance::Entrance(const Service& service, Kind kind, std::vector<FileDescriptor> listeners,
                   gid_t group)
    : service_(service),
      kind_(kind),
      group_(group),
      handlers_("http-handler",
                {.threads = 4,
                 .waiting = service.limits.waiting_requests,
                 .of_one_address =
                     kind == Kind::kTcp ? service.limits.requests_of_an_address : kUnlimited}),
      handshakes_("http-handshake",
                  {.threads = 1, .waiting = kUnlimited, .of_one_address = kUnlimited}),
      passwords_("http-password", {.threads = service.limits.password_checks,
                                   .waiting = service.limits.waiting_password_checks,
                                   .of_one_address = kUnlimited,
                                   .may_be_abandoned = true}) {
  for (FileDescriptor& socket : listeners) {
    listeners_.push_back({asio::posix::stream_descriptor(context_, socket.get())});
    (void)socket.release();
  }
}

Entrance::~Entrance() {
  begin_stop();
  if (thread_.joinable()) thread_.join();
  handshakes_.stop();
  passwords_.stop();
  handlers_.stop();
  // Nobody works for them any more: they end by themselves.
  for (Connection* connection : connections_) connection->abandon();
  while (!connections_.empty()) {
    try {
      context_.restart();
      if (context_.poll() == 0) break;
    } catch (const std::exception& error) {
      report(error.what());
    }
  }
}

void Entrance::begin_stop() {
  stopping_ = true;
  context_.stop();
}

std::shared_ptr<const WebSettings> Entrance::web() const {
  const std::scoped_lock lock(service_.mutex);
  return service_.web;
}

void Entrance::report(std::string_view error) const {
  try {
    if (service_.on_error) service_.on_error(error);
  } catch (const std::exception&) {
    // It is about memory that was short, and still is.
  }
}

// ---- its thread ----

void Entrance::run() {
  block_sigpipe();
  // Out of memory ends what was being done, a connection at most, and nothing else.
  const auto guarded = [this](auto&& step) {
    try {
      step();
    } catch (const std::exception& error) {
      report(error.what());
    }
  };
  std::optional<Time> end;
  while (!end || (steady_clock::now() < *end && is_at_work())) {
    guarded([&] { look_after(steady_clock::now()); });
    context_.restart();
    // Behind restart(), which would undo begin_stop().
    if (stopping_ && !end) {
      end = steady_clock::now() + kPatience;
      guarded([&] { close_idle(); });
    }
    const bool idle = connections_.empty() && std::ranges::all_of(listeners_, &Listener::accepting);
    guarded([&] {
      context_.run_for(stopping_ ? kLookEveryAtTheEnd : idle ? kLookEveryWhenEmpty : kLookEvery);
    });
  }
}

void Entrance::close_idle() {
  for (Listener& listener : listeners_) listener.descriptor.close();
  for (Connection* connection : connections_) {
    if (!connection->is_at_work()) connection->end();
  }
}

bool Entrance::is_at_work() const {
  return std::ranges::any_of(connections_, [](const Connection* one) { return one->is_at_work(); });
}

void Entrance::look_after(Time now) {
  for (Connection* connection : connections_) connection->look(now);
  if (stopping_) return;
  for (Listener& listener : listeners_) {
    if (listener.accepting) continue;
    asio::co_spawn(context_, accept_from(listener), asio::detached);
    listener.accepting = true;
  }
}

asio::awaitable<void> Entrance::accept_from(Listener& listener) {
  try {
    for (bool goes_on = true; goes_on;) {
      boost::system::error_code error;
      co_await listener.descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                              asio::redirect_error(asio::use_awaitable, error));
      if (error || stopping_) break;
      for (int i = 0; i < kMaxAcceptsAtOnce; ++i) {
        FileDescriptor socket(::accept4(listener.descriptor.native_handle(), nullptr, nullptr,
                                        SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (socket) {
          add(std::move(socket));
          continue;
        }
        if (errno == EINTR || errno == ECONNABORTED) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        // Out of descriptors or memory: room is made, or accepting waits for a moment,
        // since the listener would stay ready.
        Connection* const chosen = of_busiest_address(false);
        if (chosen != nullptr) chosen->end();
        goes_on = chosen != nullptr;
        break;
      }
      // The others have their turn, and those that were ended go.
      co_await asio::post(context_, asio::use_awaitable);
    }
  } catch (const std::exception& error) {
    report(error.what());
  }
  // look_after() begins again.
  listener.accepting = false;
}

void Entrance::add(FileDescriptor socket) {
  const bool tls = is_tcp() && web()->tls != nullptr;
  const std::size_t most = !is_tcp() ? limits().unix_connections
                           : tls     ? std::min(limits().tls_connections, limits().tcp_connections)
                                     : limits().tcp_connections;
  if (connections_.size() >= most && count(false) >= most) {
    Connection* const chosen = of_busiest_address(false);
    // With all of them at work the new one is let go.
    if (chosen == nullptr) return;
    chosen->end();
  }
  Peer peer;
  std::string refusal;
  if (is_tcp()) {
    peer = tcp_peer(socket.get());
    const int on = 1;
    (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  } else {
    const auto who = unix_peer(socket.get());
    if (!who) return;
    peer = {.name = who->to_string(), .address = who->to_string()};
    refusal = refuse_peer(*who, ::geteuid(), group_).value_or("");
  }
  const auto connection = std::make_shared<Connection>(*this, context_, std::move(socket),
                                                       std::move(peer), std::move(refusal));
  // Its deadline is looked after from now on.
  if (connections_.empty()) context_.stop();
  connections_.insert(connection.get());
  // The coroutine runs for as long as it is kept by what is called at its end.
  asio::co_spawn(context_, connection->run(), [connection](const std::exception_ptr&) {});
}

void Entrance::leave(Connection& connection) {
  connections_.erase(&connection);
}

// ---- what its clients hold ----

std::size_t Entrance::count(bool streams) const {
  return static_cast<std::size_t>(std::ranges::count_if(connections_, [&](const Connection* one) {
    return !one->has_ended() && one->is_stream() == streams;
  }));
}

Connection* Entrance::of_busiest_address(bool streams) {
  std::map<std::string_view, std::size_t> held;
  for (const Connection* one : connections_) {
    if (!one->has_ended() && one->is_stream() == streams) ++held[one->peer().address];
  }
  Connection* chosen = nullptr;
  for (Connection* one : connections_) {
    if (one->has_ended() || one->is_stream() != streams || one->is_held()) continue;
    if (chosen != nullptr) {
      const std::size_t of_it = held[one->peer().address];
      const std::size_t of_chosen = held[chosen->peer().address];
      if (of_it < of_chosen || (of_it == of_chosen && one->since() >= chosen->since())) continue;
    }
    chosen = one;
  }
  return chosen;
}

bool Entrance::hold_body(std::size_t bytes) {
  if (body_bytes_ + bytes > limits().body_bytes) return false;
  body_bytes_ += bytes;
  return true;
}

void Entrance::make_answers_fit(const Connection& newest) {
  if (!is_tcp()) return;
  std::size_t bytes = 0;
  for (const Connection* one : connections_) bytes += one->answer_bytes();
  while (bytes > limits().answer_bytes) {
    Connection* oldest = nullptr;
    for (Connection* one : connections_) {
      if (one == &newest || one->answer_bytes() == 0) continue;
      if (oldest == nullptr || one->since() < oldest->since()) oldest = one;
    }
    if (oldest == nullptr) return;
    bytes -= oldest->answer_bytes();
    oldest->end();
  }
}

bool Entrance::make_room_for_stream(const Connection& connection) {
  if (count(true) < limits().streams) return true;
  Connection* const chosen = of_busiest_address(true);
  if (chosen == nullptr) return false;
  const auto of = [&](const Connection& one) {
    return std::ranges::count_if(connections_, [&](const Connection* other) {
      return !other->has_ended() && other->is_stream() &&
             other->peer().address == one.peer().address;
    });
  };
  // Of one that has as many as the new one's address would have, none is taken away.
  if (of(*chosen) <= of(connection) + 1) return false;
  chosen->end();
  return true;
}

}  // namespace mcast::http
