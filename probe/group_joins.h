// Holds the host's memberships for the receive engine, on sockets that get no
// data: as many on each as the kernel allows (of IPv4 igmp_max_memberships, 20 by
// default; of IPv6 what optmem_max has room for), so thousands of groups need a few
// hundred descriptors and no change of a sysctl. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast {

class GroupJoins {
 public:
  // Says which socket holds a membership; give it back to leave().
  struct Membership {
    std::size_t socket = 0;
    IpAddress group;
    std::optional<IpAddress> source;
    int ifindex = 0;
  };

  // (*,G) without a source, else (S,G). The same join may be made many times; the
  // kernel counts the users.
  [[nodiscard]] Result<Membership> join(const IpAddress& group,
                                        const std::optional<IpAddress>& source, int ifindex);
  // An interface that no longer exists took its memberships with it: no error.
  void leave(const Membership& membership);

 private:
  // One socket cannot hold (*,G) and (S,G), or the same join twice, on one
  // interface; such joins go to different sockets.
  struct Holder {
    FileDescriptor socket;
    Family family = Family::kIpv4;
    std::set<std::pair<IpAddress, int>> held;
    bool full = false;
  };

  std::vector<Holder> holders_;
  std::size_t first_with_room_ = 0;
};

}  // namespace mcast
