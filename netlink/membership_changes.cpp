#include "netlink/membership_changes.h"

#include <algorithm>
#include <utility>

namespace mcast::netlink {

void MembershipChanges::update(const std::vector<Membership>& memberships,
                               const std::vector<Link>& links, Read read) {
  ++updates_;
  std::map<int, const std::string*> names;
  for (const Link& link : links) {
    names.emplace(link.index, &link.name);
    counts_[link.name].seen = updates_;
  }
  Entries newest4;
  Entries newest6;
  for (const Membership& membership : memberships) {
    const auto name = names.find(membership.ifindex);
    if (name == names.end()) continue;
    (membership.group.is_v4() ? newest4 : newest6).emplace(*name->second, membership.group);
  }
  if (read.ipv4) compare(ipv4_, std::move(newest4));
  if (read.ipv6) compare(ipv6_, std::move(newest6));
  forget_those_long_gone();
}

void MembershipChanges::compare(FamilyState& state, Entries newest) {
  if (std::exchange(state.has_baseline, true)) {
    for (const auto& entry : newest) {
      if (!state.current.contains(entry)) ++counts_[entry.first].joins;
    }
    for (const auto& entry : state.current) {
      if (newest.contains(entry)) continue;
      // Nothing is counted for an interface that is forgotten.
      if (const auto found = counts_.find(entry.first); found != counts_.end()) {
        ++found->second.leaves;
      }
    }
  }
  state.current = std::move(newest);
}

void MembershipChanges::forget_those_long_gone() {
  std::vector<std::pair<std::uint64_t, std::string>> gone;
  for (const auto& [name, count] : counts_) {
    if (count.seen != updates_) gone.emplace_back(count.seen, name);
  }
  if (gone.size() <= kMostGone) return;
  std::ranges::sort(gone);
  gone.resize(gone.size() - kMostGone);
  for (const auto& [seen, name] : gone) counts_.erase(name);
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
