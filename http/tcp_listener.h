// Listening TCP sockets.
#pragma once

#include "base/file_descriptor.h"
#include "base/result.h"
#include "http/listen_address.h"

namespace mcast::agent {

struct TcpListener {
  FileDescriptor socket;  // non-blocking
  ListenAddress address;  // with the real port where 0 was asked for
};

// Without a host: on every address, IPv6 and IPv4. Names are resolved; the first
// address that can be had counts.
[[nodiscard]] Result<TcpListener> listen_tcp(const ListenAddress& address);

}  // namespace mcast::agent
