// One connection: reads requests, sends answers, never waits. The loop that owns it
// calls advance() when its socket is ready and does what it asks for. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "http/answer.h"
#include "http/body.h"
#include "http/head.h"
#include "http/transport.h"

namespace mcast::agent {

using HttpTime = std::chrono::steady_clock::time_point;

// Tests make them shorter.
struct HttpDeadlines {
  std::chrono::milliseconds handshake{5'000};
  std::chrono::milliseconds first_byte{5'000};  // of a new connection
  std::chrono::milliseconds idle{60'000};       // between requests
  std::chrono::milliseconds head{10'000};       // from its first byte on
  std::chrono::milliseconds body{10'000};
  std::chrono::milliseconds answer{10'000};
  std::chrono::milliseconds linger{2'000};
};

class HttpConnection {
 public:
  enum class State : std::uint8_t {
    kHandshake,
    kHead,
    kBody,
    kHeld,    // the agent is at work
    kAnswer,  // it is being sent
    kLinger,  // ours is said; what still comes is thrown away, so that our answer is read
  };
  enum class Step : std::uint8_t {
    kWait,   // for the socket, see wants_to_write()
    kAgain,  // it could go on, but others have waited long enough
    kHead,   // head() is there; the connection is held
    kBody,   // take_body() is there; the connection is held
    kFault,  // fault() says why this is no request; it wants an answer
    kEnd,
  };

  HttpConnection(HttpTransport transport, const HttpDeadlines& deadlines, HttpTime now);

  [[nodiscard]] Step advance(HttpTime now);

  // After Step::kHead: what its head announces is read; then comes Step::kBody.
  void read_body(HttpTime now);
  // Once for each kHead, kBody and kFault.
  void answer(HttpAnswer answer, HttpTime now);

  [[nodiscard]] const HttpHead& head() const { return head_; }
  [[nodiscard]] std::string take_body() { return std::move(body_.text()); }
  [[nodiscard]] const HttpFault& fault() const { return fault_; }
  // Of what has arrived of a head that is a fault.
  [[nodiscard]] bool seems_in_api() const;

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] int fd() const { return transport_.fd(); }
  [[nodiscard]] bool has_tls() const { return transport_.has_tls(); }
  [[nodiscard]] bool wants_to_write() const { return wants_to_write_; }
  [[nodiscard]] HttpTime deadline() const { return deadline_; }
  // Whether, past its deadline, the client is told so (by a fault) or just let go.
  [[nodiscard]] bool give_up();
  // Since when it is in this state, for requests since the last one.
  [[nodiscard]] HttpTime since() const { return since_; }
  [[nodiscard]] std::size_t answer_bytes() const { return answer_.bytes.size(); }
  // For an event stream; the connection is of no use afterwards.
  [[nodiscard]] HttpTransport& transport() { return transport_; }

 private:
  // Of one state; kAgain: go on.
  Step shake_hands(HttpTime now);
  Step read_head(HttpTime now);
  Step read_on();
  Step send_answer(HttpTime now);
  Step linger();
  Step wait(Io io);
  Step fail_with(HttpFault fault);

  HttpTransport transport_;
  const HttpDeadlines& deadlines_;
  State state_ = State::kHandshake;
  bool wants_to_write_ = false;
  HttpTime deadline_;
  HttpTime since_;
  std::string input_;
  std::size_t searched_ = 0;  // of input_, for the end of a head
  HttpHead head_;
  HttpBody body_;
  HttpFault fault_;
  HttpAnswer answer_;
  std::size_t sent_ = 0;
  std::size_t lingered_ = 0;
};

}  // namespace mcast::agent
