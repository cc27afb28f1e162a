#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "cli/status/status_report.h"

namespace mcast::cli {
namespace {

using Key = std::pair<int, IpAddress>;  // interface, group

// One membership in a report; nullptr: it is not there.
struct Entry {
  const InterfaceMemberships* interface = nullptr;
  const HeldMembership* membership = nullptr;
};
using Entries = std::map<Key, Entry>;

Entries entries_of(const MembershipReport& report) {
  Entries entries;
  for (const InterfaceMemberships& interface : report.interfaces) {
    for (const HeldMembership& membership : interface.memberships) {
      entries[{interface.ifindex, membership.group}] = {&interface, &membership};
    }
  }
  return entries;
}

Entry find(const Entries& entries, const Key& key) {
  const auto found = entries.find(key);
  return found == entries.end() ? Entry{} : found->second;
}

}  // namespace

std::vector<MembershipChange> membership_changes(const MembershipReport& before_report,
                                                 const MembershipReport& now,
                                                 const std::vector<TimedEvent>& events,
                                                 const MembershipSelection& selection,
                                                 Nanoseconds realtime) {
  const Entries before = entries_of(before_report);
  const Entries after = entries_of(now);
  std::vector<MembershipChange> changes;
  const auto tell = [&](ChangeKind kind, Nanoseconds time, const Entry& from, const Entry& to) {
    const auto shown = [&](const Entry& entry) {
      return entry.membership != nullptr &&
             is_shown(*entry.interface, *entry.membership, selection);
    };
    if (!shown(from) && !shown(to)) return;
    const Entry& told = to.membership != nullptr ? to : from;
    MembershipChange& change = changes.emplace_back();
    change = {.kind = kind,
              .realtime = time,
              .ifindex = told.interface->ifindex,
              .interface = told.interface->name,
              .membership = *told.membership};
    if (kind == ChangeKind::kLeave) change.membership.users = 0;
  };

  // Memberships that came and went between the two reports: only their names are known.
  std::map<Key, std::pair<InterfaceMemberships, HeldMembership>> passing;
  const auto passing_entry = [&](const Key& key) -> Entry {
    auto& [interface, membership] = passing[key];
    interface.ifindex = key.first;
    interface.name = "index " + std::to_string(key.first);
    for (const MembershipReport* report : {&before_report, &now}) {
      const auto known =
          std::ranges::find(report->interfaces, key.first, &InterfaceMemberships::ifindex);
      if (known != report->interfaces.end()) interface = *known;
    }
    membership.group = key.second;
    return {&interface, &membership};
  };

  std::set<Key> present;
  std::set<Key> told;
  for (const auto& [key, entry] : before) present.insert(key);
  for (const TimedEvent& timed : events) {
    const Key key{timed.event.ifindex, timed.event.group};
    // What a report has shown already: it was read after the event was sent.
    if (timed.event.joined == present.contains(key)) continue;
    Entry last = find(before, key);
    Entry next = find(after, key);
    if (last.membership == nullptr && next.membership == nullptr) last = passing_entry(key);
    told.insert(key);
    if (timed.event.joined) {
      present.insert(key);
      tell(ChangeKind::kJoin, timed.realtime, last, next);
    } else {
      present.erase(key);
      // A leave is told with what it was; a later join with what it is.
      if (last.membership == nullptr) last = next;
      tell(ChangeKind::kLeave, timed.realtime, last, {});
    }
  }

  for (const auto& [key, entry] : before) {
    if (!present.contains(key) || after.contains(key)) continue;
    told.insert(key);
    tell(ChangeKind::kLeave, realtime, entry, {});
  }
  for (const auto& [key, entry] : after) {
    const Entry last = find(before, key);
    if (!present.contains(key)) {
      tell(ChangeKind::kJoin, realtime, last, entry);
    } else if (!told.contains(key) && last.membership != nullptr &&
               *last.membership != *entry.membership) {
      tell(ChangeKind::kChange, realtime, last, entry);
    }
  }
  return changes;
}

}  // namespace mcast::cli
