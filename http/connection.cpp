// A connection: a coroutine on its entrance's thread that reads requests, has them worked
// on, and sends answers. It waits for its client, for a queue or for news, and never blocks.
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "http/client.h"
#include "http/entrance.h"
#include "http/message.h"

namespace mcast::http {
namespace {

constexpr std::size_t kMaxLingerBytes = std::size_t{4} << 20U;
// A buffer that has grown beyond this is given back when it is empty.
constexpr std::size_t kKeptBufferBytes = 1024;
// Small, so that a slow client shows in the agent's own queue of events, which tells
// it what it has missed, and not in the kernel's.
constexpr int kStreamBufferBytes = 64 << 10;
// How often a stream's client is looked for, and its source without news.
constexpr milliseconds kStreamPause{500};
// Until a password that the queue has no room for is refused.
constexpr milliseconds kGuessPause{1'000};
constexpr std::string_view kPlainOnTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 43\r\nConnection: close\r\n\r\n"
    "this port speaks TLS: ask it with https://\n";

class Connection final : public Client {
 public:
  Connection(Entrance& entrance, asio::io_context& context, FileDescriptor socket, Peer peer)
      : Client(context, std::move(socket), std::move(peer)), entrance_(entrance) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { entrance_.leave(*this); }

  asio::awaitable<void> run() {
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
      constexpr ::linger kNothing{.l_onoff = 1, .l_linger = 0};
      (void)::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &kNothing, sizeof kNothing);
    }
    end();
  }

 private:
  using Work = FairQueue::Work;

  // Runs work in a queue, which uses nothing of a coroutine's frame. False: there was no room.
  asio::awaitable<bool> run_in(FairQueue& queue, Work& work) {
    held_ = shared_from_this();
    const bool taken = queue.submit(*this, std::move(work));
    while (taken && !done_) co_await sleep(Time::max());
    held_ = nullptr;
    done_ = false;
    co_return taken&& ran_;
  }

  // False: it is over, or the client has ended it.
  asio::awaitable<bool> read_more() {
    const std::function<Outcome()> attempt = [this] { return try_read(entrance_.scratch()); };
    const std::size_t bytes = co_await repeat(attempt);
    input_.append(entrance_.scratch().data(), bytes);
    co_return bytes > 0;
  }

  // ---- a connection's life: all are false when it is over ----

  asio::awaitable<bool> shake_hands() {
    set_deadline(entrance_.limits().deadlines.handshake);
    const auto web = entrance_.web();
    if (!entrance_.is_tcp() || !web->tls) co_return true;
    char first = 0;
    const std::function<Outcome()> attempt = [&] { return try_peek(first); };
    if (co_await repeat(attempt) == 0) co_return false;
    if (first >= 'A' && first <= 'Z') {
      (void)co_await write(kPlainOnTls);
      co_await linger();
      co_return false;
    }
    session_ = web->tls->session(fd());
    if (!session_) co_return false;
    for (;;) {
      Work work = [this](const std::stop_token&) { outcome_ = try_handshake(); };
      if (!co_await run_in(entrance_.handshakes(), work)) co_return false;
      if (outcome_.io == Io::kDone) co_return true;
      if (outcome_.io == Io::kEnd) co_return false;
      if (!co_await wait(outcome_.io)) co_return false;
    }
  }

  asio::awaitable<bool> serve_request() {
    phase_ = Phase::kReading;
    parser_.emplace();
    request_.emplace();
    fault_.reset();
    answer_.emplace();
    body_bytes_ = 0;
    bool goes_on = co_await read_head();
    if (goes_on) goes_on = co_await let_in();
    if (goes_on) goes_on = co_await read_body();
    if (goes_on) (void)co_await call_handler();
    if (answer_->more && !entrance_.make_room_for_stream(*this)) {
      const std::size_t most = entrance_.limits().streams;
      refuse(429, std::to_string(most) + " clients read events already");
    }
    // The source of a stream that is refused goes at once: others may wait for its place.
    if (fault_) {
      answer_ = error_response(*fault_);
      keep_alive_ = write_answer(*answer_, form());
    }
    // Without bytes: it is over, or there was no memory for an answer.
    if (answer_->body.empty()) co_return false;
    if (answer_->more) {
      co_await stream();
      co_return false;
    }
    if (!co_await send(answer_->body)) co_return false;
    if (!keep_alive_) co_await linger();
    co_return keep_alive_;
  }

  asio::awaitable<bool> send(const std::string& answer) {
    phase_ = Phase::kAnswer;
    since_ = steady_clock::now();
    set_deadline(entrance_.limits().deadlines.answer);
    answer_bytes_ = answer.size();
    entrance_.make_answers_fit(*this);
    const bool sent = co_await write(answer);
    answer_bytes_ = 0;
    if (!sent) co_return false;
    since_ = steady_clock::now();
    phase_ = Phase::kReading;
    co_return true;
  }

  // Ours is said; what still comes is thrown away, so that our answer is read.
  asio::awaitable<void> linger() {
    finish_writing();
    phase_ = Phase::kReading;
    set_deadline(entrance_.limits().deadlines.linger);
    std::size_t unheard = input_.size();
    bool more = true;
    while (more && !entrance_.stopping() && unheard < kMaxLingerBytes) {
      input_.clear();
      more = co_await read_more();
      unheard += input_.size();
    }
  }

  // ---- a request ----

  bool refuse(Fault fault) {
    fault_ = std::move(fault);
    return false;
  }

  bool refuse(int status, std::string message) {
    return refuse({.status = status, .message = std::move(message)});
  }

  bool refuse_if_late() {
    const bool late = !ended_ && is_over();
    return late && refuse(408, "the request took too long");
  }

  Response error_response(const Fault& fault) {
    Response response{.status = fault.status, .headers = fault.headers};
    // What a client sees of a request that could not be read, too.
    std::string path = request_->path;
    if (path.empty()) path = view(parser_->head().target());
    if (path.empty()) {
      const std::string begin = input_.substr(0, 64);
      path = begin.substr(std::min(begin.find(' '), begin.size() - 1) + 1);
    }
    const auto& json = entrance_.service().setup.error_json;
    if (json && (path.starts_with("/api/") || path == "/api")) {
      response.content_type = "application/json";
      response.body = json(fault.status, fault.message);
    } else {
      response.body = fault.message + "\n";
    }
    return response;
  }

  AnswerForm form() {
    Head& head = parser_->head();
    // What was announced and not read would be taken for the next request.
    AnswerForm form{
        .head_only = head.method() == beast::http::verb::head,
        .keep_alive = parser_->is_complete() && parser_->keep_alive() && !entrance_.stopping(),
        .gzip = names_token(view(head["Accept-Encoding"]), "gzip")};
    if (entrance_.is_tcp()) form.headers = entrance_.web()->headers;
    return form;
  }

  asio::awaitable<bool> read_head() {
    const Deadlines& deadlines = entrance_.limits().deadlines;
    bool begun = !input_.empty();
    if (!begun && input_.capacity() > kKeptBufferBytes) input_.shrink_to_fit();
    set_deadline(begun ? deadlines.head : first_ ? deadlines.first_byte : deadlines.idle);
    first_ = false;
    for (;;) {
      auto complete = parser_->take_head(input_);
      if (!complete) co_return refuse(std::move(complete.error()));
      if (*complete) co_return true;
      if (!co_await read_more()) co_return begun&& refuse_if_late();
      if (!begun) set_deadline(deadlines.head);
      begun = true;
    }
  }

  // Decides from the head, and from user and password, whether the request is served.
  asio::awaitable<bool> let_in() {
    Head& head = parser_->head();
    request_->peer = peer_.name;
    request_->last_event_id = view(head["Last-Event-ID"]);
    request_->if_none_match = view(head["If-None-Match"]);
    auto target = parse_target(view(head.target()), *request_);
    if (!target) co_return refuse(std::move(target.error()));
    if (entrance_.stopping()) co_return refuse(503, "stopping");
    if (!peer_.refusal.empty()) co_return refuse(403, peer_.refusal);
    const auto web = entrance_.web();
    if (entrance_.is_tcp() && web->auth && !co_await check_password(web->auth)) co_return false;
    const Service& service = entrance_.service();
    const bool may_write = !entrance_.is_tcp() || (session_ && web->allows_writing());
    const auto& socket = service.setup.unix_socket;
    auto found =
        find_handler(service.routes, *parser_, *request_, may_write, socket ? socket->path() : "");
    if (!found) co_return refuse(std::move(found.error()));
    handler_ = *found;
    co_return true;
  }

  asio::awaitable<bool> check_password(const std::shared_ptr<BasicAuth>& auth) {
    const auto fits = std::make_shared<std::atomic<bool>>(false);
    if (auto given = parse_basic_credentials(view(parser_->head()["Authorization"]))) {
      // Before it is looked for among those that were right: an address that has made all the
      // guesses that it may learns nothing about a password, be it right or wrong.
      constexpr const char* kTooMany = "too many passwords are being checked";
      if (entrance_.held(&Client::guesses, this) >= entrance_.limits().waiting_password_checks) {
        co_return refuse(429, kTooMany);
      }
      const BasicAuth::Guess guess = auth->guess(std::move(*given), address());
      *fits = auth->remembers(guess);
      if (!*fits) {
        phase_ = Phase::kGuess;
        // It may be left behind, so it owns what it touches.
        Work work = [fits, auth, guess](const std::stop_token& stop) {
          *fits = auth->check(guess, stop);
        };
        const bool ran = co_await run_in(entrance_.passwords(), work);
        // While others fill the queue it stays a guess of its address: refused at once it would
        // tell wrong from right, which is remembered, as fast as one can ask.
        if (!ran) co_await sleep(steady_clock::now() + kGuessPause);
        phase_ = Phase::kReading;
        if (!ran) co_return refuse(429, kTooMany);
      }
    }
    if (*fits) co_return true;
    refuse(401, "user and password are wanted");
    fault_->headers.emplace("WWW-Authenticate", "Basic realm=\"mcast-agent\", charset=\"UTF-8\"");
    co_return false;
  }

  asio::awaitable<bool> read_body() {
    Head& head = parser_->head();
    const auto bytes = static_cast<std::size_t>(parser_->body_bytes());
    if (bytes == 0) co_return true;
    if (!entrance_.has_room_for_body(*this, bytes)) {
      co_return refuse(429, "too many large requests at a time");
    }
    body_bytes_ = bytes;
    set_deadline(entrance_.limits().deadlines.body);
    if (head.count("Expect") > 0 && head.version() == 11) {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      if (!co_await write(kContinue)) co_return false;
    }
    for (;;) {
      auto complete = parser_->take_body(input_);
      if (!complete) co_return refuse(std::move(complete.error()));
      if (*complete) co_return true;
      if (!co_await read_more()) co_return refuse_if_late();
    }
  }

  asio::awaitable<bool> call_handler() {
    if (entrance_.is_tcp() &&
        entrance_.held(&Client::requests, this) >= entrance_.limits().requests_of_an_address) {
      co_return refuse(429, "too many requests of this address at a time");
    }
    phase_ = Phase::kRequest;
    request_->body = std::move(parser_->head().body());
    form_ = form();
    Work work = [this](const std::stop_token&) {
      try {
        Response response;
        try {
          response = (*handler_)(*request_);
        } catch (const std::exception& error) {
          entrance_.report(error.what());
          response = error_response({.status = 500, .message = "internal error"});
        }
        keep_alive_ = write_answer(response, std::move(form_));
        answer_ = std::move(response);
      } catch (const std::exception& error) {
        entrance_.report(error.what());
      }
    };
    const bool ran = co_await run_in(entrance_.handlers(), work);
    phase_ = Phase::kReading;
    co_return ran || refuse(429, "too many requests at a time");
  }

  asio::awaitable<void> stream() {
    phase_ = Phase::kStream;
    (void)::setsockopt(fd(), SOL_SOCKET, SO_SNDBUF, &kStreamBufferBytes, sizeof kStreamBufferBytes);
    // Whoever tells news keeps this waiting for its destruction.
    auto subscription = answer_->subscribe ? answer_->subscribe([this] { tell_news(); }) : nullptr;
    next_ = std::move(answer_->body);
    const milliseconds patience = entrance_.limits().deadlines.stalled_stream;
    for (;;) {
      set_deadline(patience);
      if (!co_await write(*next_, patience)) co_return;
      if (next_->empty() && !news_) co_await sleep(steady_clock::now() + kStreamPause);
      if (ended_) co_return;
      // What a client says on a stream means nothing, but that it has ended does.
      Outcome heard{.io = Io::kDone};
      for (int i = 0; i < 16 && heard.io == Io::kDone; ++i) {
        heard = try_read(entrance_.scratch());
      }
      if (heard.io == Io::kEnd) co_return;
      news_ = false;
      next_.reset();
      Work work = [this](const std::stop_token&) { next_ = answer_->more(); };
      const bool ran = co_await run_in(entrance_.handlers(), work);
      if (ended_) co_return;
      // No room: later.
      if (!ran) next_.emplace();
      if (!next_) break;
    }
    // Its source goes at once.
    subscription.reset();
    answer_.reset();
    co_await linger();
  }

  Entrance& entrance_;
  std::string input_;
  std::optional<RequestParser> parser_;
  std::optional<Request> request_;
  const Handler* handler_ = nullptr;
  std::optional<Fault> fault_;
  AnswerForm form_;
  std::optional<Response> answer_;
  std::optional<std::string> next_;  // of a stream; nullopt at its end
  Outcome outcome_;                  // of a handshake
  bool first_ = true;
  bool keep_alive_ = false;  // behind the answer
};

}  // namespace

void start_connection(Entrance& entrance, asio::io_context& context, FileDescriptor socket,
                      Peer peer) {
  const auto connection =
      std::make_shared<Connection>(entrance, context, std::move(socket), std::move(peer));
  entrance.join(*connection);
  // The coroutine runs for as long as it is kept by what is called at its end.
  asio::co_spawn(context, connection->run(), [connection](const std::exception_ptr&) {});
}

}  // namespace mcast::http
