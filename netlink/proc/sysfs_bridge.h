// A bridge's settings below /sys/class/net, for programs that may not use netlink. Any
// thread.
//
// A sysfs shows the network namespace that was current when it was mounted, whichever
// one reads it: "ip netns exec" mounts one anew, "nsenter -n" and "unshare -n" do not.
// So nothing is believed before an index and an Ethernet address have shown that the
// bridge there is the bridge here.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

// `folder` is /sys/class/net/NAME, `ifindex` and `hardware_address` what the kernel says
// of the bridge of that name in this namespace. The error code is EOPNOTSUPP where the
// folder is missing or is another one's.
[[nodiscard]] Result<Bridge> read_sysfs_bridge(const std::filesystem::path& folder, int ifindex,
                                               const std::string& hardware_address);

}  // namespace mcast::netlink
