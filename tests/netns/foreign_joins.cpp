#include "tests/netns/foreign_joins.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "tests/netns/datagram.h"
#include "tests/netns/failure.h"
#include "tests/netns/net.h"

namespace mcast::test {

ForeignJoins::ForeignJoins(const Namespace& where, const std::string& interface)
    : v4_(where.socket(AF_INET, SOCK_DGRAM)),
      v6_(where.socket(AF_INET6, SOCK_DGRAM)),
      interface_index_(where.interface_index(interface)) {}

void ForeignJoins::join(const std::string& group) const {
  change(MCAST_JOIN_GROUP, group, {});
}

void ForeignJoins::leave(const std::string& group) const {
  change(MCAST_LEAVE_GROUP, group, {});
}

void ForeignJoins::join(const std::string& group, const std::string& source) const {
  change(MCAST_JOIN_SOURCE_GROUP, group, source);
}

void ForeignJoins::change(int option, const std::string& group, const std::string& source) const {
  const bool v4 = net_of(group).is_v4();
  group_source_req both{};
  both.gsr_interface = interface_index_;
  both.gsr_group = SocketAddress(group, 0).storage();
  group_req any{};
  any.gr_interface = interface_index_;
  any.gr_group = both.gsr_group;
  if (!source.empty()) both.gsr_source = SocketAddress(source, 0).storage();
  const void* const request = source.empty() ? static_cast<const void*>(&any) : &both;
  const auto size = static_cast<socklen_t>(source.empty() ? sizeof any : sizeof both);
  if (::setsockopt((v4 ? v4_ : v6_).get(), v4 ? IPPROTO_IP : IPPROTO_IPV6, option, request, size) !=
      0) {
    fail_with_errno("join or leave " + group, errno);
  }
}

bool has_joined(const Namespace& where, const std::string& group) {
  const IpAddress address = IpAddress::parse(group).value();
  std::vector<std::uint8_t> bytes(address.bytes().begin(), address.bytes().end());
  // A number of the machine's own order there, of the network's here.
  if (address.is_v4()) std::ranges::reverse(bytes);
  std::string digits;
  for (const std::uint8_t byte : bytes) {
    std::array<char, 3> two{};
    std::snprintf(two.data(), two.size(), address.is_v4() ? "%02X" : "%02x", unsigned{byte});
    digits += two.data();
  }
  return where.proc_net(address.is_v4() ? "igmp" : "igmp6").find(digits) != std::string::npos;
}

}  // namespace mcast::test
