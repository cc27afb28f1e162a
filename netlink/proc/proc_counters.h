// What the kernel counts of datagrams that it did not deliver, from the text of
// /proc/net files. Parsers are pure functions, any thread; an error names the line.
// Counters are those of the network namespace since it was made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace mcast::netlink {

// /proc/net/snmp, the lines "Udp:" (snmp_seq_show() in net/ipv4/proc.c); IPv4.
struct UdpCounters {
  std::uint64_t in_errors = 0;              // InErrors, with those of the two below
  std::uint64_t receive_buffer_errors = 0;  // RcvbufErrors: a socket was full
  std::uint64_t checksum_errors = 0;        // InCsumErrors

  friend bool operator==(const UdpCounters&, const UdpCounters&) = default;
};
[[nodiscard]] Result<UdpCounters> parse_proc_snmp(std::string_view text);

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

// The files of this namespace; `proc_root` is "/proc" outside of tests. Without IPv6 there
// are no sockets of it.
[[nodiscard]] Result<UdpCounters> read_udp_counters(const std::filesystem::path& proc_root);
[[nodiscard]] Result<IpCounters> read_ip_counters(const std::filesystem::path& proc_root);
[[nodiscard]] Result<std::vector<UdpSocket>> read_udp_sockets(
    const std::filesystem::path& proc_root, Family family);

}  // namespace mcast::netlink
