// Says that interfaces, addresses or routes changed, so that somebody looks
// again; not what changed. One thread.
#pragma once

#include <linux/rtnetlink.h>

#include <optional>
#include <utility>

#include "base/result.h"
#include "netlink/rtnetlink/socket.h"

namespace mcast::netlink {

class LinkMonitor {
 public:
  [[nodiscard]] static Result<LinkMonitor> open() {
    auto socket =
        Socket::open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR);
    if (!socket) return std::unexpected(socket.error());
    return LinkMonitor(std::move(*socket));
  }

  // Readable when something changed.
  [[nodiscard]] int fd() const { return socket_.fd(); }
  // Takes all notifications that wait: true if there was one, or if the kernel
  // had to drop some. Never blocks.
  [[nodiscard]] Result<bool> drain() {
    bool changed = false;
    auto drained = socket_.drain([&](std::optional<Bytes> /*datagram*/) { changed = true; });
    if (!drained) return std::unexpected(drained.error());
    return changed;
  }

 private:
  explicit LinkMonitor(Socket socket) : socket_(std::move(socket)) {}
  Socket socket_;
};

}  // namespace mcast::netlink
