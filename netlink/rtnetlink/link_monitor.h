// Says that interfaces, addresses or routes changed, so that somebody looks
// again; not what changed. One thread.
#pragma once

#include "base/result.h"
#include "netlink/rtnetlink/socket.h"

namespace mcast::netlink {

class LinkMonitor {
 public:
  [[nodiscard]] static Result<LinkMonitor> open();

  // Readable when something changed.
  [[nodiscard]] int fd() const { return socket_.fd(); }
  // Takes all notifications that wait: true if there was one, or if the kernel
  // had to drop some. Never blocks.
  [[nodiscard]] Result<bool> drain();

 private:
  explicit LinkMonitor(Socket socket) : socket_(std::move(socket)) {}
  Socket socket_;
};

}  // namespace mcast::netlink
