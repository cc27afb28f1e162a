// The bytes of one connection: a non-blocking socket, with TLS or without. Owned and
// used by one thread at a time. SIGPIPE must be blocked on that thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/file_descriptor.h"
#include "http/tls.h"

namespace mcast::agent {

// What became of one attempt.
enum class Io : std::uint8_t { kDone, kWaitToRead, kWaitToWrite, kEnd };

class HttpTransport {
 public:
  struct Outcome {
    Io io = Io::kEnd;
    std::size_t bytes = 0;  // with kDone, above 0
  };

  // Null session: no TLS.
  HttpTransport(FileDescriptor socket, SslSession session)
      : socket_(std::move(socket)), session_(std::move(session)) {}

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] bool has_tls() const { return session_ != nullptr; }

  // None of them waits. After kEnd nothing more comes or goes.
  [[nodiscard]] Io handshake();
  [[nodiscard]] Outcome read(std::span<char> buffer);
  [[nodiscard]] Outcome write(std::string_view data);
  // Says that no more is sent; what the other side still sends can be read.
  void finish_writing();

 private:
  [[nodiscard]] Io judge(int returned);
  // Declared first, destroyed last: the session uses it.
  FileDescriptor socket_;
  SslSession session_;
};

// Blocks SIGPIPE on the calling thread, for good.
void block_sigpipe();

}  // namespace mcast::agent
