// The server, and its ways in.
#include "http/server.h"

#include <fcntl.h>
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
#include "http/client.h"
#include "http/entrance.h"
#include "http/socket.h"

namespace mcast::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Deadlines need not be more exact.
constexpr milliseconds kCheckEvery{100};
constexpr milliseconds kCheckEveryWhenEmpty{60'000};
constexpr milliseconds kCheckEveryAtTheEnd{10};
// Answers that are nearly there are sent before the end.
constexpr milliseconds kPatience{200};
constexpr int kMaxAcceptsAtOnce = 64;
constexpr std::size_t kUnlimited = SIZE_MAX;

}  // namespace

Result<std::unique_ptr<Entrance>> Entrance::open(const Service& service, Kind kind,
                                                 std::vector<FileDescriptor> listeners) {
  try {
    auto entrance = std::make_unique<Entrance>(service, kind, std::move(listeners));
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
Entrance::Entrance(const Service& service, Kind kind, std::vector<FileDescriptor> listeners)
    : service_(service),
      kind_(kind),
      handlers_("http-handler", {.threads = 4, .waiting = limits().waiting_requests}),
      handshakes_("http-handshake", {.threads = 1, .waiting = kUnlimited}),
      passwords_("http-password", {.threads = limits().password_checks,
                                   .waiting = limits().waiting_password_checks,
                                   .may_be_abandoned = true}) {
  for (FileDescriptor& socket : listeners) {
    listeners_.push_back({asio::posix::stream_descriptor(context_)});
    listeners_.back().descriptor.assign(socket.get());
    (void)socket.release();
  }
}

Entrance::~Entrance() {
  begin_stop();
  if (thread_.joinable()) thread_.join();
  handshakes_.stop();
  passwords_.stop();
  handlers_.stop();
  // Nobody works for them any more: they end by themselves, or with the context.
  for (Client* client : clients_) client->abandon();
  const Time end = steady_clock::now() + kPatience;
  while (!clients_.empty() && steady_clock::now() < end) {
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
  return service_.setup.web;
}

void Entrance::report(std::string_view error) const {
  try {
    if (service_.on_error) service_.on_error(error);
  } catch (...) {
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
    guarded([&] { check_deadlines(); });
    context_.restart();
    // Behind restart(), which would undo begin_stop().
    if (stopping_ && !end) {
      end = steady_clock::now() + kPatience;
      close_idle();
    }
    const bool idle = clients_.empty() && std::ranges::all_of(listeners_, &Listener::accepting);
    guarded([&] {
      context_.run_for(stopping_ ? kCheckEveryAtTheEnd : idle ? kCheckEveryWhenEmpty : kCheckEvery);
    });
  }
}

void Entrance::close_idle() {
  boost::system::error_code ignored;
  for (Listener& listener : listeners_) listener.descriptor.close(ignored);
  for (Client* client : clients_) {
    if (!client->is_at_work()) client->end();
  }
}

bool Entrance::is_at_work() const {
  return std::ranges::any_of(clients_, &Client::is_at_work);
}

void Entrance::check_deadlines() {
  const Time now = steady_clock::now();
  for (Client* client : clients_) client->check_deadline(now);
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
        Client* const chosen = choose(&Client::places);
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
  // check_deadlines() begins again.
  context_.stop();
  listener.accepting = false;
}

void Entrance::add(FileDescriptor socket) {
  const bool tls = is_tcp() && web()->tls != nullptr;
  const std::size_t max = !is_tcp() ? limits().unix_connections
                          : tls     ? std::min(limits().tls_connections, limits().tcp_connections)
                                    : limits().tcp_connections;
  if (clients_.size() >= max && held(&Client::places) >= max) {
    Client* const chosen = choose(&Client::places);
    // With all of them at work the new one is let go.
    if (chosen == nullptr) return;
    chosen->end();
  }
  Peer peer;
  if (is_tcp()) {
    peer = tcp_peer(socket.get());
    const int on = 1;
    (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  } else {
    const auto who = unix_peer(socket.get());
    if (!who) return;
    const gid_t group = service_.setup.unix_socket->group();
    peer = {.name = who->to_string(),
            .address = who->to_string(),
            .refusal = refuse_peer(*who, ::geteuid(), group).value_or("")};
  }
  start_connection(*this, context_, std::move(socket), std::move(peer));
}

void Entrance::join(Client& client) {
  // Its deadline is checked from now on.
  if (clients_.empty()) context_.stop();
  clients_.insert(&client);
}

// ---- what its clients hold ----

std::size_t Entrance::held(Share share, const Client* by) const {
  std::size_t sum = 0;
  for (const Client* one : clients_) {
    if (by == nullptr || one->address() == by->address()) sum += (one->*share)();
  }
  return sum;
}

Client* Entrance::choose(Share share, const Client* spared) const {
  std::map<std::string_view, std::size_t> by_address;
  for (const Client* one : clients_) by_address[one->address()] += (one->*share)();
  Client* chosen = nullptr;
  for (Client* one : clients_) {
    if ((one->*share)() == 0 || one == spared || one->is_held()) continue;
    if (chosen != nullptr) {
      const std::size_t of_it = by_address[one->address()];
      const std::size_t of_chosen = by_address[chosen->address()];
      if (of_it < of_chosen || (of_it == of_chosen && one->since() >= chosen->since())) continue;
    }
    chosen = one;
  }
  return chosen;
}

bool Entrance::has_room_for_body(const Client& client, std::size_t bytes) const {
  const Share share = &Client::body_bytes;
  const std::size_t own = held(share, &client);
  // An address has half of it, or one body.
  return held(share) + bytes <= limits().body_bytes &&
         (own == 0 || own + bytes <= limits().body_bytes / 2);
}

void Entrance::make_answers_fit(const Client& newest) {
  const Share share = &Client::answer_bytes;
  while (is_tcp() && held(share) > limits().answer_bytes) {
    Client* const chosen = choose(share, &newest);
    if (chosen == nullptr) return;
    chosen->end();
  }
}

bool Entrance::make_room_for_stream(const Client& client) {
  const Share share = &Client::streams;
  if (held(share) < limits().streams) return true;
  Client* const chosen = choose(share);
  // None is taken from one that has as many as the new one's address would have.
  if (chosen == nullptr || held(share, chosen) <= held(share, &client) + 1) return false;
  chosen->end();
  return true;
}

// ---- both ways in ----

Result<std::unique_ptr<Server>> Server::listen(Setup setup, const Routes& routes,
                                               const OnError& on_error) {
  std::vector<FileDescriptor> sockets;
  std::vector<std::string> bound;
  for (const std::string& text : setup.addresses) {
    const auto address = parse_listen_address(text);
    if (!address) return std::unexpected(address.error());
    auto listener = listen_tcp(*address);
    if (!listener) return std::unexpected(listener.error());
    bound.push_back(listener->address.to_string());
    sockets.push_back(std::move(listener->socket));
  }
  std::vector<FileDescriptor> unix_sockets;
  if (setup.unix_socket) {
    // The socket itself stays with its file.
    unix_sockets.emplace_back(::fcntl(setup.unix_socket->fd(), F_DUPFD_CLOEXEC, 0));
    if (!unix_sockets.back()) {
      return fail_errno("cannot listen on " + setup.unix_socket->path(), errno);
    }
  }
  if (!setup.web) setup.web = std::make_shared<const WebSettings>();
  auto service = std::make_unique<Service>();
  service->setup = std::move(setup);
  service->routes = routes;
  service->on_error = on_error;
  auto server = std::make_unique<Server>(std::move(service), std::move(bound));
  for (auto [kind, listeners] : {std::pair(Entrance::Kind::kTcp, &sockets),
                                 std::pair(Entrance::Kind::kUnix, &unix_sockets)}) {
    if (listeners->empty()) continue;
    auto entrance = Entrance::open(*server->service_, kind, std::move(*listeners));
    if (!entrance) return std::unexpected(entrance.error());
    server->entrances_.push_back(std::move(*entrance));
  }
  return server;
}

Server::Server(std::unique_ptr<Service> service, std::vector<std::string> bound)
    : service_(std::move(service)), bound_(std::move(bound)) {}

Server::~Server() = default;

void Server::set_web(std::shared_ptr<const WebSettings> web) {
  const std::scoped_lock lock(service_->mutex);
  auto& now = service_->setup.web;
  if (web->auth && now->auth) web->auth->remember_as(*now->auth);
  now = std::move(web);
}

void Server::stop() {
  for (const auto& entrance : entrances_) entrance->begin_stop();
  entrances_.clear();
  service_->setup.unix_socket.reset();
}

}  // namespace mcast::http
