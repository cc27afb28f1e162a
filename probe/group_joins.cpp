#include "probe/group_joins.h"

#include <algorithm>

#include "probe/socket_options.h"

namespace mcast {

Result<GroupJoins::Membership> GroupJoins::join(const IpAddress& group,
                                                const std::optional<IpAddress>& source,
                                                int ifindex) {
  const std::pair key(group, ifindex);
  for (std::size_t i = first_with_room_;; ++i) {
    const bool fresh = i == holders_.size();
    if (fresh) {
      auto socket = open_membership_socket(group.family());
      if (!socket) return std::unexpected(socket.error());
      holders_.push_back(Holder{
          .socket = std::move(*socket), .family = group.family(), .held = {}, .full = false});
    }
    Holder& holder = holders_[i];
    if (holder.full || holder.family != group.family() || holder.held.contains(key)) continue;
    const auto joined = join_group(holder.socket, group, source, ifindex);
    if (joined) {
      holder.held.insert(key);
      return Membership{.socket = i, .group = group, .source = source, .ifindex = ifindex};
    }
    // A socket that holds nothing yet and still refuses: not a matter of room.
    if (!is_full(joined.error()) || holder.held.empty()) {
      if (fresh) holders_.pop_back();
      return std::unexpected(joined.error());
    }
    holder.full = true;
    while (first_with_room_ < holders_.size() && holders_[first_with_room_].full) {
      ++first_with_room_;
    }
  }
}

void GroupJoins::leave(const Membership& membership) {
  Holder& holder = holders_[membership.socket];
  if (!leave_group(holder.socket, membership.group, membership.source, membership.ifindex)) {
    // The interface is gone. For (S,G) the kernel then wants the group as a whole
    // to be left, or the entry goes on filling this socket (ip_mc_source() in
    // net/ipv4/igmp.c looks for the interface first, ip_mc_leave_group() does not).
    (void)leave_group(holder.socket, membership.group, std::nullopt, membership.ifindex);
  }
  holder.held.erase(std::pair(membership.group, membership.ifindex));
  holder.full = false;
  first_with_room_ = std::min(first_with_room_, membership.socket);
}

}  // namespace mcast
