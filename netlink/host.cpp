#include "netlink/host.h"

#include "netlink/proc/proc_host.h"
#include "netlink/rtnetlink/rtnetlink_host.h"

namespace mcast::netlink {

Result<Host> Host::open() {
  auto socket = Socket::open();
  if (!socket) return std::unexpected(socket.error());
  return Host(Way::kNetlink, std::make_unique<RtnetlinkHost>(std::move(*socket)));
}

Result<Host> Host::without_netlink(std::filesystem::path proc_root) {
  auto interfaces = InterfaceIoctls::open();
  if (!interfaces) return std::unexpected(interfaces.error());
  return Host(Way::kProc, std::make_unique<ProcHost>(std::move(proc_root), std::move(*interfaces)));
}

}  // namespace mcast::netlink
