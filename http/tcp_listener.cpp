#include "http/tcp_listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

namespace mcast::agent {
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

Result<TcpListener> listen_tcp(const ListenAddress& address) {
  if (!address.host.empty()) return listen_on(address, address.host);
  auto every = listen_on(address, "::");
  // A host without IPv6.
  if (!every && every.error().code != EADDRINUSE) return listen_on(address, "0.0.0.0");
  return every;
}

}  // namespace mcast::agent
