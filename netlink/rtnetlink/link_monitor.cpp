#include "netlink/rtnetlink/link_monitor.h"

#include <linux/rtnetlink.h>

#include <cerrno>

namespace mcast::netlink {

Result<LinkMonitor> LinkMonitor::open() {
  auto socket =
      Socket::open(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR);
  if (!socket) return std::unexpected(socket.error());
  return LinkMonitor(std::move(*socket));
}

Result<bool> LinkMonitor::drain() {
  bool changed = false;
  for (;;) {
    const auto read = socket_.discard_one();
    if (!read) {
      if (read.error().code != ENOBUFS) return std::unexpected(read.error());
      changed = true;
      continue;
    }
    if (!*read) return changed;
    changed = true;
  }
}

}  // namespace mcast::netlink
