#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
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

constexpr IpAddress kAllNodes =
    IpAddress::v6({0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});  // ff02::1

// RFC 2236 section 8.4, RFC 3376 section 8.4, RFC 3810 section 9.4: 2 x 125 s + 10 s.
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
                                    const netlink::Bridge* bridge, Family family) {
  const auto* activity = heard_on(host, place.index, family);
  if (activity != nullptr && activity->querier) return activity->querier->address;
  if (bridge == nullptr) return std::nullopt;
  return bridge->querier_of(family);
}

}  // namespace

Finding check_reverse_path_filter(const SubjectView& view) {
  const HostEvidence& host = view.host;
  if (view.family == Family::kIpv6) return fine(has_none(view.family));
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
        sysctl_command(view.family, link_name(host, source.ifindex), "rp_filter", 2));
  };
  return judge_sources(view, "no source is filtered", judge);
}

Finding check_route_to_source(const SubjectView& view) {
  const HostEvidence& host = view.host;
  if (view.family == Family::kIpv6) return fine("IPv6 needs none: it has no reverse path filter");
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
  const auto querier = querier_of(host, *place, bridge, view.family);
  const std::string protocol(membership_protocol(view.family));
  // 0.0.0.0 is what a bridge says as a querier without an address.
  if (querier && !(querier->is_unspecified() && bridge != nullptr && bridge->querier)) {
    return fine("querier " + with_zone(*querier, view.name) + " was heard on " + view.name);
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
        bridge_name + " snoops " + protocol + " and has heard no query" +
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

namespace {

// The command that lets queries in, where nftables keeps them out.
std::optional<Dropper> dropper_of_queries(const HostEvidence& host, const netlink::Link& link,
                                          const netlink::InterfaceActivity& activity) {
  if (!host.filters) return std::nullopt;
  const bool v4 = activity.family == Family::kIpv4;
  return dropper_of(
      *host.filters,
      {.way = FilteredPacket::Way::kIn,
       .interface = link.name,
       .source = activity.querier ? std::optional(activity.querier->address) : std::nullopt,
       .group = v4 ? IpAddress::v4(0xE0000001) : kAllNodes,
       .carries = v4 ? FilteredPacket::Carries::kIgmpQuery : FilteredPacket::Carries::kMldQuery});
}

}  // namespace

std::optional<Finding> unanswered_finding(const HostEvidence& host, const netlink::Link& link,
                                          Family family) {
  const auto* const activity = heard_on(host, link.index, family);
  if (activity == nullptr || !activity->is_unanswered(host.now)) return std::nullopt;
  const std::string protocol(membership_protocol(family));
  const auto of_interface = std::ranges::find_if(host.protocols, [&](const auto& each) {
    return each.ifindex == link.index && each.family == family;
  });
  // In these versions a member says nothing where another one has answered.
  const int newest = family == Family::kIpv4 ? 3 : 2;
  if (of_interface == host.protocols.end() || of_interface->version < newest) return std::nullopt;
  std::uint64_t reports = 0;
  for (const std::uint64_t number : activity->reports_sent) reports += number;
  const std::uint64_t unanswered = activity->unanswered;
  const bool all = unanswered == activity->queries;
  const auto dropper = dropper_of_queries(host, link, *activity);
  const std::string name = printable(link.name);
  return found(
      std::to_string(activity->queries) + (activity->queries == 1 ? " query" : " queries") +
          " heard on " + name + ", " + count_text(reports, "report") + " sent" +
          (reports == 0 ? ""
           : all        ? ", the last before the first query"
                        : ", the last before the last " + std::to_string(unanswered)) +
          ": something drops " + protocol + " on input" + (dropper ? "; " + dropper->seen : ""),
      "the querier forgets joins that are not reported again, after about 260 s",
      dropper ? dropper->remedy
              : "nft list ruleset, and accept " +
                    std::string(family == Family::kIpv4 ? "ip protocol igmp"
                                                        : "icmpv6 type mld-listener-query") +
                    " in prerouting and input");
}

Finding check_queries(const SubjectView& view, const std::vector<Finding>& before) {
  const HostEvidence& host = view.host;
  const netlink::Link* place = view.interface;
  if (place == nullptr) return unknown("no interface is known for it");
  if (place->loopback) return fine("the loopback interface needs no querier");
  if (!host.igmp_activity) {
    return unknown("queries could not be listened for: " + host.igmp_activity.error().message);
  }
  const auto* const activity = heard_on(host, place->index, view.family);
  if (activity == nullptr) return unknown("nobody listened for queries on " + view.name);
  if (activity->last_invalid && activity->queries == 0) {
    return found(
        std::to_string(activity->invalid_queries) +
            (activity->invalid_queries == 1 ? " query" : " queries") + " of " +
            with_zone(activity->last_invalid->source, view.name) + " heard on " + view.name +
            " that no host answers: " + std::string(activity->last_invalid->reason),
        "a query counts only with a link-local source, hop limit 1 and router alert (RFC 3810): "
        "the querier hears of no member",
        "at the querier: send queries from the interface's link-local address, with hop limit 1 "
        "and the router alert option");
  }
  if (activity->queries == 0) return unknown("no query was heard on " + view.name);
  const std::string heard = std::to_string(activity->queries) +
                            (activity->queries == 1 ? " query" : " queries") + " heard on " +
                            view.name;
  // 224.0.0.x and ff02::1 are never reported (RFC 3376 section 4.2.15, RFC 3810 section 6).
  const bool is_reported =
      view.is_joined_on(place->index) &&
      (view.family == Family::kIpv4
           ? !view.subject.group.is_never_routed()
           : view.subject.group != kAllNodes && view.subject.group.multicast_scope() > 1);
  if (!is_reported) return fine(heard + ", and nothing to report for it");
  if (auto wrong = unanswered_finding(host, *place, view.family)) {
    if (is_found(before, {Check::kMldVersion, Check::kInterfaceDown})) {
      return unknown("something else was found that explains that they are not answered");
    }
    return std::move(*wrong);
  }
  return fine(heard + (activity->unanswered == 0 ? ", and answered" : ""));
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
  // Of IPv6 only this one (br_multicast_ipv6_rcv() in net/bridge/br_multicast.c).
  if (subject.group.is_v4() ? subject.group.is_never_routed() : subject.group == kAllNodes) {
    return fine(bridge_name + " floods " +
                (subject.group.is_v4() ? "link-local groups" : kAllNodes.to_string()));
  }
  if (!bridge->querier && !querier_of(host, *place, bridge, view.family)) {
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
  return found(bridge_name + " snoops " + std::string(membership_protocol(view.family)) +
                   " and has no entry for " + subject.group.to_string() +
                   (for_this_host ? " towards this host" : " on any port"),
               "a snooping bridge forwards a group only to ports that it heard a report from",
               for_this_host
                   ? "bridge mdb add dev " + word_of(host, bridge->ifindex) + " port " +
                         word_of(host, bridge->ifindex) + " grp " + subject.group.to_string()
                   : "restart the receiver behind the bridge: it reports its join then");
}

}  // namespace mcast::findings
