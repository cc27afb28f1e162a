// Counts joins and leaves by comparing one list of memberships with the next. A
// pure function of the lists; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "netlink/types.h"

namespace mcast::netlink {

class MembershipChanges {
 public:
  // The first list is where counting starts from. An entry of an interface that
  // `links` does not have is left out: it is about to go.
  void update(const std::vector<Membership>& memberships, const std::vector<Link>& links);

  // By interface name, which keeps its counts when the interface goes and comes
  // back; every interface ever seen, with 0 from the start.
  [[nodiscard]] std::vector<HostSnapshot::MembershipChanges> totals() const;

 private:
  struct Count {
    std::uint64_t joins = 0;
    std::uint64_t leaves = 0;
  };

  bool has_baseline_ = false;
  std::set<std::pair<std::string, IpAddress>> current_;
  std::map<std::string, Count> counts_;
};

}  // namespace mcast::netlink
