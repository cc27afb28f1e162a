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
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "http/fair_queue.h"
#include "http/server.h"

namespace mcast::http {

namespace asio = boost::asio;
class Connection;
using Time = std::chrono::steady_clock::time_point;

// What both ways in serve. Outlives them; only `web` changes.
struct Service {
  Routes routes = {};
  Server::OnError on_error = {};
  Server::ErrorJson error_json = {};
  Limits limits = {};
  std::string socket_path = {};  // "" without one
  mutable std::mutex mutex = {};
  std::shared_ptr<const WebSettings> web = {};
};

class Entrance {
 public:
  enum class Kind : std::uint8_t { kTcp, kUnix };

  // `group`: of the Unix socket.
  [[nodiscard]] static Result<std::unique_ptr<Entrance>> open(const Service& service, Kind kind,
                                                              std::vector<FileDescriptor> listeners,
                                                              gid_t group);
  // Use open().
  Entrance(const Service& service, Kind kind, std::vector<FileDescriptor> listeners, gid_t group);
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;
  // Waits for all that runs.
  ~Entrance();
  // Nothing new is begun; answers that are nearly there are sent. Any thread, never waits.
  void begin_stop();

  // All below is for its connections, on its thread.

  [[nodiscard]] const Service& service() const { return service_; }
  [[nodiscard]] const Limits& limits() const { return service_.limits; }
  [[nodiscard]] bool is_tcp() const { return kind_ == Kind::kTcp; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] std::shared_ptr<const WebSettings> web() const;
  void report(std::string_view error) const;
  // Of nobody for longer than until the next wait.
  [[nodiscard]] std::array<char, 16'384>& scratch() { return scratch_; }

  [[nodiscard]] FairQueue& handlers() { return handlers_; }
  [[nodiscard]] FairQueue& handshakes() { return handshakes_; }
  [[nodiscard]] FairQueue& passwords() { return passwords_; }

  void leave(Connection& connection);
  // False: there are too many bytes of bodies. Given back with `give_back_body`.
  [[nodiscard]] bool hold_body(std::size_t bytes);
  void give_back_body(std::size_t bytes) { body_bytes_ -= bytes; }
  // Cuts off those that have been sent for longest where there are too many, but not this one.
  void make_answers_fit(const Connection& newest);
  // Room for one more event stream, where need be made by ending one of another address.
  [[nodiscard]] bool make_room_for_stream(const Connection& connection);

 private:
  struct Listener {
    asio::posix::stream_descriptor descriptor;
    bool accepting = false;
  };

  void run();
  void look_after(Time now);
  void close_idle();
  [[nodiscard]] bool is_at_work() const;
  asio::awaitable<void> accept_from(Listener& listener);
  void add(FileDescriptor socket);
  // Of those that are streams or are none: the one of the address that has most that is
  // longest in its phase; null where handlers work for all of them.
  [[nodiscard]] Connection* of_busiest_address(bool streams);
  [[nodiscard]] std::size_t count(bool streams) const;

  const Service& service_;
  const Kind kind_;
  const gid_t group_;
  std::atomic<bool> stopping_ = false;
  std::size_t body_bytes_ = 0;
  std::array<char, 16'384> scratch_{};
  FairQueue handlers_;
  FairQueue handshakes_;
  FairQueue passwords_;
  std::set<Connection*> connections_;
  // Declared behind what connections use in their destructors.
  asio::io_context context_{1};
  std::list<Listener> listeners_;
  std::thread thread_;
};

}  // namespace mcast::http
