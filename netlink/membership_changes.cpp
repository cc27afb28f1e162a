#include "netlink/membership_changes.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace mcast::netlink {

void MembershipChanges::update(const std::vector<Membership>& memberships,
                               const std::vector<Link>& links, Read read) {
  ++updates_;
  Entries newest4;
  Entries newest6;
  std::map<int, std::array<std::vector<IpAddress>*, 2>> lists;  // of IPv4 and of IPv6
  for (const Link& link : links) {
    interfaces_[link.name].seen = updates_;
    lists.emplace(link.index, std::array{&newest4[link.name], &newest6[link.name]});
  }
  for (const Membership& membership : memberships) {
    const auto found = lists.find(membership.ifindex);
    if (found == lists.end()) continue;
    found->second[membership.group.is_v4() ? 0 : 1]->push_back(membership.group);
  }
  if (read.ipv4) compare(ipv4_, std::move(newest4));
  if (read.ipv6) compare(ipv6_, std::move(newest6));
  forget_those_long_gone();
}

void MembershipChanges::compare(FamilyState& state, Entries newest) {
  for (auto& [interface, groups] : newest) {
    if (!std::ranges::is_sorted(groups)) std::ranges::sort(groups);
    const auto repeated = std::ranges::unique(groups);
    groups.erase(repeated.begin(), repeated.end());
    if (state.has_baseline)
      count(state, interface, std::exchange(state.current[interface], {}), groups);
  }
  // What is left there is of interfaces that are gone.
  for (const auto& [interface, groups] : state.current) count(state, interface, groups, {});
  state.has_baseline = true;
  state.current = std::move(newest);
}

void MembershipChanges::count(const FamilyState& state, const std::string& interface,
                              const std::vector<IpAddress>& before,
                              const std::vector<IpAddress>& now) {
  // Nothing is counted for an interface that is forgotten.
  const auto found = interfaces_.find(interface);
  if (found == interfaces_.end()) return;
  const auto missing = [](const auto& in, const auto& from) {
    std::vector<IpAddress> result;
    std::ranges::set_difference(from, in, std::back_inserter(result));
    return result.size();
  };
  Count& total = found->second.counts[state.number];
  total.joins += missing(before, now);
  total.leaves += missing(now, before);
}

void MembershipChanges::note(const std::string& interface, const IpAddress& group, bool joined) {
  FamilyState& state = group.is_v4() ? ipv4_ : ipv6_;
  const auto found = interfaces_.find(interface);
  if (!state.has_baseline || found == interfaces_.end()) return;
  std::vector<IpAddress>& groups = state.current[interface];
  const auto place = std::ranges::lower_bound(groups, group);
  const bool is_known = place != groups.end() && *place == group;
  if (is_known == joined) return;
  Count& total = found->second.counts[state.number];
  if (joined) {
    groups.insert(place, group);
    ++total.joins;
  } else {
    groups.erase(place);
    ++total.leaves;
  }
}

void MembershipChanges::forget_those_long_gone() {
  std::vector<std::pair<std::uint64_t, std::string>> gone;
  for (const auto& [name, interface] : interfaces_) {
    if (interface.seen != updates_) gone.emplace_back(interface.seen, name);
  }
  if (gone.size() <= kMaxGone) return;
  std::ranges::sort(gone);
  gone.resize(gone.size() - kMaxGone);
  for (const auto& [seen, name] : gone) interfaces_.erase(name);
}

std::vector<HostSnapshot::MembershipChanges> MembershipChanges::totals() const {
  std::vector<HostSnapshot::MembershipChanges> result;
  result.reserve(2 * interfaces_.size());
  for (const auto& [name, interface] : interfaces_) {
    for (const FamilyState* const state : {&ipv4_, &ipv6_}) {
      const Count& count = interface.counts[state->number];
      result.push_back({.interface = name,
                        .family = state == &ipv4_ ? Family::kIpv4 : Family::kIpv6,
                        .joins = count.joins,
                        .leaves = count.leaves});
    }
  }
  return result;
}

}  // namespace mcast::netlink
