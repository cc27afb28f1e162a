#include "cli/status/membership_watch.h"

#include <set>

namespace mcast::cli {

std::string_view to_string(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kJoin:
      return "join";
    case ChangeKind::kLeave:
      return "leave";
    case ChangeKind::kChange:
      break;
  }
  return "change";
}

MembershipWatch::MembershipWatch(MembershipReport first, MembershipSelection selection)
    : last_(std::move(first)), selection_(std::move(selection)) {}

MembershipWatch::Entries MembershipWatch::entries_of(const MembershipReport& report) {
  Entries entries;
  for (const InterfaceMemberships& interface : report.interfaces) {
    for (const HeldMembership& membership : interface.memberships) {
      entries[{interface.ifindex, membership.group}] = {&interface, &membership};
    }
  }
  return entries;
}

void MembershipWatch::tell(std::vector<MembershipChange>& changes, ChangeKind kind,
                           Nanoseconds realtime, const Key& key, const Entry& before,
                           const Entry& after) const {
  const Entry& told = after.membership != nullptr ? after : before;
  MembershipChange change{.kind = kind,
                          .realtime = realtime,
                          .ifindex = key.first,
                          .interface = told.interface->name,
                          .membership = *told.membership};
  if (kind == ChangeKind::kLeave) change.membership.users = 0;
  const auto shown = [&](const Entry& entry) {
    return entry.membership != nullptr && is_shown(*entry.interface, *entry.membership, selection_);
  };
  if (shown(before) || shown(after)) changes.push_back(std::move(change));
}

std::vector<MembershipChange> MembershipWatch::update(const std::vector<TimedEvent>& events,
                                                      MembershipReport now, Nanoseconds realtime) {
  const Entries before = entries_of(last_);
  const Entries after = entries_of(now);
  std::map<int, const InterfaceMemberships*> interfaces;
  for (const MembershipReport* report : {&last_, &now}) {
    for (const InterfaceMemberships& interface : report->interfaces) {
      interfaces[interface.ifindex] = &interface;
    }
  }
  const auto find = [](const Entries& entries, const Key& key) {
    const auto found = entries.find(key);
    return found == entries.end() ? Entry{} : found->second;
  };

  std::vector<MembershipChange> changes;
  // Memberships that came and went between the two reports: only their names are known.
  std::map<Key, HeldMembership> passing;
  std::map<int, InterfaceMemberships> vanished;
  std::set<Key> present;
  std::set<Key> told;
  for (const auto& [key, entry] : before) present.insert(key);

  for (const TimedEvent& timed : events) {
    const Key key{timed.event.ifindex, timed.event.group};
    // What a report has shown already: it was read after the event was sent.
    if (timed.event.joined == present.contains(key)) continue;
    Entry last = find(before, key);
    Entry next = find(after, key);
    if (last.membership == nullptr && next.membership == nullptr) {
      HeldMembership& membership = passing[key];
      membership.group = key.second;
      const auto known = interfaces.find(key.first);
      const InterfaceMemberships* interface = known == interfaces.end() ? nullptr : known->second;
      if (interface == nullptr) {
        InterfaceMemberships& made_up = vanished[key.first];
        made_up.ifindex = key.first;
        made_up.name = "index " + std::to_string(key.first);
        interface = &made_up;
      }
      last = {interface, &membership};
    }
    told.insert(key);
    if (timed.event.joined) {
      present.insert(key);
      tell(changes, ChangeKind::kJoin, timed.realtime, key, last, next);
    } else {
      present.erase(key);
      // A leave is told with what it was; a later join with what it is.
      if (last.membership == nullptr) last = std::exchange(next, {});
      tell(changes, ChangeKind::kLeave, timed.realtime, key, last, {});
    }
  }

  for (const auto& [key, entry] : before) {
    if (present.contains(key) && !after.contains(key)) {
      told.insert(key);
      tell(changes, ChangeKind::kLeave, realtime, key, entry, {});
    }
  }
  for (const auto& [key, entry] : after) {
    const Entry last = find(before, key);
    if (!present.contains(key)) {
      tell(changes, ChangeKind::kJoin, realtime, key, last, entry);
    } else if (!told.contains(key) && last.membership != nullptr &&
               *last.membership != *entry.membership) {
      tell(changes, ChangeKind::kChange, realtime, key, last, entry);
    }
  }
  last_ = std::move(now);
  return changes;
}

}  // namespace mcast::cli
