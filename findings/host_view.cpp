#include "findings/host_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "base/text.h"

namespace mcast::findings {
namespace {

bool is_of_subject(const Subject& subject, const IpAddress& group, const IpAddress& source) {
  const auto& wanted = subject.wanted_source();
  return group == subject.group && (!wanted || *wanted == source);
}

std::vector<const netlink::WireFlow*> select_flows(const HostEvidence& host, const auto& wanted) {
  std::vector<const netlink::WireFlow*> result;
  if (!host.flows) return result;
  for (const netlink::WireFlow& flow : *host.flows) {
    // A tagged packet is seen once more on its VLAN's interface, where it counts.
    if (!flow.outgoing && flow.vlan == 0 && wanted(flow)) result.push_back(&flow);
  }
  return result;
}

}  // namespace

const netlink::Link* link_at(const HostEvidence& host, int ifindex) {
  const auto found = std::ranges::find(host.links, ifindex, &netlink::Link::index);
  return found == host.links.end() ? nullptr : &*found;
}

const netlink::Link* link_called(const HostEvidence& host, const std::string& name) {
  const auto found = std::ranges::find(host.links, name, &netlink::Link::name);
  return found == host.links.end() ? nullptr : &*found;
}

std::string name_of(const HostEvidence& host, int ifindex) {
  const netlink::Link* link = link_at(host, ifindex);
  return link != nullptr ? printable(link->name) : "interface " + std::to_string(ifindex);
}

std::string link_name(const HostEvidence& host, int ifindex) {
  const netlink::Link* link = link_at(host, ifindex);
  return link != nullptr ? link->name : "INTERFACE";
}

const netlink::Link* place_of(const Evidence& evidence, const HostEvidence& host) {
  const Subject& subject = evidence.subject;
  if (!subject.interface.empty()) return link_called(host, subject.interface);
  const auto joined = joined_interfaces(host, subject.group);
  const auto flows = incoming_flows(evidence, host);
  for (const netlink::WireFlow* flow : flows) {
    if (std::ranges::find(joined, flow->ifindex) != joined.end())
      return link_at(host, flow->ifindex);
  }
  if (!joined.empty()) return link_at(host, joined.front());
  if (!flows.empty()) return link_at(host, flows.front()->ifindex);
  for (const netlink::MulticastRoute* route : routes_of(evidence, host)) {
    if (route->incoming != 0) return link_at(host, route->incoming);
  }
  return evidence.route_to_group ? link_at(host, evidence.route_to_group->ifindex) : nullptr;
}

bool has_address(const HostEvidence& host, int ifindex, Family family) {
  return std::ranges::any_of(host.addresses, [&](const netlink::InterfaceAddress& address) {
    return address.ifindex == ifindex && address.address.family() == family;
  });
}

bool is_own_address(const HostEvidence& host, const IpAddress& address) {
  return std::ranges::any_of(
      host.addresses, [&](const netlink::InterfaceAddress& own) { return own.address == address; });
}

bool is_usable(const netlink::Link& link, const HostEvidence& host) {
  return link.up && link.carrier &&
         (has_address(host, link.index, Family::kIpv4) ||
          has_address(host, link.index, Family::kIpv6) || link.master != 0);
}

bool is_joined(const HostEvidence& host, int ifindex, const IpAddress& group) {
  return std::ranges::any_of(host.memberships, [&](const netlink::Membership& membership) {
    return membership.ifindex == ifindex && membership.group == group;
  });
}

std::vector<int> joined_interfaces(const HostEvidence& host, const IpAddress& group) {
  // The loopback interface last: a group is rarely wanted from there alone. Not by
  // std::stable_sort: GCC 12's library uses a function for it that clang calls deprecated.
  std::vector<int> result;
  std::vector<int> last;
  for (const netlink::Membership& membership : host.memberships) {
    if (membership.group != group) continue;
    const netlink::Link* link = link_at(host, membership.ifindex);
    (link != nullptr && link->loopback ? last : result).push_back(membership.ifindex);
  }
  result.insert(result.end(), last.begin(), last.end());
  return result;
}

std::vector<IpAddress> included_sources(const HostEvidence& host, int ifindex,
                                        const IpAddress& group) {
  std::vector<IpAddress> result;
  for (const netlink::SourceFilter& filter : host.source_filters) {
    if (filter.ifindex == ifindex && filter.group == group && filter.includes > 0) {
      result.push_back(filter.source);
    }
  }
  return result;
}

bool takes_source(const Evidence& evidence, const HostEvidence& host, int ifindex,
                  const IpAddress& source) {
  const IpAddress& group = evidence.subject.group;
  for (const SourceEvidence& known : evidence.sources) {
    if (known.source == source && known.ifindex == ifindex && known.accepted && *known.accepted) {
      return true;
    }
  }
  std::uint32_t users = 0;
  for (const netlink::Membership& membership : host.memberships) {
    if (membership.ifindex == ifindex && membership.group == group) users += membership.users;
  }
  std::uint64_t all_includes = 0;
  std::uint32_t most_includes = 0;
  for (const netlink::SourceFilter& filter : host.source_filters) {
    if (filter.ifindex != ifindex || filter.group != group) continue;
    if (filter.source == source && filter.includes > 0) return true;
    all_includes += filter.includes;
    most_includes = std::max(most_includes, filter.includes);
  }
  // A socket without a filter is in no line: with more users than includes there is one.
  // One with several sources is in several lines, so the sum alone proves nothing.
  if (users > all_includes) return true;
  const bool refused = std::ranges::any_of(evidence.sources, [&](const SourceEvidence& known) {
    return known.source == source && known.ifindex == ifindex && known.accepted;
  });
  return !refused && most_includes != users;
}

std::vector<const netlink::WireFlow*> incoming_flows(const Evidence& evidence,
                                                     const HostEvidence& host, int ifindex) {
  return select_flows(host, [&](const netlink::WireFlow& flow) {
    return (ifindex == 0 || flow.ifindex == ifindex) &&
           is_of_subject(evidence.subject, flow.group, flow.source);
  });
}

std::vector<const netlink::WireFlow*> incoming_flows_of_any_source(const Evidence& evidence,
                                                                   const HostEvidence& host,
                                                                   int ifindex) {
  return select_flows(host, [&](const netlink::WireFlow& flow) {
    return (ifindex == 0 || flow.ifindex == ifindex) && flow.group == evidence.subject.group;
  });
}

bool is_wanted_port(const Subject& subject, const HostEvidence& host,
                    const netlink::WireFlow& flow) {
  if (flow.destination_port == 0) return true;
  return subject.port ? flow.destination_port == *subject.port
                      : host.open_ports.contains(flow.destination_port);
}

bool is_at(const HostEvidence& host, int ifindex, const netlink::Link& place) {
  if (ifindex == place.index) return true;
  const netlink::Link* link = link_at(host, ifindex);
  return link != nullptr && link->master == place.index;
}

bool is_router(const HostEvidence& host) {
  return std::ranges::any_of(host.settings,
                             [](const auto& entry) { return entry.second.forwards_multicast; });
}

std::vector<const netlink::MulticastRoute*> routes_of(const Evidence& evidence,
                                                      const HostEvidence& host) {
  std::vector<const netlink::MulticastRoute*> result;
  if (!host.routes) return result;
  for (const netlink::MulticastRoute& route : *host.routes) {
    if (is_of_subject(evidence.subject, route.group, route.source)) result.push_back(&route);
  }
  return result;
}

bool only_forwards(const Evidence& evidence, const HostEvidence& host) {
  // Whoever names a port means a socket of this host.
  if (!evidence.subject.stream.empty() || evidence.subject.port) return false;
  if (is_router(host)) return true;
  // A bridge of this host carries it from port to port.
  if (!joined_interfaces(host, evidence.subject.group).empty()) return false;
  if (host.bridge_entries &&
      std::ranges::any_of(*host.bridge_entries, [&](const netlink::BridgeEntry& entry) {
        return entry.group == evidence.subject.group && entry.port != entry.bridge;
      })) {
    return true;
  }
  return std::ranges::any_of(incoming_flows_of_any_source(evidence, host),
                             [&](const netlink::WireFlow* flow) {
                               const netlink::Link* link = link_at(host, flow->ifindex);
                               return link != nullptr && link->master != 0;
                             });
}

std::string seconds_text(Nanoseconds duration) {
  std::array<char, 32> text{};
  const double seconds = to_seconds(duration);
  // Tenths where they say something.
  const bool whole = seconds >= 10 || seconds == static_cast<double>(static_cast<int>(seconds));
  const int length = std::snprintf(text.data(), text.size(), whole ? "%.0f s" : "%.1f s", seconds);
  return {text.data(), static_cast<std::size_t>(std::max(0, length))};
}

std::string count_text(std::uint64_t number, const char* noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string list_text(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

std::string stream_text(const Subject& subject) {
  const auto& source = subject.wanted_source();
  return source ? "(" + source->to_string() + ", " + subject.group.to_string() + ")"
                : subject.group.to_string();
}

std::string shell_word(const std::string& name) {
  const bool is_plain =
      !name.empty() && name.front() != '-' && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-' || c == ':' || c == '@';
      });
  if (is_plain) return name;
  std::string quoted = "'";
  for (const char c : printable(name)) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string sysctl_command(const std::string& interface, const std::string& key, int value) {
  // sysctl(8) takes the first separator that it sees for all.
  const char separator = interface.find('.') == std::string::npos ? '.' : '/';
  std::string name;
  for (const std::string& part :
       {std::string("net"), std::string("ipv4"), std::string("conf"), shell_word(interface), key}) {
    name += (name.empty() ? "" : std::string(1, separator)) + part;
  }
  return "sysctl -w " + name + "=" + std::to_string(value);
}

Finding fine(Check check, std::string seen) {
  return {.check = check,
          .verdict = Verdict::kFine,
          .seen = std::move(seen),
          .meaning = "",
          .remedy = ""};
}

Finding unknown(Check check, std::string why) {
  return {.check = check,
          .verdict = Verdict::kUnknown,
          .seen = std::move(why),
          .meaning = "",
          .remedy = ""};
}

Finding found(Check check, std::string seen, std::string meaning, std::string remedy) {
  return {.check = check,
          .verdict = Verdict::kFound,
          .seen = std::move(seen),
          .meaning = std::move(meaning),
          .remedy = std::move(remedy)};
}

}  // namespace mcast::findings
