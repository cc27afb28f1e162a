// One connection: a coroutine on its entrance's thread that reads requests, has them worked
// on, and sends answers. It waits for its client, for a queue or for news, and never blocks.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/answer.h"
#include "http/entrance.h"
#include "http/parser.h"
#include "http/request.h"
#include "http/tcp_socket.h"
#include "http/transport.h"

namespace mcast::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `refusal`: why this peer may ask for nothing, "" where it may.
  Connection(Entrance& entrance, asio::io_context& context, FileDescriptor socket, Peer peer,
             std::string refusal);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  asio::awaitable<void> run();

  // Its coroutine ends as soon as it can.
  void end();
  // As end(), when nothing works for it any more.
  void abandon();
  // Now and then: is its deadline over?
  void look(Time now);

  [[nodiscard]] const Peer& peer() const { return peer_; }
  [[nodiscard]] bool has_ended() const { return ended_; }
  [[nodiscard]] bool is_stream() const { return is_stream_; }
  // Others work for it.
  [[nodiscard]] bool is_held() const { return phase_ == Phase::kHeld; }
  // There will be an answer, or it is being sent.
  [[nodiscard]] bool is_at_work() const {
    return !ended_ && (is_held() || phase_ == Phase::kAnswer);
  }
  // Its first or last answer.
  [[nodiscard]] Time since() const { return since_; }
  [[nodiscard]] std::size_t answer_bytes() const { return ended_ ? 0 : answer_bytes_; }

 private:
  // Coroutines take references: GCC 12 destroys some of their temporaries twice.
  using Work = decltype(FairQueue::Task::work);
  enum class Phase : std::uint8_t { kReading, kHeld, kAnswer, kStream, kLinger };

  // False: it is over.
  asio::awaitable<bool> shake_hands();
  asio::awaitable<bool> serve_request();
  // False: the client has gone, or all ends.
  asio::awaitable<bool> stream(Answer& answer);
  asio::awaitable<void> linger();

  // Of serve_request(). False: response_ says why not, or there is none and it is over.
  asio::awaitable<bool> read_head();
  asio::awaitable<bool> let_in();
  asio::awaitable<bool> read_body();
  asio::awaitable<bool> call_handler(Answer& answer);
  // False: it did not arrive.
  asio::awaitable<bool> send(const Answer& answer);

  // All but the last are false when the deadline is over, or all is.
  asio::awaitable<bool> read_more();
  asio::awaitable<bool> write(std::string_view bytes, bool each_progress_counts);
  asio::awaitable<bool> wait(Io io);
  asio::awaitable<void> nap(Time until);
  // Runs work in a queue. False: there was no room for it.
  asio::awaitable<bool> run_in(FairQueue& queue, Work& work);
  void set_deadline(std::chrono::milliseconds patience);
  [[nodiscard]] bool is_over() const;
  // Any thread.
  void wake(std::atomic<bool>& reason);

  bool refuse(int status, std::string message);
  [[nodiscard]] Response error_response(int status, std::string_view message) const;
  [[nodiscard]] AnswerForm form() const;

  Entrance& entrance_;
  const Peer peer_;
  const std::string refusal_;
  asio::generic::stream_protocol::socket socket_;
  asio::steady_timer timer_;
  Transport transport_;

  Phase phase_ = Phase::kReading;
  Time since_;
  Time deadline_;
  bool ended_ = false;
  bool is_stream_ = false;          // also while what it sends next is asked for
  std::atomic<bool> done_ = false;  // what runs in a queue
  std::atomic<bool> news_ = false;  // a stream has something to send
  bool dropped_ = false;            // by the queue, for another; written before done_
  unsigned turns_ = 0;

  std::string input_;
  std::optional<RequestParser> parser_;
  Target target_;
  Decision decision_;
  std::optional<Response> response_;
  std::size_t answer_bytes_ = 0;
  bool first_ = true;
};

}  // namespace mcast::http
