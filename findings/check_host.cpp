#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "findings/checks.h"
#include "findings/remedy.h"
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

// Where nobody joined yet: with the port and, of SSM, the source of what arrives.
std::string join_command(const SubjectView& view, const std::string& interface) {
  Subject subject = view.subject;
  if (!subject.stream.empty() || view.flows.empty()) {
    return change(subject, Setting::kInterface, interface);
  }
  const netlink::WireFlow& flow = *view.flows.front();
  if (!subject.port && flow.destination_port != 0) subject.port = flow.destination_port;
  if (!subject.wanted_source() && subject.group.is_ssm()) subject.asked_source = flow.source;
  return change(subject, Setting::kInterface, interface);
}

}  // namespace

const netlink::Link* only_usable_link(const HostEvidence& host) {
  const netlink::Link* only = nullptr;
  for (const netlink::Link& link : host.links) {
    if (link.loopback || link.master != 0 || !is_usable(host, link)) continue;
    if (std::exchange(only, &link) != nullptr) return nullptr;
  }
  return only;
}

std::optional<Finding> link_finding(const HostEvidence& host, const Subject& subject,
                                    const netlink::Link* link) {
  const bool sends = subject.sending.has_value();
  if (link == nullptr && !subject.interface.empty()) {
    const netlink::Link* const other = only_usable_link(host);
    return found(
        "there is no interface " + printable(subject.interface) + ", only " +
            list_text(host.links, [](const auto& each) { return printable(each.name); }),
        sends ? "nothing can leave by an interface that does not exist"
              : "nobody can join on an interface that does not exist",
        other != nullptr ? change(subject, Setting::kInterface, other->name) : "ip link show");
  }
  if (link == nullptr) return std::nullopt;
  const std::string name = printable(link->name);
  const std::string word = interface_word(link->name);
  if (!link->up) {
    return found(name + " is down",
                 sends ? "nothing leaves by an interface that is down"
                       : "an interface that is down receives nothing",
                 "ip link set dev " + word + " up");
  }
  if (!link->carrier) {
    return found(name + " is up but has no carrier",
                 std::string("the cable is unplugged, or the port at the other end is down") +
                     (sends ? ": packets are dropped before they leave" : ""),
                 "plug in the cable, or enable the port at the other end; to check: ip link show "
                 "dev " +
                     word);
  }
  return std::nullopt;
}

Finding check_interface(const SubjectView& view) {
  const HostEvidence& host = view.host;
  const Subject& subject = view.subject;
  const netlink::Link* link = view.interface;
  if (link == nullptr && subject.interface.empty()) link = only_link_down(view);
  if (auto wrong = link_finding(host, subject, link)) return std::move(*wrong);
  if (link == nullptr) {
    return unknown("no interface is named, nobody joined " + subject.group.to_string() +
                   " and no route leads to it");
  }
  const std::string name = printable(link->name);
  if (link->master != 0) {
    const std::string master = name_of(host, link->master);
    if (view.only_forwards) return fine(name + ", a port of " + master + ", is up");
    return found(name + " is a port of " + master,
                 "what comes in on a port belongs to the bridge: a join on the port gets nothing",
                 change(subject, Setting::kInterface, link_name(host, link->master)));
  }
  // Where packets are seen passing, and nobody wants them, an address is nobody's need.
  const bool is_wanted_here = !subject.interface.empty() || view.is_joined_on(link->index);
  // What reports carry as their source: of MLD only a link-local one (RFC 3810 section 5.2.13).
  const bool v4 = view.family == Family::kIpv4;
  if (v4 || link->loopback ? has_address(host, link->index, view.family)
                           : std::ranges::any_of(host.addresses, [&](const auto& each) {
                               return each.ifindex == link->index && !each.address.is_v4() &&
                                      each.address.is_link_local_unicast();
                             })) {
    return fine(name + " is up and has an address");
  }
  if (!is_wanted_here) {
    return unknown(name + " has no address, and nobody asks for the group there");
  }
  const std::string word = interface_word(link->name);
  if (v4) {
    return found(name + " has no IPv4 address",
                 "its IGMP reports carry 0.0.0.0 as source, which routers may ignore",
                 "ip address add ADDRESS/LENGTH dev " + word);
  }
  return has_address(host, link->index, view.family)
             ? found(name + " has no link-local address",
                     "its MLD reports carry :: as source, which routers and switches ignore",
                     "ip address add fe80::ADDRESS/64 dev " + word)
             : found(name + " has no IPv6 address",
                     "IPv6 is switched off there, or its addresses were deleted",
                     sysctl_command(view.family, link->name, "disable_ipv6", 0) +
                         " && ip link set dev " + word + " down && ip link set dev " + word +
                         " up");
}

Finding dad_finding(const HostEvidence& host, const Subject& subject, const netlink::Link* link) {
  const Family family = subject.group.family();
  if (family == Family::kIpv4) return fine(has_none(family));
  if (link == nullptr) return unknown("no interface is known for it");
  const std::string name = printable(link->name);
  if (!link->up || !link->carrier) return unknown(name + " cannot test its addresses now");
  const IpAddress* const own =
      subject.sending && subject.sending->address ? &*subject.sending->address : nullptr;
  const auto is_of_link = [&](const netlink::InterfaceAddress& each) {
    return each.ifindex == link->index && !each.address.is_v4();
  };
  // A sender that has no address yet takes any that it may use.
  if (subject.sending && own == nullptr &&
      std::ranges::any_of(host.addresses, [&](const auto& each) {
        return is_of_link(each) && !each.tentative && !each.duplicate;
      })) {
    return fine(name + " has an address that may be used");
  }
  const netlink::InterfaceAddress* tentative = nullptr;
  for (const netlink::InterfaceAddress& each : host.addresses) {
    // The reports of a receiver leave from the link-local one.
    const bool matters = subject.sending ? own == nullptr || *own == each.address
                                         : each.address.is_link_local_unicast();
    if (!is_of_link(each) || !matters) continue;
    if (each.duplicate) {
      const bool is_link_local = each.address.is_link_local_unicast();
      return found(each.address.to_string() + " of " + name +
                       " is a duplicate: another host on the link has it",
                   subject.sending ? "the kernel lets nobody send from it"
                                   : "MLD reports leave from ::, which routers and switches ignore",
                   is_link_local ? "two interfaces have one MAC address: ip link set dev " +
                                       interface_word(link->name) + " address MAC, here or there"
                                 : "ip address del " + each.address.to_string() + "/" +
                                       std::to_string(each.prefix_length) + " dev " +
                                       interface_word(link->name) + ", and add another one");
    }
    if (each.tentative && tentative == nullptr) tentative = &each;
  }
  if (tentative == nullptr) return fine("the addresses of " + name + " may be used");
  return found(tentative->address.to_string() + " of " + name +
                   " is tentative: duplicate address detection runs",
               subject.sending ? "for one to two seconds after the link came up nobody can send "
                                 "from it (EADDRNOTAVAIL)"
                               : "until it ends, one to two seconds after the link came up, MLD "
                                 "reports leave from ::, which routers and switches ignore",
               "wait two seconds; to check: ip -6 address show dev " + interface_word(link->name) +
                   " tentative");
}

Finding check_dad(const SubjectView& view) {
  return dad_finding(view.host, view.subject, view.interface);
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
    return fine("nobody joined " + group + " here, and nobody has to: this host forwards it");
  }
  if (view.joined.empty() && place == nullptr && only_link_down(view) != nullptr) {
    return unknown("no interface of this host can receive");
  }
  if (view.joined.empty()) {
    const int arrives = arrives_elsewhere(0);
    const netlink::Link* const only = only_usable_link(host);
    const std::string where = arrives != 0       ? link_name(host, arrives)
                              : place != nullptr ? place->name
                              : only != nullptr  ? only->name
                                                 : std::string("INTERFACE");
    if (!subject.failure.empty()) {
      // With an interface it failed all the same: joining again does not help.
      return found("the stream could not join " + group + ": " + printable(subject.failure, 300),
                   "the kernel only accepts groups that a socket has joined",
                   subject.interface.empty()
                       ? change(subject, Setting::kInterface, where)
                       : "it is tried again every second; ip maddress show dev " +
                             interface_word(subject.interface) + " lists what is joined");
    }
    return found(
        "no socket of this host has joined " + group +
            (arrives != 0 ? ", which arrives on " + printable(where) : ""),
        "the kernel only accepts groups that a socket has joined, and routers and switches "
        "only send those here",
        join_command(view, where));
  }
  if (place == nullptr) return unknown("no interface is known for it");
  const std::string& name = view.name;
  if (!view.is_joined_on(place->index)) {
    return found(group + " is joined on " + names_of(host, view.joined) + ", not on " + name,
                 "a join is for one interface only",
                 change(subject, Setting::kInterface, place->name));
  }
  const auto arriving = on_interface(view.flows, place->index);
  const int arrives = arrives_elsewhere(place->index);
  if (arriving.empty() && arrives != 0 && !is_router(host, view.family)) {
    // Where there are several joins, the one that is asked about.
    const std::string where = subject.interface.empty() ? names_of(host, view.joined) : name;
    return found(group + " is joined on " + where + ", but arrives on " + name_of(host, arrives),
                 "a join is for one interface only",
                 change(subject, Setting::kInterface, link_name(host, arrives)));
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
    return found(group + " is joined on " + name + " from " + sources + ", not from " +
                     with_zone(*refused, name),
                 "a source-specific join only accepts the sources that it names",
                 change(subject, Setting::kSource, refused->to_string()));
  }
  return fine(group + " is joined on " + name);
}

namespace {

// A host that is forced to MLDv2 ignores the general queries of MLDv1 (igmp6_event_query() in
// net/ipv6/mcast.c); IGMP has nothing like it.
std::optional<Finding> deaf_finding(const SubjectView& view,
                                    const netlink::ProtocolInterface& interface,
                                    const netlink::InterfaceActivity* activity) {
  if (interface.family == Family::kIpv4 || interface.forced_version != 2 || activity == nullptr ||
      !activity->querier || activity->querier->version != 1) {
    return std::nullopt;
  }
  const std::string name = printable(interface.name);
  const std::string querier = with_zone(activity->querier->address, name);
  const bool needs_sources = view.subject.source.has_value() || view.subject.group.is_ssm();
  return found(
      name + " is forced to MLDv2, and the querier " + querier + " speaks MLDv1",
      "a host that is forced to MLDv2 does not answer queries of MLDv1: the querier forgets its "
      "joins after about 260 s",
      needs_sources ? "set the querier " + querier + " to MLDv2"
      : view.subject.version == 2
          ? change(view.subject, Setting::kMldVersion, "1")
          : sysctl_command(view.family, interface.name, "force_mld_version", 0) +
                " net.ipv6.conf.all.force_mld_version=0");
}

Finding check_version(const SubjectView& view, Family family) {
  const HostEvidence& host = view.host;
  const Subject& subject = view.subject;
  if (view.family != family) return fine(has_none(view.family));
  const std::string protocol(membership_protocol(family));
  const bool v4 = family == Family::kIpv4;
  const int newest = v4 ? 3 : 2;
  const netlink::Link* place = view.interface;
  const auto igmp = std::ranges::find_if(host.protocols, [&](const auto& each) {
    return place != nullptr && each.ifindex == place->index && each.family == family;
  });
  const bool is_known = igmp != host.protocols.end();
  const auto* activity = place == nullptr ? nullptr : heard_on(host, place->index, family);
  if (is_known && !view.only_forwards) {
    if (auto deaf = deaf_finding(view, *igmp, activity)) return std::move(*deaf);
  }
  if (!subject.source && !subject.group.is_ssm()) {
    return fine("a join of any source works in every " + protocol + " version");
  }
  if (!is_known) return unknown("no interface with " + protocol + " is known for it");
  const std::string name = printable(igmp->name);
  if (igmp->version == 0) return unknown(name + " has reported nothing yet");
  const std::string version = protocol_version(family, igmp->version);
  if (igmp->version >= newest) return fine(name + " reports in " + version);
  if (view.only_forwards) return fine("this host forwards the group and need not report it");
  if (!subject.group.is_ssm() && view.has_arrived()) {
    return fine(name + " reports in " + version + ", for every source; packets arrive");
  }
  const std::string meaning =
      "reports in " + version + " name no source" +
      (subject.group.is_ssm() ? std::string(", and routers forward nothing in ") +
                                    (v4 ? "232.0.0.0/8" : "ff3x::/32") + " for a join without one"
                              : ": a router that serves only (S,G) joins forwards nothing");
  if (igmp->forced_version != 0 && igmp->forced_version < newest) {
    const std::string key = v4 ? "force_igmp_version" : "force_mld_version";
    const std::string seen = name + " reports in " + version + ", because " + key + " is " +
                             std::to_string(igmp->forced_version);
    if (subject.version == igmp->forced_version) {
      return found(seen + ", which this stream asks for", meaning,
                   change(subject, v4 ? Setting::kIgmpVersion : Setting::kMldVersion,
                          std::to_string(newest)));
    }
    return found(seen, meaning,
                 sysctl_command(family, igmp->name, key, 0) + " net." +
                     std::string(to_string(family)) + ".conf.all." + key + "=0");
  }
  const std::string querier = activity != nullptr && activity->querier
                                  ? " " + with_zone(activity->querier->address, name)
                                  : std::string();
  return found(
      name + " reports in " + version + ", because the querier" + querier + " speaks that version",
      meaning, "set the querier" + querier + " to " + protocol_version(family, newest));
}

}  // namespace

Finding check_igmp_version(const SubjectView& view) {
  return check_version(view, Family::kIpv4);
}

Finding check_mld_version(const SubjectView& view) {
  return check_version(view, Family::kIpv6);
}

}  // namespace mcast::findings
