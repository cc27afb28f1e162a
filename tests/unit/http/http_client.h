// A client that does what it is told, right or wrong, and never waits for longer than
// ten seconds.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace mcast::http {

struct ClientAnswer {
  int status = 0;  // 0: there was none
  std::string head = {};
  std::string body = {};
};

class HttpClient {
 public:
  // `from`: the last number of the client's address, 127.0.0.x.
  static HttpClient to_port(std::uint16_t port, int receive_buffer = 0, std::uint8_t from = 1);
  static HttpClient to_socket(const std::string& path);

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] bool connected() const { return static_cast<bool>(socket_); }
  // `authority`: the file with the certificate to trust. False: the handshake failed.
  [[nodiscard]] bool begin_tls(const std::string& authority);

  // False: it did not take all of it.
  bool send(std::string_view bytes);
  // One answer, of which bytes behind its body stay for the next call.
  [[nodiscard]] ClientAnswer receive(bool of_head = false);
  // Until `text` has come; false when the connection ends before.
  [[nodiscard]] bool receive_until(std::string_view text);
  // Nothing more comes: the other side has ended it.
  [[nodiscard]] bool ends();
  ClientAnswer ask(std::string_view request) {
    return send(request) ? receive(request.starts_with("HEAD")) : ClientAnswer{};
  }

 private:
  struct ContextEnd {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  struct SessionEnd {
    void operator()(SSL* session) const { SSL_free(session); }
  };
  explicit HttpClient(FileDescriptor socket) : socket_(std::move(socket)) {}
  // False at the end.
  bool read_more();

  FileDescriptor socket_;
  std::unique_ptr<SSL_CTX, ContextEnd> context_;
  std::unique_ptr<SSL, SessionEnd> session_;
  std::string input_;
};

// "GET /path HTTP/1.1", Host and these header lines, each with its CR LF.
[[nodiscard]] std::string request(std::string_view method, std::string_view path,
                                  std::string_view headers = {}, std::string_view body = {});

}  // namespace mcast::http
