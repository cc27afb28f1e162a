#include "http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <thread>
#include <utility>

namespace mcast::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// So many readings and writings that need not wait, then others have their turn.
constexpr unsigned kMaxTurns = 16;
constexpr std::size_t kMaxLingerBytes = std::size_t{4} << 20U;
// A buffer that has grown beyond this is given back when it is empty.
constexpr std::size_t kKeptBufferBytes = 1024;
// Small, so that a slow client shows in the agent's own queue of events, which tells
// it what it has missed, and not in the kernel's.
constexpr int kStreamBufferBytes = 64 << 10;
// How often a stream's client is looked for, and its source without news.
constexpr milliseconds kStreamPause{500};
// Until memory for waiting is tried for again.
constexpr milliseconds kMemoryPause{1};
constexpr std::string_view kPlainOnTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 43\r\nConnection: close\r\n\r\n"
    "this port speaks TLS: ask it with https://\n";

bool is_in_api(std::string_view path) {
  return path.starts_with("/api/") || path == "/api";
}

// Bytes of a body, counted for as long as its request lasts.
class BodyBytes {
 public:
  explicit BodyBytes(Entrance& entrance) : entrance_(entrance) {}
  BodyBytes(const BodyBytes&) = delete;
  BodyBytes& operator=(const BodyBytes&) = delete;
  ~BodyBytes() { entrance_.give_back_body(held_); }
  bool hold(std::size_t bytes) {
    if (!entrance_.hold_body(bytes)) return false;
    held_ = bytes;
    return true;
  }

 private:
  Entrance& entrance_;
  std::size_t held_ = 0;
};

int family_of(int socket) {
  int family = 0;
  socklen_t size = sizeof family;
  (void)::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family;
}

}  // namespace

Connection::Connection(Entrance& entrance, asio::io_context& context, FileDescriptor socket,
                       Peer peer, std::string refusal)
    : entrance_(entrance),
      peer_(std::move(peer)),
      refusal_(std::move(refusal)),
      socket_(context, asio::generic::stream_protocol(family_of(socket.get()), 0), socket.get()),
      timer_(context),
      transport_(socket.get()),
      since_(steady_clock::now()) {
  (void)socket.release();
}

Connection::~Connection() {
  entrance_.leave(*this);
}

void Connection::end() {
  ended_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  timer_.cancel();
}

void Connection::abandon() {
  done_ = true;
  end();
}

void Connection::look(Time now) {
  boost::system::error_code ignored;
  // Held ones are cancelled by nobody: what works for them comes to an end.
  if (now >= deadline_ && phase_ != Phase::kHeld) socket_.cancel(ignored);
  // Where wake() found no memory.
  if (done_ || news_) timer_.cancel();
}

bool Connection::is_over() const {
  return ended_ || steady_clock::now() >= deadline_;
}

void Connection::set_deadline(milliseconds patience) {
  deadline_ = steady_clock::now() + patience;
}

void Connection::wake(std::atomic<bool>& reason) {
  // Whoever calls this may be the last to do so: from when the coroutine knows, it may be gone,
  // and it must go on its own thread. So it is told there.
  try {
    asio::post(timer_.get_executor(), [self = shared_from_this(), &reason] {
      reason = true;
      self->timer_.cancel();
    });
  } catch (const std::exception&) {
    // Out of memory: look() wakes it up.
    reason = true;
  }
}

// ---- waiting ----

asio::awaitable<bool> Connection::wait(Io io) {
  if (is_over()) co_return false;
  boost::system::error_code ignored;
  co_await socket_.async_wait(
      io == Io::kWaitToWrite ? asio::socket_base::wait_write : asio::socket_base::wait_read,
      asio::redirect_error(asio::use_awaitable, ignored));
  co_return !is_over();
}

asio::awaitable<void> Connection::nap(Time until) {
  boost::system::error_code ignored;
  timer_.expires_at(until);
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<bool> Connection::run_in(FairQueue& queue, Work& work) {
  const Phase before = std::exchange(phase_, Phase::kHeld);
  done_ = false;
  dropped_ = false;
  FairQueue::Task task;
  task.work = std::move(work);
  task.finished = [this](bool ran) {
    dropped_ = !ran;
    wake(done_);
  };
  const bool taken = queue.submit(peer_.address, std::move(task));
  while (taken && !done_) {
    try {
      co_await nap(Time::max());
    } catch (const std::exception&) {
      // Out of memory. What works for it uses what this coroutine holds, so it must not end.
      std::this_thread::sleep_for(kMemoryPause);
    }
  }
  phase_ = before;
  co_return taken && !dropped_;
}

asio::awaitable<bool> Connection::read_more() {
  for (;;) {
    if (++turns_ % kMaxTurns == 0) co_await asio::post(timer_.get_executor(), asio::use_awaitable);
    if (is_over()) co_return false;
    const Transport::Outcome outcome = transport_.read(entrance_.scratch());
    if (outcome.io == Io::kEnd) co_return false;
    if (outcome.io == Io::kDone) {
      input_.append(entrance_.scratch().data(), outcome.bytes);
      co_return true;
    }
    if (!co_await wait(outcome.io)) co_return false;
  }
}

asio::awaitable<bool> Connection::write(std::string_view bytes, bool each_progress_counts) {
  while (!bytes.empty()) {
    if (++turns_ % kMaxTurns == 0) co_await asio::post(timer_.get_executor(), asio::use_awaitable);
    if (is_over()) co_return false;
    const Transport::Outcome outcome = transport_.write(bytes);
    if (outcome.io == Io::kEnd) co_return false;
    if (outcome.io == Io::kDone) {
      bytes.remove_prefix(outcome.bytes);
      if (each_progress_counts) set_deadline(entrance_.limits().deadlines.stalled_stream);
    } else if (!co_await wait(outcome.io)) {
      co_return false;
    }
  }
  co_return true;
}

// ---- a connection's life ----

asio::awaitable<void> Connection::run() {
  try {
    if (co_await shake_hands()) {
      while (co_await serve_request()) {
      }
    }
  } catch (const std::exception& error) {
    // Out of memory: this client's request was too much.
    entrance_.report(error.what());
  }
  // Half an answer: the kernel need not keep it for a client that does not read.
  if (phase_ == Phase::kAnswer) {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    // Its destructor would take the option back.
    socket_.close(ignored);
  }
  ended_ = true;
}

asio::awaitable<bool> Connection::shake_hands() {
  set_deadline(entrance_.limits().deadlines.handshake);
  const auto web = entrance_.web();
  if (!entrance_.is_tcp() || !web->tls) co_return true;
  char first = 0;
  while (::recv(socket_.native_handle(), &first, 1, MSG_PEEK) != 1) {
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) co_return false;
    if (!co_await wait(Io::kWaitToRead)) co_return false;
    // Readable, and nothing to read: the client has gone.
    if (::recv(socket_.native_handle(), &first, 1, MSG_PEEK) == 0) co_return false;
  }
  if (first >= 'A' && first <= 'Z') {
    (void)co_await write(kPlainOnTls, false);
    co_await linger();
    co_return false;
  }
  if (!transport_.begin_tls(*web->tls)) co_return false;
  for (;;) {
    Io io = Io::kEnd;
    Work work = [this, &io](const std::stop_token&) { io = transport_.handshake(); };
    const bool ran = co_await run_in(entrance_.handshakes(), work);
    if (!ran || io == Io::kEnd) co_return false;
    if (io == Io::kDone) co_return true;
    if (!co_await wait(io)) co_return false;
  }
}

asio::awaitable<bool> Connection::serve_request() {
  phase_ = Phase::kReading;
  parser_.emplace();
  target_ = {};
  decision_ = {};
  response_.reset();
  BodyBytes body(entrance_);
  bool goes_on = co_await read_head();
  if (goes_on) goes_on = co_await let_in();
  if (goes_on) {
    const Head& head = parser_->head();
    if (head.has_body()) {
      const std::size_t bytes =
          head.chunked ? kMaxBodyBytes : static_cast<std::size_t>(*head.content_length);
      goes_on = body.hold(bytes) ? co_await read_body()
                                 : refuse(429, "too many large requests at a time");
    }
  }
  if (!goes_on && !response_) co_return false;
  Answer answer;
  if (goes_on) (void)co_await call_handler(answer);
  if (response_) {
    AnswerForm of_refusal = form();
    // What was announced and not read would be taken for the next request.
    if (!goes_on && (parser_->head().target.empty() || parser_->head().has_body())) {
      of_refusal.keep_alive = false;
    }
    answer = write_answer(std::move(*response_), of_refusal);
  }
  // Without bytes: there was no memory for an answer.
  if (answer.bytes.empty()) co_return false;
  if (answer.more) {
    const bool source_has_ended = co_await stream(answer);
    // Its source goes at once.
    answer = {};
    if (source_has_ended) co_await linger();
    co_return false;
  }
  const bool keep_alive = answer.keep_alive;
  if (!co_await send(answer)) co_return false;
  if (!keep_alive) co_await linger();
  co_return keep_alive;
}

asio::awaitable<bool> Connection::send(const Answer& answer) {
  phase_ = Phase::kAnswer;
  since_ = steady_clock::now();
  set_deadline(entrance_.limits().deadlines.answer);
  answer_bytes_ = answer.bytes.size();
  entrance_.make_answers_fit(*this);
  const bool sent = co_await write(answer.bytes, false);
  answer_bytes_ = 0;
  if (!sent) co_return false;
  since_ = steady_clock::now();
  phase_ = Phase::kReading;
  co_return true;
}

// Ours is said; what still comes is thrown away, so that our answer is read.
asio::awaitable<void> Connection::linger() {
  transport_.finish_writing();
  phase_ = Phase::kLinger;
  set_deadline(entrance_.limits().deadlines.linger);
  std::size_t unheard = input_.size();
  input_.clear();
  while (!entrance_.stopping() && unheard < kMaxLingerBytes && co_await read_more()) {
    unheard += input_.size();
    input_.clear();
  }
}

// ---- a request ----

bool Connection::refuse(int status, std::string message) {
  response_ = error_response(status, message);
  return false;
}

Response Connection::error_response(int status, std::string_view message) const {
  Response response{.status = status};
  // What a client sees of a request that could not be read, too.
  std::string_view path = target_.path;
  if (path.empty()) path = parser_->head().target;
  if (path.empty()) {
    const std::string_view begin = std::string_view(input_).substr(0, 64);
    const std::size_t space = begin.find(' ');
    if (space != std::string_view::npos) path = begin.substr(space + 1);
  }
  if (is_in_api(path) && entrance_.service().error_json) {
    response.content_type = "application/json";
    response.body = entrance_.service().error_json(status, message);
  } else {
    response.body = std::string(message) + "\n";
  }
  return response;
}

AnswerForm Connection::form() const {
  const Head& head = parser_->head();
  AnswerForm form{.head_only = head.method == "HEAD",
                  .keep_alive = head.keep_alive && !entrance_.stopping(),
                  .gzip = names_token(head.header("accept-encoding"), "gzip")};
  if (entrance_.is_tcp()) form.headers = entrance_.web()->headers;
  return form;
}

asio::awaitable<bool> Connection::read_head() {
  const Deadlines& deadlines = entrance_.limits().deadlines;
  bool begun = !input_.empty();
  if (!begun && input_.capacity() > kKeptBufferBytes) input_.shrink_to_fit();
  set_deadline(begun ? deadlines.head : first_ ? deadlines.first_byte : deadlines.idle);
  first_ = false;
  for (;;) {
    const auto complete = parser_->take_head(input_);
    if (!complete) co_return refuse(complete.error().status, complete.error().message);
    if (*complete) co_return true;
    if (!co_await read_more()) {
      if (begun && !ended_ && is_over()) refuse(408, "the request took too long");
      co_return false;
    }
    if (!begun) set_deadline(deadlines.head);
    begun = true;
  }
}

// Decides from the head, and from user and password, whether the request is served.
asio::awaitable<bool> Connection::let_in() {
  const Head& head = parser_->head();
  auto target = parse_target(head.target);
  if (!target) co_return refuse(target.error().status, target.error().message);
  target_ = std::move(*target);
  if (entrance_.stopping()) co_return refuse(503, "stopping");
  if (!refusal_.empty()) co_return refuse(403, refusal_);
  const auto web = entrance_.web();
  if (entrance_.is_tcp() && web->auth) {
    struct Check {
      std::shared_ptr<BasicAuth> auth;
      Credentials given;
      std::string address;
      std::atomic<bool> fits = false;
    };
    const auto check = std::make_shared<Check>();
    if (auto given = parse_basic_credentials(head.header("authorization"))) {
      check->auth = web->auth;
      check->given = std::move(*given);
      check->address = peer_.address;
      // Before it is looked for among those that were right: whoever keeps the queue full
      // learns nothing about a password, be it right or wrong.
      constexpr const char* kTooMany = "too many passwords are being checked";
      if (!entrance_.passwords().has_room(peer_.address)) co_return refuse(429, kTooMany);
      check->fits = web->auth->remembers(check->given, peer_.address);
      if (!check->fits) {
        // It may be left behind, so it owns what it touches. The same password may have been
        // found right while this one waited.
        Work work = [check](const std::stop_token& stop) {
          check->fits = check->auth->remembers(check->given, check->address) ||
                        check->auth->check(check->given, check->address, stop);
        };
        const bool ran = co_await run_in(entrance_.passwords(), work);
        if (!ran) co_return refuse(429, kTooMany);
      }
    }
    if (!check->fits) {
      refuse(401, "user and password are wanted");
      response_->headers.emplace("WWW-Authenticate",
                                 "Basic realm=\"mcast-agent\", charset=\"UTF-8\"");
      co_return false;
    }
  }
  const Origin origin{
      .may_write = !entrance_.is_tcp() || (transport_.has_tls() && web->allows_writing()),
      .socket = entrance_.service().socket_path};
  decision_ = decide(entrance_.service().routes, head, target_, origin);
  if (decision_.refusal) {
    refuse(decision_.refusal->status, decision_.refusal->message);
    if (!decision_.allowed_methods.empty()) {
      response_->headers.emplace("Allow", decision_.allowed_methods);
    }
    co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Connection::read_body() {
  set_deadline(entrance_.limits().deadlines.body);
  if (parser_->head().expects_continue) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await write(kContinue, false)) co_return false;
  }
  for (;;) {
    const auto complete = parser_->take_body(input_);
    if (!complete) co_return refuse(complete.error().status, complete.error().message);
    if (*complete) co_return true;
    if (!co_await read_more()) {
      if (!ended_ && is_over()) refuse(408, "the request took too long");
      co_return false;
    }
  }
}

asio::awaitable<bool> Connection::call_handler(Answer& answer) {
  const Head& head = parser_->head();
  Request request{.method = head.method == "HEAD" ? "GET" : head.method,
                  .path = target_.path,
                  .tail = std::move(decision_.tail),
                  .query = std::move(target_.query),
                  .body = std::move(parser_->body()),
                  .last_event_id = std::string(head.header("last-event-id")),
                  .if_none_match = std::string(head.header("if-none-match")),
                  .peer = peer_.name};
  AnswerForm its_form = form();
  // The frame of this coroutine stays until it is done.
  Work work = [&, this](const std::stop_token&) {
    try {
      Response response;
      try {
        response = (*decision_.handler)(request);
      } catch (const std::exception& error) {
        entrance_.report(error.what());
        response = error_response(500, "internal error");
      }
      answer = write_answer(std::move(response), its_form);
    } catch (const std::exception& error) {
      entrance_.report(error.what());
    }
  };
  const bool ran = co_await run_in(entrance_.handlers(), work);
  co_return ran || refuse(429, "too many requests of this address at a time");
}

asio::awaitable<bool> Connection::stream(Answer& answer) {
  if (!entrance_.make_room_for_stream(*this)) {
    response_ = error_response(
        429, std::to_string(entrance_.limits().streams) + " clients read events already");
    AnswerForm of_refusal = form();
    of_refusal.keep_alive = false;
    // It takes a place with its source, for which others may wait.
    answer = write_answer(std::move(*response_), of_refusal);
    co_return co_await send(answer);
  }
  phase_ = Phase::kStream;
  is_stream_ = true;
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::send_buffer_size(kStreamBufferBytes), ignored);
  const auto subscription =
      answer.subscribe ? answer.subscribe([this] { wake(news_); }) : std::shared_ptr<void>();
  std::optional<std::string> next = std::move(answer.bytes);
  while (next) {
    set_deadline(entrance_.limits().deadlines.stalled_stream);
    if (!co_await write(*next, true)) co_return false;
    if (next->empty() && !news_) co_await nap(steady_clock::now() + kStreamPause);
    if (ended_) co_return false;
    // What a client says on a stream means nothing, but that it has ended does.
    Transport::Outcome heard;
    for (int i = 0; i < 16; ++i) {
      heard = transport_.read(entrance_.scratch());
      if (heard.io != Io::kDone) break;
    }
    if (heard.io == Io::kEnd) co_return false;
    news_ = false;
    next.reset();
    Work work = [&next, &answer](const std::stop_token&) { next = answer.more(); };
    const bool ran = co_await run_in(entrance_.handlers(), work);
    // No room: later.
    if (!ran) next.emplace();
    if (ended_) co_return false;
  }
  co_return true;
}

}  // namespace mcast::http
