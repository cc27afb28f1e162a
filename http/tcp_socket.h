// TCP sockets: addresses to listen on, as Prometheus exporters take them (":19779",
// "127.0.0.1:19779", "[::1]:19779", "localhost:19779"), and who is on the other side. Pure
// but for listen_tcp() and tcp_peer(), which any thread may call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast::http {

struct ListenAddress {
  std::string host;        // empty: every address, IPv6 and IPv4
  std::uint16_t port = 0;  // 0: any free one

  // "[::1]:80" for IPv6, else "host:port".
  [[nodiscard]] std::string to_string() const;
};

[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

struct TcpListener {
  FileDescriptor socket;  // non-blocking
  ListenAddress address;  // with the real port where 0 was asked for
};

// Without a host: on every address, IPv6 and IPv4. Names are resolved; the first
// address that can be had counts.
[[nodiscard]] Result<TcpListener> listen_tcp(const ListenAddress& address);

struct Peer {
  std::string name = {};  // "192.0.2.1:40000", "[2001:db8::1]:40000"
  // What quotas count: the address, of IPv6 its /64, since a host may have all of that.
  std::string address = {};
  std::string refusal = {};  // why it may ask for nothing, "" where it may
};

// IPv4 on an IPv6 socket looks like IPv4.
[[nodiscard]] Peer tcp_peer(int socket);

}  // namespace mcast::http
