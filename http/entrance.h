// One way in, TCP or the Unix socket: its thread accepts connections, reads requests and
// sends answers for all of its clients, and counts what each address holds. None of them,
// whatever it does, costs a thread or keeps another waiting; what takes long runs on the
// threads of its queues.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "http/client.h"
#include "http/fair_queue.h"
#include "http/server.h"

namespace mcast::http {

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

  [[nodiscard]] static Result<std::unique_ptr<Entrance>> open(
      const Service& service, Kind kind, std::vector<FileDescriptor> listeners);
  // Use open().
  Entrance(const Service& service, Kind kind, std::vector<FileDescriptor> listeners);
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;
  // Waits for all that runs.
  ~Entrance();
  // Nothing new is begun; answers that are nearly there are sent. Any thread, never waits.
  void begin_stop();

  // All below is for its connections, on its thread; report() on any.

  [[nodiscard]] const Service& service() const { return service_; }
  [[nodiscard]] const Limits& limits() const { return service_.setup.limits; }
  [[nodiscard]] bool is_tcp() const { return kind_ == Kind::kTcp; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] std::shared_ptr<const WebSettings> web() const;
  void report(std::string_view error) const;
  // Nobody's for longer than until the next wait.
  [[nodiscard]] std::array<char, 16'384>& scratch() { return scratch_; }

  [[nodiscard]] FairQueue& handlers() { return handlers_; }
  [[nodiscard]] FairQueue& handshakes() { return handshakes_; }
  [[nodiscard]] FairQueue& passwords() { return passwords_; }

  void join(Client& client);
  void leave(Client& client) { clients_.erase(&client); }

  // What a connection takes of something that all share.
  using Share = std::size_t (Client::*)() const;
  // What all take together, or those of this one's address.
  [[nodiscard]] std::size_t held(Share share, const Client* by = nullptr) const;
  [[nodiscard]] bool has_room_for_body(const Client& client, std::size_t bytes) const;
  // Cuts off others where there is too much of them.
  void make_answers_fit(const Client& newest);
  // Room for one more event stream, where need be made by ending one of another address.
  [[nodiscard]] bool make_room_for_stream(const Client& client);

 private:
  struct Listener {
    asio::posix::stream_descriptor descriptor;
    bool accepting = false;
  };

  void run();
  void check_deadlines();
  void close_idle();
  [[nodiscard]] bool is_at_work() const;
  asio::awaitable<void> accept_from(Listener& listener);
  void add(FileDescriptor socket);
  // Who gives way: of the address that takes most, the one longest in its state; null where
  // others work for all of them.
  [[nodiscard]] Client* choose(Share share, const Client* spared = nullptr) const;

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

// A connection of this client, whose coroutine keeps it. In connection.cpp.
void start_connection(Entrance& entrance, asio::io_context& context, FileDescriptor socket,
                      Peer peer);

}  // namespace mcast::http
