// Numbers of the kernel's interface that Debian 12's headers do not have.
#pragma once

#include <cstdint>

namespace mcast::netlink {

// include/uapi/linux/rtnetlink.h. The dump answers with messages of the same type.
// IPv6 has it since long; IPv4 since Linux 6.15.
inline constexpr std::uint16_t kGetMulticast = 58;  // RTM_GETMULTICAST

}  // namespace mcast::netlink
