#include "netlink/membership_changes.h"

#include <utility>

namespace mcast::netlink {

void MembershipChanges::update(const std::vector<Membership>& memberships,
                               const std::vector<Link>& links) {
  std::map<int, const std::string*> names;
  for (const Link& link : links) {
    names.emplace(link.index, &link.name);
    counts_.try_emplace(link.name);
  }
  std::set<std::pair<std::string, IpAddress>> newest;
  for (const Membership& membership : memberships) {
    const auto name = names.find(membership.ifindex);
    if (name != names.end()) newest.emplace(*name->second, membership.group);
  }
  if (std::exchange(has_baseline_, true)) {
    for (const auto& entry : newest) {
      if (!current_.contains(entry)) ++counts_[entry.first].joins;
    }
    for (const auto& entry : current_) {
      if (!newest.contains(entry)) ++counts_[entry.first].leaves;
    }
  }
  current_ = std::move(newest);
}

std::vector<HostSnapshot::MembershipChanges> MembershipChanges::totals() const {
  std::vector<HostSnapshot::MembershipChanges> result;
  result.reserve(counts_.size());
  for (const auto& [name, count] : counts_) {
    result.push_back({.interface = name, .joins = count.joins, .leaves = count.leaves});
  }
  return result;
}

}  // namespace mcast::netlink
