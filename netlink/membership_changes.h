// Counts joins and leaves: by comparing one list of memberships with the next, and,
// between two lists, by what the kernel told of. The two may overlap: what a list has
// shown already is not counted again. Pure state; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/address.h"
#include "netlink/types.h"

namespace mcast::netlink {

class MembershipChanges {
 public:
  // Interfaces that are gone keep their counts while no more than this many are: so
  // many come back at a time when somebody restarts a lab, and names that never come
  // back (containers have a new one each time) cost no more than this.
  static constexpr std::size_t kMaxGone = 128;

  // The first list of a family is where its counting starts from. An entry of an
  // interface that `links` does not have is left out: it is about to go. A family
  // that is not in `read` could not be read this time: its entries count as they
  // were.
  struct Read {
    bool ipv4 = true;
    bool ipv6 = true;
  };
  void update(const std::vector<Membership>& memberships, const std::vector<Link>& links,
              Read read);

  // The kernel said that a membership of that interface began or ended. Before the first
  // list of its family nothing is counted.
  void note(const std::string& interface, const IpAddress& group, bool joined);

  // By interface name, IPv4 before IPv6. A name keeps its counts when the interface goes and comes
  // back, unless kMaxGone others went after it; with 0 from the start. The counts
  // of an interface that is there never go down.
  [[nodiscard]] std::vector<HostSnapshot::MembershipChanges> totals() const;

 private:
  struct Count {
    std::uint64_t joins = 0;
    std::uint64_t leaves = 0;
  };
  struct Interface {
    std::array<Count, 2> counts;  // of IPv4 and of IPv6
    // The update that saw it last.
    std::uint64_t seen = 0;
  };
  // Groups by interface name, in ascending order, each once.
  using Entries = std::map<std::string, std::vector<IpAddress>>;
  struct FamilyState {
    std::size_t number = 0;  // in Interface::counts
    bool has_baseline = false;
    Entries current = {};
  };

  void compare(FamilyState& state, Entries newest);
  void count(const FamilyState& state, const std::string& interface,
             const std::vector<IpAddress>& before, const std::vector<IpAddress>& now);
  void forget_those_long_gone();

  std::uint64_t updates_ = 0;
  FamilyState ipv4_{.number = 0};
  FamilyState ipv6_{.number = 1};
  std::map<std::string, Interface> interfaces_;
};

}  // namespace mcast::netlink
