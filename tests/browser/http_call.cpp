#include "tests/browser/http_call.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

constexpr timeval kTimeout{.tv_sec = 30, .tv_usec = 0};

FileDescriptor connect_to(const Namespace& where, std::uint16_t port) {
  FileDescriptor socket = where.socket(AF_INET, SOCK_STREAM);
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail_with_errno("connect to port " + std::to_string(port), errno);
  }
  return socket;
}

void send_all(const FileDescriptor& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) fail_with_errno("send", errno);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// False at the end.
bool receive_more(const FileDescriptor& socket, std::string& text) {
  std::array<char, 65'536> buffer{};
  const ssize_t length = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
  if (length < 0) fail_with_errno("recv", errno);
  text.append(buffer.data(), static_cast<std::size_t>(length));
  return length > 0;
}

std::size_t content_length(std::string head) {
  std::ranges::transform(head, head.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::string_view kKey = "\r\ncontent-length:";
  const std::size_t found = head.find(kKey);
  if (found == std::string::npos) return 0;
  return std::strtoull(head.c_str() + found + kKey.size(), nullptr, 10);
}

}  // namespace

HttpCallAnswer http_call(const Namespace& where, std::uint16_t port, const std::string& method,
                         const std::string& path, const std::string& body) {
  const FileDescriptor socket = connect_to(where, port);
  const std::string what = method + " " + path;
  std::string request = what;
  request += " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  request += "Content-Type: application/json\r\n";
  request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  send_all(socket, request + body);
  constexpr std::string_view kEndOfHead = "\r\n\r\n";
  std::string text;
  std::size_t end = std::string::npos;
  while ((end = text.find(kEndOfHead)) == std::string::npos) {
    if (!receive_more(socket, text)) fail_with(what + ": no answer");
  }
  const std::string head = text.substr(0, end);
  std::string content = text.substr(end + kEndOfHead.size());
  const std::size_t length = content_length(head);
  while (content.size() < length && receive_more(socket, content)) {
  }
  constexpr std::size_t kStatusAt = std::string_view("HTTP/1.1 ").size();
  return {.status = std::atoi(head.substr(std::min(kStatusAt, head.size())).c_str()),
          .body = std::move(content)};
}

}  // namespace mcast::test
