// The bytes of one connection: a non-blocking socket, with TLS or without. Used by one
// thread at a time. SIGPIPE must be blocked on that thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/tls.h"

namespace mcast::http {

// What became of one attempt.
enum class Io : std::uint8_t { kDone, kWaitToRead, kWaitToWrite, kEnd };

class Transport {
 public:
  struct Outcome {
    Io io = Io::kEnd;
    std::size_t bytes = 0;  // with kDone, above 0
  };

  // The descriptor stays the caller's.
  explicit Transport(int socket) : socket_(socket) {}

  [[nodiscard]] bool has_tls() const { return session_ != nullptr; }
  // From now on with TLS. False: memory is short.
  [[nodiscard]] bool begin_tls(const TlsContext& context);

  // None of them waits. After kEnd nothing more comes or goes.
  [[nodiscard]] Io handshake();
  [[nodiscard]] Outcome read(std::span<char> buffer);
  [[nodiscard]] Outcome write(std::string_view data);
  // Says that no more is sent; what the other side still sends can be read.
  void finish_writing();

 private:
  [[nodiscard]] Io judge(int returned);
  const int socket_;
  SslSession session_;
};

// Blocks SIGPIPE on the calling thread, for good.
void block_sigpipe();

}  // namespace mcast::http
