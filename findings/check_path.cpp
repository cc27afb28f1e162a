#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "findings/checks.h"
#include "findings/wording.h"

namespace mcast::findings {
namespace {

using netlink::ReversePathFilter;

std::string number_of(ReversePathFilter filter) {
  return std::to_string(static_cast<int>(filter));
}

// The first source that judge() finds something wrong with; else what is not known of one;
// else what it has seen of one, or the text `else_seen`.
template <typename Judge>
Finding judge_sources(const SubjectView& view, const char* else_seen, Judge judge) {
  const netlink::Link* place = view.interface;
  if (place != nullptr && !is_usable(view.host, *place)) {
    return unknown(view.name + " cannot receive now");
  }
  if (view.evidence.sources.empty() && view.has_arrived()) {
    return fine("packets arrive, so none of them is filtered");
  }
  if (view.evidence.sources.empty()) {
    return unknown("no source is known: none was named and none was seen sending");
  }
  Finding result = fine(else_seen);
  for (const SourceEvidence& source : view.evidence.sources) {
    std::optional<Finding> judged = judge(source);
    if (!judged) continue;
    if (is_found(*judged)) return std::move(*judged);
    if (judged->verdict == Verdict::kUnknown || result.verdict == Verdict::kFine) {
      result = std::move(*judged);
    }
  }
  return result;
}

// As it is where the source's packets arrive.
Result<ReversePathFilter> rp_filter_of(const HostEvidence& host, int ifindex) {
  const auto settings = host.settings.find(ifindex);
  if (settings == host.settings.end()) {
    return fail("rp_filter of " + name_of(host, ifindex) + " is not known");
  }
  return settings->second.rp_filter;
}

bool has_no_route(const SourceEvidence& source) {
  if (source.route_back) return false;
  // The other two are answers of blackhole and prohibit routes.
  const int code = source.route_back.error().code;
  return code == ENETUNREACH || code == EINVAL || code == EACCES;
}

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

Finding check_reverse_path_filter(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const auto judge = [&](const SourceEvidence& source) -> std::optional<Finding> {
    const std::string address = source.source.to_string();
    const std::string name = name_of(host, source.ifindex);
    const Result<ReversePathFilter> filter = rp_filter_of(host, source.ifindex);
    if (!filter) return unknown(filter.error().message);
    if (*filter != ReversePathFilter::kStrict) {
      return fine("rp_filter of " + name + " is " + number_of(*filter));
    }
    // Without any route it is the other check's.
    if (has_no_route(source)) return std::nullopt;
    if (!source.route_back) return unknown(source.route_back.error().message);
    const std::string route = "the route to " + address + " leaves by ";
    if (source.route_back->ifindex == source.ifindex || (source.accepted && *source.accepted)) {
      return fine(route + name + ", where it comes in");
    }
    const std::string elsewhere = route + name_of(host, source.route_back->ifindex);
    const std::uint64_t drops = host.counters ? host.counters->reverse_path_drops : 0;
    // Several routes may lead back, of which one was named. Then the filter drops nothing.
    if (!source.accepted && host.counters && drops == 0 &&
        !on_interface(view.flows, source.ifindex).empty()) {
      return unknown(elsewhere + ", but rp_filter dropped nothing");
    }
    return found(
        "packets of " + address + " come in on " + name + ", " + elsewhere + ", and rp_filter of " +
            name + " is 1 (strict)" +
            (drops > 0 ? "; it dropped " + count_text(drops, "packet") + " in " +
                             seconds_text(host.watched)
                       : ""),
        "the kernel drops packets that arrive on another interface than the one it would reply "
        "through",
        sysctl_command(link_name(host, source.ifindex), "rp_filter", 2));
  };
  return judge_sources(view, "no source is filtered", judge);
}

Finding check_route_to_source(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const auto judge = [&](const SourceEvidence& source) -> std::optional<Finding> {
    const std::string address = source.source.to_string();
    if (source.route_back) {
      return fine("the route to " + address + " leaves by " +
                  name_of(host, source.route_back->ifindex));
    }
    if (!has_no_route(source)) return unknown(source.route_back.error().message);
    const Result<ReversePathFilter> filter = rp_filter_of(host, source.ifindex);
    const std::string name = name_of(host, source.ifindex);
    if (!filter) return unknown(filter.error().message);
    if (*filter == ReversePathFilter::kOff) {
      return fine("there is no route to " + address + ", which does no harm while rp_filter of " +
                  name + " is 0");
    }
    return found(
        "there is no route to " + address + ", and rp_filter of " + name + " is " +
            number_of(*filter),
        "the kernel drops packets of a source that it has no route to; where the source is behind "
        "a router, the route goes via that",
        "ip route replace " + address + " dev " + word_of(host, source.ifindex));
  };
  return judge_sources(view, "", judge);
}

Finding check_querier(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const netlink::Link* place = view.interface;
  if (place == nullptr) return unknown("no interface is known for it");
  if (place->loopback) return fine("the loopback interface needs no querier");
  const netlink::Bridge* bridge = host.bridges ? bridge_of(*host.bridges, *place) : nullptr;
  const auto querier = querier_of(host, *place, bridge);
  // 0.0.0.0 is what a bridge says as a querier without an address.
  if (querier && !(querier->is_unspecified() && bridge != nullptr && bridge->querier)) {
    return fine("querier " + querier->to_string() + " was heard on " + view.name);
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
        "without queries hosts do not repeat their joins: switches forget them after about 260 s, "
        "and a bridge that hears none floods every group",
        "ip link set dev " + word_of(host, bridge->ifindex) + " type bridge mcast_querier 1");
  }
  if (!host.igmp_activity) {
    return unknown("queries could not be listened for: " + host.igmp_activity.error().message);
  }
  return unknown("no query was heard on " + view.name + " in " + seconds_text(host.igmp_watched) +
                 (host.igmp_watched < kGroupMembershipInterval
                      ? " (they come every 125 s)"
                      : "; a snooping switch in the path would forget the join"));
}

Finding check_bridge_entry(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const Subject& subject = view.subject;
  const netlink::Link* place = view.interface;
  if (place == nullptr) return unknown("no interface is known for it");
  if (!host.bridges) return unknown(host.bridges.error().message);
  const netlink::Bridge* bridge = bridge_of(*host.bridges, *place);
  if (bridge == nullptr) return fine("no bridge of this host is in the path");
  const std::string bridge_name = name_of(host, bridge->ifindex);
  if (!bridge->snooping) return fine(bridge_name + " does not snoop, so it floods");
  if (subject.group.is_never_routed()) {
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
  return found(bridge_name + " snoops IGMP and has no entry for " + subject.group.to_string() +
                   (for_this_host ? " towards this host" : " on any port"),
               "a snooping bridge forwards a group only to ports that it heard a report from",
               for_this_host
                   ? "bridge mdb add dev " + word_of(host, bridge->ifindex) + " port " +
                         word_of(host, bridge->ifindex) + " grp " + subject.group.to_string()
                   : "restart the receiver behind the bridge: it reports its join then");
}

}  // namespace mcast::findings
