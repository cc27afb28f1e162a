#include "http/transport.h"

#include <openssl/err.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>

namespace mcast::http {
namespace {

Io wait_or_end(Io wait) {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? wait : Io::kEnd;
}

}  // namespace

Io Transport::judge(int returned) {
  if (returned > 0) return Io::kDone;
  const int error = SSL_get_error(session_.get(), returned);
  if (error == SSL_ERROR_WANT_READ) return Io::kWaitToRead;
  if (error == SSL_ERROR_WANT_WRITE) return Io::kWaitToWrite;
  ERR_clear_error();
  return Io::kEnd;
}

bool Transport::begin_tls(const TlsContext& context) {
  session_ = context.session(socket_);
  return session_ != nullptr;
}

Io Transport::handshake() {
  ERR_clear_error();
  return judge(SSL_do_handshake(session_.get()));
}

Transport::Outcome Transport::read(std::span<char> buffer) {
  if (session_) {
    std::size_t bytes = 0;
    ERR_clear_error();
    const Io io = judge(SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &bytes));
    return {.io = io, .bytes = bytes};
  }
  const ssize_t bytes = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (bytes > 0) return {.io = Io::kDone, .bytes = static_cast<std::size_t>(bytes)};
  return {.io = bytes == 0 ? Io::kEnd : wait_or_end(Io::kWaitToRead)};
}

Transport::Outcome Transport::write(std::string_view data) {
  if (session_) {
    std::size_t bytes = 0;
    ERR_clear_error();
    const Io io = judge(SSL_write_ex(session_.get(), data.data(), data.size(), &bytes));
    return {.io = io, .bytes = bytes};
  }
  const ssize_t bytes = ::send(socket_, data.data(), data.size(), MSG_NOSIGNAL);
  if (bytes > 0) return {.io = Io::kDone, .bytes = static_cast<std::size_t>(bytes)};
  return {.io = wait_or_end(Io::kWaitToWrite)};
}

void Transport::finish_writing() {
  if (session_) {
    ERR_clear_error();
    (void)SSL_shutdown(session_.get());
    ERR_clear_error();
  }
  (void)::shutdown(socket_, SHUT_WR);
}

void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  (void)::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace mcast::http
