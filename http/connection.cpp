#include "http/connection.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "http/decision.h"

namespace mcast::agent {
namespace {

// So many readings and writings in one go, then others have their turn.
constexpr int kMostSteps = 32;
constexpr std::size_t kMostLingerBytes = std::size_t{4} << 20U;
// A buffer that has grown beyond this is given back when it is empty.
constexpr std::size_t kKeptBufferBytes = 1024;

}  // namespace

HttpConnection::HttpConnection(HttpTransport transport, const HttpDeadlines& deadlines,
                               HttpTime now)
    : transport_(std::move(transport)),
      deadlines_(deadlines),
      deadline_(now + deadlines.handshake),
      since_(now) {}

HttpConnection::Step HttpConnection::advance(HttpTime now) {
  for (int i = 0; i < kMostSteps; ++i) {
    Step step = Step::kWait;
    switch (state_) {
      case State::kHandshake:
        step = shake_hands(now);
        break;
      case State::kHead:
        step = read_head(now);
        break;
      case State::kBody: {
        const auto complete = body_.take(input_);
        if (!complete) {
          step = fail_with(complete.error());
        } else if (*complete) {
          state_ = State::kHeld;
          step = Step::kBody;
        } else {
          step = read_on();
        }
        break;
      }
      case State::kHeld:
        break;
      case State::kAnswer:
        step = send_answer(now);
        break;
      case State::kLinger:
        step = linger();
        break;
    }
    if (step != Step::kAgain) return step;
  }
  return Step::kAgain;
}

HttpConnection::Step HttpConnection::wait(Io io) {
  if (io == Io::kEnd) return Step::kEnd;
  wants_to_write_ = io == Io::kWaitToWrite;
  return Step::kWait;
}

HttpConnection::Step HttpConnection::fail_with(HttpFault fault) {
  fault_ = std::move(fault);
  state_ = State::kHeld;
  return Step::kFault;
}

HttpConnection::Step HttpConnection::shake_hands(HttpTime now) {
  const Io io = transport_.handshake();
  if (io != Io::kDone) return wait(io);
  state_ = State::kHead;
  deadline_ = now + deadlines_.first_byte;
  return Step::kAgain;
}

HttpConnection::Step HttpConnection::read_on() {
  // Zeroing 16 KiB for each read would cost more than the read; what is used of it was written.
  std::array<char, kMostHeadBytes> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const std::size_t room =
      std::max<std::size_t>(buffer.size() - std::min(input_.size(), buffer.size()), 1);
  const auto [io, bytes] = transport_.read(std::span(buffer).first(room));
  if (io != Io::kDone) return wait(io);
  input_.append(buffer.data(), bytes);
  return Step::kAgain;
}

HttpConnection::Step HttpConnection::read_head(HttpTime now) {
  // Empty lines before a request are skipped (RFC 9112 section 2.2).
  if (searched_ == 0) {
    while (input_.starts_with("\r\n")) input_.erase(0, 2);
  }
  if (input_.empty() || input_ == "\r") {
    const Step step = read_on();
    if (step == Step::kAgain) deadline_ = now + deadlines_.head;
    return step;
  }
  const auto end = find_head(input_, searched_);
  if (!end) return fail_with(end.error());
  if (!*end) {
    searched_ = input_.size();
    return read_on();
  }
  auto head = parse_head(std::string_view(input_).substr(0, **end));
  if (!head) return fail_with(head.error());
  head_ = std::move(*head);
  input_.erase(0, **end);
  searched_ = 0;
  state_ = State::kHeld;
  return Step::kHead;
}

void HttpConnection::read_body(HttpTime now) {
  body_ = HttpBody(head_);
  state_ = State::kBody;
  deadline_ = now + deadlines_.body;
  if (!head_.expects_continue) return;
  // A client that took no byte yet has room for these. One that has not is closed by
  // the deadline.
  (void)transport_.write("HTTP/1.1 100 Continue\r\n\r\n");
}

void HttpConnection::answer(HttpAnswer answer, HttpTime now) {
  answer_ = std::move(answer);
  sent_ = 0;
  since_ = now;
  state_ = State::kAnswer;
  deadline_ = now + deadlines_.answer;
}

HttpConnection::Step HttpConnection::send_answer(HttpTime now) {
  if (sent_ < answer_.bytes.size()) {
    const auto [io, bytes] = transport_.write(std::string_view(answer_.bytes).substr(sent_));
    if (io != Io::kDone) return wait(io);
    sent_ += bytes;
    return Step::kAgain;
  }
  const bool keep_alive = answer_.keep_alive;
  answer_ = HttpAnswer();
  body_ = HttpBody();
  head_ = HttpHead();
  since_ = now;
  if (!keep_alive) {
    transport_.finish_writing();
    state_ = State::kLinger;
    deadline_ = now + deadlines_.linger;
    return Step::kAgain;
  }
  state_ = State::kHead;
  if (input_.empty() && input_.capacity() > kKeptBufferBytes) input_.shrink_to_fit();
  deadline_ = now + (input_.empty() ? deadlines_.idle : deadlines_.head);
  return Step::kAgain;
}

HttpConnection::Step HttpConnection::linger() {
  // Thrown away unread, so it need not be zeroed either.
  std::array<char, kMostHeadBytes> unheard;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const auto [io, bytes] = transport_.read(unheard);
  if (io != Io::kDone) return wait(io);
  lingered_ += bytes;
  return lingered_ > kMostLingerBytes ? Step::kEnd : Step::kAgain;
}

bool HttpConnection::give_up() {
  const bool tell = state_ == State::kBody || (state_ == State::kHead && !input_.empty());
  if (tell) {
    (void)fail_with({.status = 408, .message = "the request took too long"});
  }
  return tell;
}

bool HttpConnection::seems_in_api() const {
  if (!head_.target.empty()) return is_in_api(head_.target);
  const std::string_view text(input_);
  const std::size_t space = text.substr(0, 64).find(' ');
  return space != std::string_view::npos && is_in_api(text.substr(space + 1));
}

}  // namespace mcast::agent
