// The sockets of the engines, opened and set up in one place. Functions return
// an Error that names the option that the system refused. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/address.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "probe/stream_spec.h"

namespace mcast {

// A non-blocking UDP socket on the wildcard address of `port`, of one family alone
// (IPV6_V6ONLY), shared with other programs (SO_REUSEADDR), with packet info, TTL or hop limit,
// TOS or traffic class and kernel timestamps as control messages, UDP_GRO where the kernel has
// it, and the largest receive buffer up to 32 MiB that this process may have. It gets datagrams
// of every group that anybody on this host has joined (IP_MULTICAST_ALL, ip(7)).
[[nodiscard]] Result<FileDescriptor> open_receive_socket(Family family, std::uint16_t port);

// A socket that only holds memberships and gets no datagrams.
[[nodiscard]] Result<FileDescriptor> open_membership_socket(Family family);

// MCAST_JOIN_GROUP / MCAST_JOIN_SOURCE_GROUP (RFC 3678) by interface index, and
// their counterparts. The error's code is the system's errno; is_full() of it means that this
// socket holds as many memberships as it may.
[[nodiscard]] Result<void> join_group(const FileDescriptor& socket, const IpAddress& group,
                                      const std::optional<IpAddress>& source, int ifindex);
// ENOBUFS: igmp_max_memberships, 20 by default. ENOMEM: optmem_max, some 2,300 of IPv6
// (sock_kmalloc() in net/core/sock.c).
[[nodiscard]] bool is_full(const Error& error);
[[nodiscard]] Result<void> leave_group(const FileDescriptor& socket, const IpAddress& group,
                                       const std::optional<IpAddress>& source, int ifindex);

struct SendSocket {
  FileDescriptor socket;
  IpAddress local_address;
  std::size_t max_payload = 0;  // bytes of UDP payload that need no fragments on the way
};

// A connected, non-blocking UDP socket for one sender stream, going out of the
// interface `ifindex`.
[[nodiscard]] Result<SendSocket> open_send_socket(const SenderSpec& spec, int ifindex);

// Packets that the kernel dropped at this socket, for ever counting modulo 2^32:
// the number that SO_RXQ_OVFL reports, but not only when a later packet comes.
[[nodiscard]] Result<std::uint32_t> socket_drops(const FileDescriptor& socket);

// Bytes of kernel memory that may queue at this socket.
[[nodiscard]] Result<std::size_t> receive_buffer_size(const FileDescriptor& socket);

}  // namespace mcast
