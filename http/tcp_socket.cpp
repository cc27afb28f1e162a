#include "http/tcp_socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/number.h"

namespace mcast::http {
namespace {

// Connections that the kernel holds until they are accepted. Beyond it they lose
// their SYN and try again a second later: a client makes 512 of them in the time for
// which a busy host lets the accepting thread wait. net.core.somaxconn bounds it.
constexpr int kBacklog = 4096;

struct AddressesEnd {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};

// The socket, or an errno value.
std::expected<FileDescriptor, int> try_address(const addrinfo& address) {
  FileDescriptor socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return std::unexpected(errno);
  // No SO_REUSEPORT: two agents on one port would share its connections at random.
  const int on = 1;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Fails, without harm, on an IPv4 socket.
  const int off = 0;
  (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(socket.get(), address.ai_addr, address.ai_addrlen) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return std::unexpected(errno);
  }
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

Result<TcpListener> listen_on(const ListenAddress& address, const std::string& host) {
  const std::string what = "cannot listen on " + address.to_string();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  if (const int code = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); code != 0) {
    return fail(what + ": " + ::gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, AddressesEnd> addresses(found);
  int error = EADDRNOTAVAIL;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    auto socket = try_address(*one);
    if (socket) {
      const std::uint16_t real_port = port_of(socket->get());
      return TcpListener{.socket = std::move(*socket),
                         .address = {.host = address.host, .port = real_port}};
    }
    error = socket.error();
  }
  return fail_errno(what, error);
}

}  // namespace

std::string ListenAddress::to_string() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return fail("listen address '" + std::string(text) + "': " + std::string(why) +
                "; for example :19779, 127.0.0.1:19779 or [::1]:19779");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return refuse("an IPv6 address stands in brackets");
  }
  if (host.find_first_of(" \t/[]") != std::string_view::npos) return refuse("not a host");
  const auto port = parse_number<std::uint16_t>(digits);
  if (!port) return refuse("the port is 0 to 65535");
  return ListenAddress{.host = std::string(host), .port = *port};
}

Result<TcpListener> listen_tcp(const ListenAddress& address) {
  if (!address.host.empty()) return listen_on(address, address.host);
  auto every = listen_on(address, "::");
  // A host without IPv6.
  if (!every && every.error().code != EADDRINUSE) return listen_on(address, "0.0.0.0");
  return every;
}

Peer tcp_peer(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return {.name = "unknown"};
  }
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto write = [&text](int family, const void* bytes) {
    (void)::inet_ntop(family, bytes, text.data(), text.size());
    return std::string(text.data());
  };
  if (address.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
    const std::string host = write(AF_INET, &v4->sin_addr);
    return {.name = host + ":" + std::to_string(ntohs(v4->sin_port)), .address = host};
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
  const std::string port = ":" + std::to_string(ntohs(v6->sin6_port));
  if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
    const std::string host = write(AF_INET, &v6->sin6_addr.s6_addr[12]);
    return {.name = host + port, .address = host};
  }
  in6_addr network = v6->sin6_addr;
  std::fill(std::begin(network.s6_addr) + 8, std::end(network.s6_addr), std::uint8_t{0});
  return {.name = "[" + write(AF_INET6, &v6->sin6_addr) + "]" + port,
          .address = write(AF_INET6, &network)};
}

}  // namespace mcast::http
