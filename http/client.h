// The other side of a connection: its bytes, with TLS or without, its deadline, the waiting for
// both, and what it takes of that which addresses share. Used by its entrance's thread, on which
// SIGPIPE must be blocked.
#pragma once

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/file_descriptor.h"
#include "http/socket.h"
#include "http/web_settings.h"

namespace mcast::http {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Time = steady_clock::time_point;

class Client : public std::enable_shared_from_this<Client> {
 public:
  Client(asio::io_context& context, FileDescriptor socket, Peer peer)
      : peer_(std::move(peer)), socket_(context), timer_(context) {
    // Once nothing else can fail any more: a descriptor is closed once.
    socket_.assign(socket.get());
    (void)socket.release();
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] const std::string& address() const { return peer_.address; }
  // Others work for it.
  [[nodiscard]] bool is_held() const { return held_ != nullptr; }
  // There will be an answer, or it is being sent.
  [[nodiscard]] bool is_at_work() const { return count(is_held() || phase_ == Phase::kAnswer) > 0; }
  // Its beginning, or that of the answer that is sent, or the end of the last one.
  [[nodiscard]] Time since() const { return since_; }

  // What it takes of that which addresses share.
  [[nodiscard]] std::size_t places() const { return count(phase_ != Phase::kStream); }
  [[nodiscard]] std::size_t streams() const { return count(phase_ == Phase::kStream); }
  [[nodiscard]] std::size_t requests() const { return count(phase_ == Phase::kRequest); }
  [[nodiscard]] std::size_t guesses() const { return count(phase_ == Phase::kGuess); }
  [[nodiscard]] std::size_t body_bytes() const { return count(body_bytes_); }
  [[nodiscard]] std::size_t answer_bytes() const { return count(answer_bytes_); }

  // Its coroutine ends as soon as it can.
  void end() {
    ended_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    timer_.cancel();
  }
  // As end(), when nothing works for it any more.
  void abandon() {
    done_ = true;
    end();
  }
  // Nothing works for it any more, and its coroutine may be gone: then this is, too.
  void let_go() { const auto last = std::move(held_); }
  // Now and then. Where there was no memory for waiting, Asio has destroyed the coroutine.
  void check_deadline(Time now) {
    boost::system::error_code ignored;
    if (now >= deadline_) socket_.cancel(ignored);
    // Where there was no memory to tell it.
    if (done_ || news_) timer_.cancel();
    if (done_ && held_.use_count() == 1) let_go();
  }
  // What worked for it is done, or was dropped. Any thread: from when the coroutine knows, this may
  // be gone, and must go on its own thread. So it is told there.
  void tell_done(bool ran) {
    ran_ = ran;
    if (!post([](Client& self) { self.done_ = true; })) done_ = true;
  }
  // A stream has something to send. Any thread, while it is subscribed. What was told and is not
  // taken yet need not be told again.
  void tell_news() {
    if (!news_.exchange(true)) (void)post([](Client&) {});
  }

 protected:
  enum class Phase : std::uint8_t { kReading, kGuess, kRequest, kAnswer, kStream };
  // What one attempt came to.
  enum class Io : std::uint8_t { kDone, kWaitToRead, kWaitToWrite, kEnd };
  struct Outcome {
    Io io = Io::kEnd;
    std::size_t bytes = 0;  // with kDone, above 0
  };

  ~Client() = default;

  void set_deadline(milliseconds patience) { deadline_ = steady_clock::now() + patience; }
  [[nodiscard]] bool is_over() const { return ended_ || steady_clock::now() >= deadline_; }
  [[nodiscard]] int fd() { return socket_.native_handle(); }

  // ---- one attempt, which waits for nothing; after kEnd nothing more comes or goes ----

  // Without the errors of what this thread did before.
  [[nodiscard]] SSL* tls() const {
    ERR_clear_error();
    return session_.get();
  }
  [[nodiscard]] Outcome judge(ssize_t returned, Io wait) const {
    if (returned > 0) return {.io = Io::kDone, .bytes = static_cast<std::size_t>(returned)};
    if (session_) {
      const int error = SSL_get_error(session_.get(), static_cast<int>(returned));
      ERR_clear_error();
      if (error == SSL_ERROR_WANT_READ) return {.io = Io::kWaitToRead};
      return {.io = error == SSL_ERROR_WANT_WRITE ? Io::kWaitToWrite : Io::kEnd};
    }
    const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {.io = returned < 0 && later ? wait : Io::kEnd};
  }
  // Takes long, so it is made on another thread, which nothing else is done beside.
  [[nodiscard]] Outcome try_handshake() { return judge(SSL_do_handshake(tls()), Io::kEnd); }
  [[nodiscard]] Outcome try_peek(char& first) {
    return judge(::recv(fd(), &first, 1, MSG_PEEK), Io::kWaitToRead);
  }
  [[nodiscard]] Outcome try_read(std::span<char> to) {
    if (session_) return judge(SSL_read(tls(), to.data(), size_of(to)), Io::kEnd);
    return judge(::recv(fd(), to.data(), to.size(), 0), Io::kWaitToRead);
  }
  [[nodiscard]] Outcome try_write(std::string_view bytes) {
    if (session_) return judge(SSL_write(tls(), bytes.data(), size_of(bytes)), Io::kEnd);
    return judge(::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL), Io::kWaitToWrite);
  }
  // Says that no more is sent; what the other side still sends can be read.
  void finish_writing() {
    if (session_) (void)SSL_shutdown(tls());
    ERR_clear_error();
    (void)::shutdown(fd(), SHUT_WR);
  }

  // ---- waiting. Coroutines take references: GCC 12 destroys some of their temporaries twice ----

  // Until then, or until the timer is cancelled.
  asio::awaitable<void> sleep(Time until) {
    boost::system::error_code ignored;
    timer_.expires_at(until);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  // False: it is over.
  asio::awaitable<bool> wait(Io io) {
    using asio::posix::descriptor_base;
    if (is_over()) co_return false;
    boost::system::error_code ignored;
    co_await socket_.async_wait(
        io == Io::kWaitToWrite ? descriptor_base::wait_write : descriptor_base::wait_read,
        asio::redirect_error(asio::use_awaitable, ignored));
    co_return !is_over();
  }
  // Until it has moved bytes; 0 when it is over or the connection ends.
  asio::awaitable<std::size_t> repeat(const std::function<Outcome()>& attempt) {
    for (;;) {
      // Others have their turn.
      if (++turns_ % kMaxTurns == 0) {
        co_await asio::post(timer_.get_executor(), asio::use_awaitable);
      }
      if (is_over()) co_return 0;
      const Outcome outcome = attempt();
      if (outcome.io == Io::kDone) co_return outcome.bytes;
      if (outcome.io == Io::kEnd) co_return 0;
      if (!co_await wait(outcome.io)) co_return 0;
    }
  }
  // False: not all of it was taken. Each progress gives it this patience again, if any.
  asio::awaitable<bool> write(std::string_view bytes, milliseconds patience = {}) {
    const std::function<Outcome()> attempt = [&] { return try_write(bytes); };
    while (!bytes.empty()) {
      const std::size_t written = co_await repeat(attempt);
      if (written == 0) co_return false;
      bytes.remove_prefix(written);
      if (patience.count() > 0) set_deadline(patience);
    }
    co_return true;
  }

  const Peer peer_;
  Phase phase_ = Phase::kReading;
  bool ended_ = false;
  // Keeps it while others work for it, even where its coroutine does not.
  std::shared_ptr<Client> held_;
  bool ran_ = false;  // written before done_
  std::atomic<bool> done_ = false;
  std::atomic<bool> news_ = false;
  Time since_ = steady_clock::now();
  std::size_t body_bytes_ = 0;
  std::size_t answer_bytes_ = 0;
  asio::posix::stream_descriptor socket_;
  asio::steady_timer timer_;
  SslSession session_;  // null: without TLS

 private:
  // False: out of memory. Then check_deadline() tells it.
  bool post(void (*what)(Client&)) {
    try {
      asio::post(timer_.get_executor(), [self = shared_from_this(), what] {
        what(*self);
        self->timer_.cancel();
      });
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }

  // So many readings and writings that need not wait.
  static constexpr unsigned kMaxTurns = 16;
  static int size_of(auto bytes) {
    return static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
  }
  [[nodiscard]] std::size_t count(std::size_t taken) const { return ended_ ? 0 : taken; }

  Time deadline_ = Time::max();
  unsigned turns_ = 0;
};

}  // namespace mcast::http
