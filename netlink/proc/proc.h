// From the text of /proc/net files to values: pure functions, any thread. An
// error names the line. Formats: net/ipv4/igmp.c (igmp_mc_seq_show,
// igmp_mcf_seq_show), net/ipv6/mcast.c (igmp6_mc_seq_show, igmp6_mcf_seq_show).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

struct ProcIgmp {
  struct Interface {
    int ifindex = 0;
    std::string name;
    // IGMP version in operation, 1 to 3; 0 on a kernel without CONFIG_IP_MULTICAST, which
    // lists memberships ("NONE" for the querier) and speaks no IGMP
    int version = 0;
  };
  std::vector<Interface> interfaces;
  std::vector<Membership> memberships;
};

// /proc/net/igmp: groups as hexadecimal numbers in host byte order.
[[nodiscard]] Result<ProcIgmp> parse_proc_igmp(std::string_view text);
// /proc/net/igmp6: groups as 32 hexadecimal digits in network order.
[[nodiscard]] Result<std::vector<Membership>> parse_proc_igmp6(std::string_view text);
// /proc/net/mcfilter and /proc/net/mcfilter6.
[[nodiscard]] Result<std::vector<SourceFilter>> parse_proc_mcfilter(std::string_view text);
[[nodiscard]] Result<std::vector<SourceFilter>> parse_proc_mcfilter6(std::string_view text);

}  // namespace mcast::netlink
