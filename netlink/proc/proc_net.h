// The tables of /proc/net. Parsers are pure functions of a file's text, any thread; an error
// names the line. Files are those of this network namespace; `proc_root` is "/proc" outside
// of tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

// The whole file, at most 64 MiB. The error names it and has errno as its code.
[[nodiscard]] Result<std::string> read_proc_file(const std::filesystem::path& path);

// What a parser makes of a file; an error names both file and line.
template <typename Parse>
[[nodiscard]] auto read_table(const std::filesystem::path& path, Parse parse)
    -> decltype(parse(std::string_view())) {
  const auto text = read_proc_file(path);
  if (!text) return std::unexpected(text.error());
  auto table = parse(std::string_view(*text));
  if (!table) return fail(path.string() + ": " + table.error().message);
  return table;
}

// The names in /proc/net/dev: dev_seq_printf_stats() in net/core/net-procfs.c.
[[nodiscard]] Result<std::vector<std::string>> parse_proc_dev(std::string_view text);

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

// /proc/net/igmp: groups as hexadecimal numbers in host byte order; igmp_mc_seq_show() in
// net/ipv4/igmp.c.
[[nodiscard]] Result<ProcIgmp> parse_proc_igmp(std::string_view text);
// /proc/net/igmp6: groups as 32 hexadecimal digits in network order; igmp6_mc_seq_show() in
// net/ipv6/mcast.c.
[[nodiscard]] Result<std::vector<Membership>> parse_proc_igmp6(std::string_view text);
// /proc/net/mcfilter and /proc/net/mcfilter6: igmp_mcf_seq_show(), igmp6_mcf_seq_show().
[[nodiscard]] Result<std::vector<SourceFilter>> parse_proc_mcfilter(std::string_view text);
[[nodiscard]] Result<std::vector<SourceFilter>> parse_proc_mcfilter6(std::string_view text);

// What the kernel counts of datagrams that it did not deliver, since the namespace was made.
struct UdpCounters {
  std::uint64_t in_errors = 0;              // InErrors, with those of the two below
  std::uint64_t receive_buffer_errors = 0;  // RcvbufErrors: a socket was full
  std::uint64_t checksum_errors = 0;        // InCsumErrors
  // Of IP: fragments that came, and datagrams that were made of them.
  std::uint64_t fragments = 0;    // ReasmReqds
  std::uint64_t reassembled = 0;  // ReasmOKs

  friend bool operator==(const UdpCounters&, const UdpCounters&) = default;
};
// /proc/net/snmp, the lines "Ip:" and "Udp:" (snmp_seq_show() in net/ipv4/proc.c); IPv4.
[[nodiscard]] Result<UdpCounters> parse_proc_snmp(std::string_view text);
// /proc/net/snmp6, a name and a value a line (snmp6_seq_show() in net/ipv6/proc.c).
[[nodiscard]] Result<UdpCounters> parse_proc_snmp6(std::string_view text);

// /proc/net/dev_snmp6/IF (snmp6_seq_show_item() in net/ipv6/proc.c), which anybody may read: what
// an interface has heard and said of MLD.
struct MldCounters {
  int ifindex = 0;
  std::uint64_t queries = 0;      // heard, also those that no host answers
  std::uint64_t v1_messages = 0;  // reports and Done of version 1 that this host sent
  std::uint64_t v2_reports = 0;   // that it sent

  friend bool operator==(const MldCounters&, const MldCounters&) = default;
};
[[nodiscard]] Result<MldCounters> parse_proc_dev_snmp6(std::string_view text);

// /proc/net/netstat (netstat_seq_show() in net/ipv4/proc.c); nullopt: this kernel does
// not count it.
struct IpCounters {
  std::optional<std::uint64_t> reverse_path_filtered;  // TcpExt IPReversePathFilter, packets
  std::optional<std::uint64_t> multicast_packets;      // IpExt InMcastPkts, that arrived

  friend bool operator==(const IpCounters&, const IpCounters&) = default;
};
[[nodiscard]] Result<IpCounters> parse_proc_netstat(std::string_view text);

// One line of /proc/net/udp or udp6 (udp4_format_sock() in net/ipv4/udp.c).
struct UdpSocket {
  IpAddress address;  // bound to; unspecified: to none
  std::uint16_t port = 0;
  std::uint64_t receive_queue = 0;  // bytes that wait to be read, with their overhead
  std::uint64_t drops = 0;          // datagrams, since the socket was made
  std::uint64_t inode = 0;          // "socket:[inode]" below /proc/PID/fd

  friend bool operator==(const UdpSocket&, const UdpSocket&) = default;
};
[[nodiscard]] Result<std::vector<UdpSocket>> parse_proc_udp(std::string_view text, Family family);
// Those of both families: a socket of IPv6 may get IPv4, too. A family that cannot be read
// has none.
[[nodiscard]] std::vector<UdpSocket> read_udp_sockets(const std::filesystem::path& proc_root);

}  // namespace mcast::netlink
