// One way in, TCP or the Unix socket: its thread accepts connections, reads requests and
// sends answers for all of its clients, and counts what each address holds. None of them,
// whatever it does, costs a thread or keeps another waiting; what takes long runs on the
// threads of its queues.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "http/client.h"
#include "http/fair_queue.h"
#include "http/server.h"

namespace mcast::http {

class Entrance;
// A connection, whose coroutine keeps it. In connection.cpp.
void start_connection(Entrance& entrance, asio::io_context& context, FileDescriptor socket,
                      Peer peer);

// What both ways in serve. Outlives them; only `setup.web` changes, with the lock.
struct Service {
  Server::Setup setup = {};
  Routes routes = {};
  Server::OnError on_error = {};
  mutable std::mutex mutex = {};
};

class Entrance {
 public:
  enum class Kind : std::uint8_t { kTcp, kUnix };

  // Each kind of work has threads of its own, so that none waits for another; handshakes have
  // one, so that a flood of them leaves processors to the rest.
  Entrance(const Service& service, Kind kind, std::vector<FileDescriptor> listeners)
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
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;
  // Waits for all that runs.
  ~Entrance() {
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
    for (auto next = clients_.begin(); next != clients_.end();) (*next++)->let_go();
  }

  [[nodiscard]] Result<void> start() {
    auto started = start_thread(is_tcp() ? "http-tcp" : "http-unix", [this] { run(); });
    if (!started) return std::unexpected(started.error());
    thread_ = std::move(*started);
    return {};
  }

  // Nothing new is begun; answers that are nearly there are sent. Any thread, never waits.
  void begin_stop() {
    stopping_ = true;
    context_.stop();
  }

  // All below is for its connections, on its thread; report() on any.

  [[nodiscard]] const Service& service() const { return service_; }
  [[nodiscard]] const Limits& limits() const { return service_.setup.limits; }
  [[nodiscard]] bool is_tcp() const { return kind_ == Kind::kTcp; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] std::shared_ptr<const WebSettings> web() const {
    const std::scoped_lock lock(service_.mutex);
    return service_.setup.web;
  }
  void report(std::string_view error) const {
    try {
      if (service_.on_error) service_.on_error(error);
      // NOLINTNEXTLINE(bugprone-empty-catch): there is nobody else to tell.
    } catch (...) {
      // It is about memory that was short, and still is.
    }
  }
  // Nobody's for longer than until the next wait.
  [[nodiscard]] std::array<char, 16'384>& scratch() { return scratch_; }

  [[nodiscard]] FairQueue& handlers() { return handlers_; }
  [[nodiscard]] FairQueue& handshakes() { return handshakes_; }
  [[nodiscard]] FairQueue& passwords() { return passwords_; }

  void join(Client& client) {
    // Its deadline is checked from now on.
    if (clients_.empty()) context_.stop();
    clients_.insert(&client);
  }
  void leave(Client& client) { clients_.erase(&client); }

  // ---- what its clients hold ----

  // What a connection takes of something that all share.
  using Share = std::size_t (Client::*)() const;
  // What all take together, or those of this one's address.
  [[nodiscard]] std::size_t held(Share share, const Client* by = nullptr) const {
    std::size_t sum = 0;
    for (const Client* one : clients_) {
      if (by == nullptr || one->address() == by->address()) sum += (one->*share)();
    }
    return sum;
  }

  [[nodiscard]] bool has_room_for_body(const Client& client, std::size_t bytes) const {
    const Share share = &Client::body_bytes;
    const std::size_t own = held(share, &client);
    // An address has half of it, or one body.
    return held(share) + bytes <= limits().body_bytes &&
           (own == 0 || own + bytes <= limits().body_bytes / 2);
  }

  // Cuts off others where there is too much of them.
  void make_answers_fit(const Client& newest) {
    const Share share = &Client::answer_bytes;
    while (is_tcp() && held(share) > limits().answer_bytes) {
      Client* const chosen = choose(share, &newest);
      if (chosen == nullptr) return;
      chosen->end();
    }
  }

  // Room for one more event stream, where need be made by ending one of another address.
  [[nodiscard]] bool make_room_for_stream(const Client& client) {
    const Share share = &Client::streams;
    if (held(share) < limits().streams) return true;
    Client* const chosen = choose(share);
    // None is taken from one that has as many as the new one's address would have.
    if (chosen == nullptr || held(share, chosen) <= held(share, &client) + 1) return false;
    chosen->end();
    return true;
  }

 private:
  struct Listener {
    asio::posix::stream_descriptor descriptor;
    bool accepting = false;
  };

  void run() {
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
        context_.run_for(stopping_ ? kCheckEveryAtTheEnd
                         : idle    ? kCheckEveryWhenEmpty
                                   : kCheckEvery);
      });
    }
  }

  void close_idle() {
    boost::system::error_code ignored;
    for (Listener& listener : listeners_) listener.descriptor.close(ignored);
    for (Client* client : clients_) {
      if (!client->is_at_work()) client->end();
    }
  }

  [[nodiscard]] bool is_at_work() const {
    return std::ranges::any_of(clients_, &Client::is_at_work);
  }

  void check_deadlines() {
    const Time now = steady_clock::now();
    // Some go meanwhile.
    for (auto next = clients_.begin(); next != clients_.end();) (*next++)->check_deadline(now);
    if (stopping_) return;
    for (Listener& listener : listeners_) {
      if (listener.accepting) continue;
      asio::co_spawn(context_, accept_from(listener), asio::detached);
      listener.accepting = true;
    }
  }

  asio::awaitable<void> accept_from(Listener& listener) {
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
    listener.accepting = false;
  }

  void add(FileDescriptor socket) {
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

  // Who gives way: of the address that takes most, the one longest in its state; null where
  // others work for all of them.
  [[nodiscard]] Client* choose(Share share, const Client* spared = nullptr) const {
    std::map<std::string_view, std::size_t> by_address;
    for (const Client* one : clients_) by_address[one->address()] += (one->*share)();
    Client* chosen = nullptr;
    for (Client* one : clients_) {
      if ((one->*share)() == 0 || one == spared || one->is_held()) continue;
      if (chosen != nullptr) {
        const auto rank = [&](const Client* client) {
          return std::pair(by_address[client->address()], Time::max() - client->since());
        };
        if (rank(one) <= rank(chosen)) continue;
      }
      chosen = one;
    }
    return chosen;
  }

  // Deadlines need not be more exact.
  static constexpr milliseconds kCheckEvery{100};
  static constexpr milliseconds kCheckEveryWhenEmpty{1'000};
  static constexpr milliseconds kCheckEveryAtTheEnd{10};
  // Answers that are nearly there are sent before the end.
  static constexpr milliseconds kPatience{200};
  static constexpr int kMaxAcceptsAtOnce = 64;
  static constexpr std::size_t kUnlimited = SIZE_MAX;

  const Service& service_;
  const Kind kind_;
  std::atomic<bool> stopping_ = false;
  std::array<char, 16'384> scratch_{};
  FairQueue handlers_;
  FairQueue handshakes_;
  FairQueue passwords_;
  std::set<Client*> clients_;
  // Declared behind what connections use in their destructors.
  asio::io_context context_{1};
  std::list<Listener> listeners_;
  std::thread thread_;
};

}  // namespace mcast::http
