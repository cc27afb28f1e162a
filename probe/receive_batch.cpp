#include "probe/receive_batch.h"

#include <netinet/udp.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <ctime>

namespace mcast {
namespace {

#ifndef UDP_GRO
#define UDP_GRO 104  // include/uapi/linux/udp.h
#endif

// Control data is not aligned for every type: copied, never cast.
template <typename T>
T control_value(const cmsghdr* header) {
  T value{};
  if (header->cmsg_len >= CMSG_LEN(sizeof value)) {
    std::memcpy(&value, CMSG_DATA(header), sizeof value);
  }
  return value;
}

IpAddress address_of(const in6_addr& address) {
  return IpAddress::v6(std::bit_cast<std::array<std::uint8_t, 16>>(address));
}

IpAddress address_of(const sockaddr_in6& source) {
  if (source.sin6_family == AF_INET6) return address_of(source.sin6_addr);
  // Port and address of a sockaddr_in lie in the same places as port and flow label.
  static_assert(offsetof(sockaddr_in, sin_addr) == offsetof(sockaddr_in6, sin6_flowinfo));
  return IpAddress::v4(ntohl(source.sin6_flowinfo));
}

}  // namespace

ReceiveBatch::ReceiveBatch()
    : buffers_(std::make_unique_for_overwrite<std::uint8_t[]>(kSize * kStride)) {
  for (std::size_t i = 0; i < kSize; ++i) {
    vectors_[i] = {.iov_base = buffers_.get() + i * kStride, .iov_len = kBufferSize};
    msghdr& header = messages_[i].msg_hdr;
    header.msg_name = &sources_[i];
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_[i].bytes.data();
  }
}

std::size_t ReceiveBatch::read(int socket) {
  for (mmsghdr& message : messages_) {
    message.msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    message.msg_hdr.msg_controllen = kControlSize;
  }
  const int count = ::recvmmsg(socket, messages_.data(), kSize, MSG_DONTWAIT, nullptr);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

ReceivedDatagram ReceiveBatch::datagram(std::size_t i) const {
  const mmsghdr& message = messages_[i];
  ReceivedDatagram result;
  result.data = {buffers_.get() + i * kStride, std::min<std::size_t>(message.msg_len, kBufferSize)};
  result.segment_size = result.data.size();
  result.source = address_of(sources_[i]);
  // CMSG_NXTHDR wants a non-const header, though it only reads.
  msghdr header = message.msg_hdr;
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level == IPPROTO_IPV6) {
      if (control->cmsg_type == IPV6_PKTINFO) {
        const auto info = control_value<in6_pktinfo>(control);
        result.destination = address_of(info.ipi6_addr);
        result.ifindex = static_cast<int>(info.ipi6_ifindex);
      } else if (control->cmsg_type == IPV6_HOPLIMIT) {
        result.ttl = static_cast<std::uint8_t>(control_value<int>(control));
      } else if (control->cmsg_type == IPV6_TCLASS) {
        result.tos = static_cast<std::uint8_t>(control_value<int>(control));
      }
    } else if (control->cmsg_level == IPPROTO_IP) {
      if (control->cmsg_type == IP_PKTINFO) {
        const auto info = control_value<in_pktinfo>(control);
        result.destination = IpAddress::v4(ntohl(info.ipi_addr.s_addr));
        result.ifindex = info.ipi_ifindex;
      } else if (control->cmsg_type == IP_TTL) {
        result.ttl = static_cast<std::uint8_t>(control_value<int>(control));
      } else if (control->cmsg_type == IP_TOS) {
        result.tos = control_value<std::uint8_t>(control);
      }
    } else if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
      const auto time = control_value<timespec>(control);
      result.realtime = time.tv_sec * kSecond + time.tv_nsec;
    } else if (control->cmsg_level == IPPROTO_UDP && control->cmsg_type == UDP_GRO) {
      const int size = control_value<int>(control);
      if (size > 0) result.segment_size = static_cast<std::size_t>(size);
    }
  }
  return result;
}

}  // namespace mcast
