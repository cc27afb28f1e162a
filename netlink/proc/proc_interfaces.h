// From the text of the /proc/net files of interfaces to values: pure functions, any
// thread. An error names the line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

// The names in /proc/net/dev: every interface of the namespace. dev_seq_printf_stats()
// in net/core/net-procfs.c.
[[nodiscard]] Result<std::vector<std::string>> parse_proc_dev(std::string_view text);

// /proc/net/if_inet6: if6_seq_show() in net/ipv6/addrconf.c.
[[nodiscard]] Result<std::vector<InterfaceAddress>> parse_proc_if_inet6(std::string_view text);

}  // namespace mcast::netlink
