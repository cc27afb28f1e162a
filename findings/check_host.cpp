#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "findings/checks.h"
#include "findings/wording.h"

namespace mcast::findings {
namespace {

std::string names_of(const HostEvidence& host, const std::vector<int>& interfaces) {
  return list_text(interfaces, [&](int ifindex) { return name_of(host, ifindex); });
}

// Without any way for the group: the first interface of a host that has none to receive
// with.
const netlink::Link* only_link_down(const SubjectView& view) {
  const netlink::Link* first = nullptr;
  for (const netlink::Link& link : view.host.links) {
    if (link.loopback) continue;
    if (is_usable(view.host, link)) return nullptr;
    if (first == nullptr) first = &link;
  }
  return view.joined.empty() ? first : nullptr;
}

std::string join_command(const Subject& subject, const std::string& interface) {
  return "mcast-receive " + subject.group.to_string() +
         (subject.wanted_source() ? " " + subject.wanted_source()->to_string() : "") + " -i " +
         interface_word(interface);
}

}  // namespace

Finding check_interface(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const Subject& subject = view.subject;
  const netlink::Link* link = view.interface;
  if (link == nullptr && !subject.interface.empty()) {
    return found("there is no interface " + printable(subject.interface) + ", only " +
                     list_text(host.links, [](const auto& each) { return printable(each.name); }),
                 "a receiver cannot join on an interface that is not there", "ip link show");
  }
  if (link == nullptr) link = only_link_down(view);
  if (link == nullptr) {
    return unknown("no interface is named, nobody joined " + subject.group.to_string() +
                   " and no route leads to it");
  }
  const std::string name = printable(link->name);
  if (!link->up) {
    return found(name + " is down", "an interface that is down receives nothing",
                 "ip link set dev " + interface_word(link->name) + " up");
  }
  if (!link->carrier) {
    return found(name + " is up but has no carrier", "the cable is out, or the other end is down",
                 "ip link show dev " + interface_word(link->name));
  }
  const Family family = subject.group.family();
  if (link->master != 0) {
    const std::string master = name_of(host, link->master);
    if (view.only_forwards) return fine(name + ", a port of " + master + ", is up");
    return found(name + " is a port of " + master,
                 "what comes in on a port belongs to the bridge: a join on the port gets nothing",
                 join_command(subject, link_name(host, link->master)));
  }
  // Where packets are seen passing, and nobody wants them, an address is nobody's need.
  const bool is_wanted_here = !subject.interface.empty() || view.is_joined_on(link->index);
  if (has_address(host, link->index, family)) return fine(name + " is up and has an address");
  if (!is_wanted_here) {
    return unknown(name + " has no address, and nobody asks for the group there");
  }
  return found(name + " has no " + (family == Family::kIpv4 ? "IPv4" : "IPv6") + " address",
               "its IGMP reports carry 0.0.0.0 as source, which routers may ignore",
               "ip address add ADDRESS/LENGTH dev " + interface_word(link->name));
}

Finding check_join(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const Subject& subject = view.subject;
  const std::string group = subject.group.to_string();
  const netlink::Link* place = view.interface;
  const auto arrives_elsewhere = [&](int but) -> int {
    for (const netlink::WireFlow* flow : view.flows) {
      const int ifindex = bridge_or_self(host, flow->ifindex);
      if (ifindex != but) return ifindex;
    }
    return 0;
  };
  if (place == nullptr && !subject.interface.empty()) {
    return unknown("there is no interface " + printable(subject.interface));
  }
  if (view.joined.empty() && view.only_forwards) {
    return fine("nobody joined " + group + " here, and nobody has to: this host passes " + "it on");
  }
  if (view.joined.empty() && place == nullptr && only_link_down(view) != nullptr) {
    return unknown("no interface of this host can receive");
  }
  if (view.joined.empty()) {
    const int arrives = arrives_elsewhere(0);
    const std::string where = arrives != 0       ? link_name(host, arrives)
                              : place != nullptr ? place->name
                                                 : std::string("INTERFACE");
    if (!subject.failure.empty()) {
      return found("the stream could not join " + group + ": " + printable(subject.failure),
                   "the kernel takes only groups that somebody joined",
                   join_command(subject, where));
    }
    return found("no socket of this host has joined " + group +
                     (arrives != 0 ? ", which arrives on " + printable(where) : ""),
                 "the kernel takes only groups that somebody joined, and routers and switches "
                 "send only those here",
                 join_command(subject, where));
  }
  if (place == nullptr) return unknown("no interface is known for it");
  const std::string& name = view.name;
  if (!view.is_joined_on(place->index)) {
    return found(group + " is joined on " + names_of(host, view.joined) + ", not on " + name,
                 "a join counts for its own interface alone", join_command(subject, place->name));
  }
  const auto arriving = on_interface(view.flows, place->index);
  const int arrives = arrives_elsewhere(place->index);
  if (arriving.empty() && arrives != 0 && !is_router(host)) {
    // Where there are several joins, the one that is asked about.
    const std::string where = subject.interface.empty() ? names_of(host, view.joined) : name;
    return found(group + " is joined on " + where + ", but arrives on " + name_of(host, arrives),
                 "a join counts for its own interface alone",
                 join_command(subject, link_name(host, arrives)));
  }
  // The source that is wanted; else the only ones that come.
  std::optional<IpAddress> refused = subject.wanted_source();
  if (!refused && !arriving.empty()) refused = arriving.front()->source;
  const auto takes = [&](const IpAddress& source) {
    return view.takes_source(place->index, source);
  };
  if (refused && !takes(*refused) &&
      std::ranges::none_of(arriving, [&](const auto* flow) { return takes(flow->source); })) {
    const std::string sources =
        list_text(included_sources(host, place->index, subject.group),
                  [](const IpAddress& source) { return source.to_string(); });
    return found(
        group + " is joined on " + name + " from " + sources + ", not from " + refused->to_string(),
        "a source-specific join takes the sources that it names and no others",
        "mcast-receive " + group + " " + refused->to_string() + " -i " +
            interface_word(place->name));
  }
  return fine(group + " is joined on " + name);
}

Finding check_igmp_version(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const Subject& subject = view.subject;
  if (!subject.group.is_v4()) return unknown("IGMP is for IPv4 alone");
  if (!subject.source && !subject.group.is_ssm()) {
    return fine("a join of any source works in every IGMP version");
  }
  const netlink::Link* place = view.interface;
  const auto* const igmp = place == nullptr
                               ? nullptr
                               : find_by(host.igmp, &netlink::IgmpInterface::ifindex, place->index);
  if (igmp == nullptr) return unknown("no interface with IGMP is known for it");
  const std::string name = printable(igmp->name);
  if (igmp->version >= 3) return fine(name + " reports in IGMPv3");
  if (view.only_forwards) return fine("this host passes the group on and need not report it");
  const std::string version = "IGMPv" + std::to_string(igmp->version);
  if (!subject.group.is_ssm() && view.has_arrived()) {
    return fine(name + " reports in " + version + ", for every source; packets arrive");
  }
  const std::string meaning =
      "reports in " + version + " name no source" +
      (subject.group.is_ssm()
           ? ", and routers forward nothing in 232.0.0.0/8 for a join without one"
           : ": a router that serves only (S,G) joins forwards nothing");
  if (igmp->forced_version != 0 && igmp->forced_version < 3) {
    return found(name + " reports in " + version + ", because force_igmp_version is " +
                     std::to_string(igmp->forced_version),
                 meaning,
                 sysctl_command(igmp->name, "force_igmp_version", 0) +
                     " net.ipv4.conf.all.force_igmp_version=0");
  }
  const auto* activity = igmp_on(host, place->index);
  const std::string querier = activity != nullptr && activity->querier
                                  ? " " + activity->querier->address.to_string()
                                  : std::string();
  return found(
      name + " reports in " + version + ", because the querier" + querier + " speaks that version",
      meaning, "set the querier" + querier + " to IGMPv3");
}

}  // namespace mcast::findings
