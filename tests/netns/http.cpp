#include "tests/netns/http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

void set_timeouts(const FileDescriptor& socket) {
  constexpr timeval kTimeout{.tv_sec = 2, .tv_usec = 0};
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);
}

void send_all(const FileDescriptor& socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t length = ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (length < 0) fail_with_errno("send", errno);
    text.remove_prefix(static_cast<std::size_t>(length));
  }
}

// False at the end.
bool receive(const FileDescriptor& socket, std::string& text) {
  std::array<char, 65'536> buffer{};
  const ssize_t length = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
  if (length < 0) fail_with_errno("recv", errno);
  text.append(buffer.data(), static_cast<std::size_t>(length));
  return length > 0;
}

}  // namespace

FileDescriptor connect_to(const Namespace& where, std::uint16_t port) {
  FileDescriptor socket = where.socket(AF_INET, SOCK_STREAM);
  set_timeouts(socket);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail_with_errno("connect to port " + std::to_string(port), errno);
  }
  return socket;
}

FileDescriptor connect_to(const std::string& unix_socket) {
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  set_timeouts(socket);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (unix_socket.size() >= sizeof address.sun_path) fail_with("too long: " + unix_socket);
  std::ranges::copy(unix_socket, &address.sun_path[0]);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail_with_errno("connect to " + unix_socket, errno);
  }
  return socket;
}

HttpAnswer http_exchange(const FileDescriptor& socket, std::string_view request) {
  send_all(socket, request);
  std::string text;
  while (receive(socket, text)) {
  }
  const std::size_t head_end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || head_end == std::string::npos) {
    fail_with("not an HTTP answer: " + text.substr(0, 200));
  }
  return {.status = std::atoi(text.c_str() + 9),
          .head = text.substr(0, head_end),
          .body = text.substr(head_end + 4)};
}

HttpAnswer http_get(const Namespace& where, const std::string& path, std::uint16_t port,
                    const std::string& headers) {
  return http_exchange(connect_to(where, port), "GET " + path +
                                                    " HTTP/1.1\r\nHost: localhost\r\n"
                                                    "Connection: close\r\n" +
                                                    headers + "\r\n");
}

std::string read_events(const FileDescriptor& socket, std::string_view path,
                        const std::function<bool(const std::string&)>& enough) {
  send_all(socket, "GET " + std::string(path) + " HTTP/1.1\r\nHost: agent\r\n\r\n");
  std::string text;
  while (!enough(text)) {
    if (!receive(socket, text)) fail_with("the event stream ended: " + text);
  }
  return text;
}

}  // namespace mcast::test
