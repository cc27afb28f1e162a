// The thread that accepts connections, reads requests and sends answers, for all
// clients at once: none of them, whatever it does, costs a thread or keeps another
// waiting. Handlers and password checks run on HttpWorkers, event streams on threads
// of their own (HttpStreams).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agent/configuration/web_config.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "http/api_socket.h"
#include "http/connection.h"
#include "http/decision.h"
#include "http/server.h"
#include "http/streams.h"
#include "http/workers.h"

namespace mcast::agent {

class HttpLoop {
 public:
  struct Parts {
    Routes routes;
    HttpServer::OnError on_error;
    std::vector<FileDescriptor> tcp;
    std::unique_ptr<ApiSocket> api_socket;  // null: none
    std::shared_ptr<const WebConfig> web;
    HttpLimits limits;
  };

  [[nodiscard]] static Result<std::unique_ptr<HttpLoop>> start(Parts parts);
  // Use start().
  HttpLoop(Parts parts, FileDescriptor epoll, FileDescriptor wake, FileDescriptor stop);
  HttpLoop(const HttpLoop&) = delete;
  HttpLoop& operator=(const HttpLoop&) = delete;
  ~HttpLoop() { stop(); }

  // Thread-safe. Counts from the next request on; TLS from the next connection on.
  void set_web(std::shared_ptr<const WebConfig> web);
  // By the thread that started it.
  void stop();

 private:
  using Id = std::uint64_t;
  using Way = HttpStreams::Way;
  static constexpr std::size_t kWays = 2;

  struct Client {
    HttpConnection connection;
    Way way = Way::kTcp;
    std::string peer = {};
    std::string refusal = {};  // "": may use it
    HttpTarget target = {};
    HttpDecision decision = {};
    Credentials credentials = {};
    std::uint32_t watched = 0;    // epoll events, 0: not in the set
    std::size_t body_budget = 0;  // that it holds
    std::size_t answer_budget = 0;

    // Of `peer`, without the port; of a program on this host all of it.
    [[nodiscard]] std::string_view host() const {
      return std::string_view(peer).substr(0, peer.rfind(':'));
    }
  };
  // What a worker has found out.
  struct Outcome {
    Id id = 0;
    std::optional<bool> password_fits;  // else the answer:
    HttpAnswer answer;
    std::string host = {};  // whose request it was, "" where that is not counted
  };

  void run();
  void accept_from(int listener, Way way);
  void watch_listeners(bool on);
  bool make_room(Way way);
  void add(FileDescriptor socket, Way way);
  void drive(Id id);
  bool take_step(Id id, Client& client, HttpConnection::Step step);
  void watch(Id id, Client& client, std::uint32_t events);
  void close(Id id);
  void free_answer(Client& client);
  void check_deadlines();

  void on_head(Id id, Client& client);
  void start_password_checks();
  void ask_for_password(Client& client);
  void on_allowed(Id id, Client& client);
  void on_body(Id id, Client& client);
  void take_outcomes();
  void on_outcome(Outcome outcome);
  void begin_stream(Id id, Client& client, HttpAnswer answer);
  void answer(Client& client, HttpAnswer answer);
  void refuse(Client& client, int status, std::string_view message, std::string_view code = {});
  void respond(Client& client, HttpResponse response);
  void post(Outcome outcome);
  void make_answers_fit(const Client& newest);
  [[nodiscard]] AnswerForm form_of(const Client& client);
  [[nodiscard]] std::shared_ptr<const WebConfig> web();

  Parts parts_;
  FileDescriptor epoll_;
  FileDescriptor wake_;
  FileDescriptor stop_;
  std::stop_source stopping_;
  std::mutex mutex_;  // of the web configuration and of outcomes
  std::deque<Outcome> outcomes_;

  // Of the loop's thread alone.
  std::map<Id, std::unique_ptr<Client>> clients_;
  Id next_id_ = 0;
  std::array<std::size_t, kWays> open_{};
  std::array<std::size_t, kWays> body_bytes_{};
  std::array<std::size_t, kWays> answer_bytes_{};
  std::deque<Id> again_;
  std::deque<Id> password_queue_;
  std::size_t password_checks_ = 0;
  std::map<std::string, std::size_t, std::less<>> requests_at_work_;  // by host
  bool accepts_ = false;
  HttpTime now_;
  HttpTime next_look_;

  HttpStreams streams_;
  HttpWorkers workers_;
  std::thread thread_;
};

}  // namespace mcast::agent
