#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"
#include "findings/checks.h"
#include "findings/wording.h"

namespace mcast::findings {
namespace {

// RFC 2236 section 8.4, RFC 3376 section 8.4: 2 x 125 s + 10 s.
constexpr Nanoseconds kGroupMembershipInterval = 260 * kSecond;

// The bridge of this host that the subject's packets pass: the interface itself, or
// the one that it is a port of.
const netlink::Bridge* bridge_of(const std::vector<netlink::Bridge>& bridges,
                                 const netlink::Link& place) {
  const auto found = std::ranges::find_if(bridges, [&](const netlink::Bridge& bridge) {
    return bridge.ifindex == place.index || bridge.ifindex == place.master;
  });
  return found == bridges.end() ? nullptr : &*found;
}

// The querier that was heard on the wire, by this program or by the bridge.
std::optional<IpAddress> querier_of(const HostEvidence& host, const netlink::Link& place,
                                    const netlink::Bridge* bridge) {
  const auto* activity = igmp_on(host, place.index);
  if (activity != nullptr && activity->querier) return activity->querier->address;
  if (bridge != nullptr && bridge->heard_querier) return bridge->heard_querier;
  return std::nullopt;
}

}  // namespace

Finding check_querier(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const netlink::Link* place = view.interface;
  if (place == nullptr) return unknown("no interface is known for it");
  const std::string name = printable(place->name);
  if (place->loopback) return fine("the loopback interface needs no querier");
  const netlink::Bridge* bridge = host.bridges ? bridge_of(*host.bridges, *place) : nullptr;
  const auto querier = querier_of(host, *place, bridge);
  // 0.0.0.0 is what a bridge says as a querier without an address.
  if (querier && !(querier->is_unspecified() && bridge != nullptr && bridge->querier)) {
    return fine("querier " + querier->to_string() + " was heard on " + name);
  }
  if (bridge != nullptr && bridge->querier) {
    return fine(name_of(host, bridge->ifindex) + " sends queries itself");
  }
  if (bridge != nullptr && !bridge->snooping) {
    return fine(name_of(host, bridge->ifindex) + " does not snoop");
  }
  if (bridge != nullptr &&
      (bridge->knows_querier || host.igmp_watched >= kGroupMembershipInterval)) {
    const std::string bridge_name = name_of(host, bridge->ifindex);
    return found(
        bridge_name + " snoops IGMP and has heard no query" +
            (bridge->knows_querier ? "" : " for " + seconds_text(host.igmp_watched)),
        "without queries nobody repeats a join: switches forget it after about 260 s, and a "
        "bridge that hears none floods every group",
        "ip link set dev " + word_of(host, bridge->ifindex) + " type bridge mcast_querier 1");
  }
  if (!host.igmp_activity) {
    return unknown("queries could not be listened for: " + host.igmp_activity.error().message);
  }
  return unknown("no query was heard on " + name + " in " + seconds_text(host.igmp_watched) +
                 (host.igmp_watched < kGroupMembershipInterval
                      ? " (they come every 125 s)"
                      : "; a snooping switch in the path would forget the join"));
}

Finding check_bridge_entry(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const Subject& subject = view.subject;
  const netlink::Link* place = view.interface;
  if (place == nullptr) return unknown("no interface is known for it");
  const std::string name = printable(place->name);
  if (!host.bridges) return unknown(host.bridges.error().message);
  const netlink::Bridge* bridge = bridge_of(*host.bridges, *place);
  if (bridge == nullptr) return fine("no bridge of this host is in the path");
  const std::string bridge_name = name_of(host, bridge->ifindex);
  if (!bridge->snooping) return fine(bridge_name + " does not snoop: it floods");
  if (subject.group.is_link_local_multicast()) {
    return fine(bridge_name + " floods link-local groups");
  }
  if (!bridge->querier && !querier_of(host, *place, bridge)) {
    return fine(bridge_name + " floods while it hears no querier");
  }
  if (!host.bridge_entries) return unknown(host.bridge_entries.error().message);
  // A receiver on this host needs the bridge's own entry, others one of any port.
  const bool for_this_host = view.is_joined_on(bridge->ifindex);
  const bool listed =
      std::ranges::any_of(*host.bridge_entries, [&](const netlink::BridgeEntry& entry) {
        return entry.bridge == bridge->ifindex && entry.group == subject.group && !entry.blocked &&
               (!subject.wanted_source() || !entry.source ||
                *entry.source == *subject.wanted_source()) &&
               (!for_this_host || entry.port == bridge->ifindex);
      });
  if (listed) return fine(bridge_name + " has an entry for the group");
  const std::string bridge_word = word_of(host, bridge->ifindex);
  const std::string port = for_this_host ? bridge_word : "PORT";
  return found(bridge_name + " snoops IGMP and has no entry for " + subject.group.to_string() +
                   (for_this_host ? " towards this host" : " on any port"),
               "a snooping bridge passes a group on only to ports that it heard a report from",
               "restart the receiver, so that it reports again, or: bridge mdb add dev " +
                   bridge_word + " port " + port + " grp " + subject.group.to_string());
}

}  // namespace mcast::findings
