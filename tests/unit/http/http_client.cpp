#include "tests/unit/http/http_client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace mcast::http {
namespace {

void set_timeouts(int socket) {
  constexpr timeval kTimeout{.tv_sec = 10, .tv_usec = 0};
  (void)::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  (void)::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);
}

}  // namespace

HttpClient HttpClient::to_port(std::uint16_t port, int receive_buffer, std::uint8_t from) {
  FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  set_timeouts(socket.get());
  if (receive_buffer > 0) {
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (from != 1) {
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + from);
    (void)::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    socket.reset();
  }
  return HttpClient(std::move(socket));
}

HttpClient HttpClient::to_socket(const std::string& path) {
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  set_timeouts(socket.get());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, std::begin(address.sun_path));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    socket.reset();
  }
  return HttpClient(std::move(socket));
}

bool HttpClient::begin_tls(const std::string& authority) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_locations(context_.get(), authority.c_str(), nullptr) != 1) return false;
  session_.reset(SSL_new(context_.get()));
  (void)SSL_set1_host(session_.get(), "localhost");
  (void)SSL_set_fd(session_.get(), socket_.get());
  return SSL_connect(session_.get()) == 1;
}

bool HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = 0;
    if (session_) {
      sent = SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
    } else {
      sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpClient::read_more() {
  std::array<char, 65'536> buffer{};
  ssize_t length = 0;
  if (session_) {
    length = SSL_read(session_.get(), buffer.data(), static_cast<int>(buffer.size()));
  } else {
    length = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  }
  if (length <= 0) return false;
  input_.append(buffer.data(), static_cast<std::size_t>(length));
  return true;
}

bool HttpClient::receive_until(std::string_view text) {
  while (!input_.contains(text)) {
    if (!read_more()) return false;
  }
  return true;
}

bool HttpClient::ends() {
  return !read_more();
}

ClientAnswer HttpClient::receive(bool of_head) {
  ClientAnswer answer;
  if (!receive_until("\r\n\r\n")) return answer;
  const std::size_t end = input_.find("\r\n\r\n") + 4;
  answer.head = input_.substr(0, end);
  input_.erase(0, end);
  (void)std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
  const std::size_t length_at = answer.head.find("Content-Length: ");
  if (of_head || length_at == std::string::npos) return answer;
  std::size_t length = 0;
  (void)std::from_chars(answer.head.data() + length_at + 16, answer.head.data() + end, length);
  while (input_.size() < length) {
    if (!read_more()) break;
  }
  answer.body = input_.substr(0, length);
  input_.erase(0, length);
  return answer;
}

std::string request(std::string_view method, std::string_view path, std::string_view headers,
                    std::string_view body) {
  std::string text =
      std::string(method) + " " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  text += headers;
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + std::string(body);
}

}  // namespace mcast::http
