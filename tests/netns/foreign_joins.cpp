#include "tests/netns/foreign_joins.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "tests/netns/failure.h"

namespace mcast::test {

ForeignJoins::ForeignJoins(const Namespace& where, const std::string& interface)
    : socket_(where.socket(AF_INET, SOCK_DGRAM)),
      ifindex_(static_cast<int>(where.interface_index(interface))) {}

void ForeignJoins::join(const std::string& group) const {
  change(IP_ADD_MEMBERSHIP, group);
}

void ForeignJoins::leave(const std::string& group) const {
  change(IP_DROP_MEMBERSHIP, group);
}

void ForeignJoins::change(int option, const std::string& group) const {
  ip_mreqn request{};
  request.imr_ifindex = ifindex_;
  if (::inet_pton(AF_INET, group.c_str(), &request.imr_multiaddr) != 1) {
    fail_with("'" + group + "' is no IPv4 address");
  }
  if (::setsockopt(socket_.get(), IPPROTO_IP, option, &request, sizeof request) != 0) {
    fail_with_errno("join or leave " + group, errno);
  }
}

}  // namespace mcast::test
