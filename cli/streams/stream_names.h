// What streams are called in lines and pictures: by their groups, names and ports. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/text.h"
#include "cli/terminal/number_text.h"

namespace mcast::cli {

// What the family of a group calls the number of hops that are left: "TTL", "hop limit".
[[nodiscard]] inline std::string ttl_name(const IpAddress& group) {
  return group.is_v4() ? "TTL" : "hop limit";
}

// "IGMPv3", "MLDv2"
[[nodiscard]] inline std::string version_name(Family family, int version) {
  return std::string(membership_protocol(family)) + "v" + std::to_string(version);
}

// Of a group that is_never_routed().
[[nodiscard]] inline std::string never_routed_warning(const IpAddress& group) {
  return group.is_v4() ? "224.0.0.0/24 is link-local: no router forwards it"
                       : group.to_string() + " is of " +
                             (group.multicast_scope() == 1 ? "interface" : "link") +
                             "-local scope: no router forwards it";
}

// Whether a stream has a name of its own; else it is called by its group.
template <typename Spec>
[[nodiscard]] bool has_own_name(const Spec& spec) {
  return !spec.name.empty() && spec.name != spec.group.to_string();
}

// "239.1.1.1"; of several streams "239.1.1.1 to 239.1.1.9", or a few of a list.
template <typename Stream>
[[nodiscard]] std::string groups_of(const std::vector<Stream>& streams) {
  constexpr std::size_t kMaxListed = 3;
  const auto group_of = [](const Stream& stream) { return stream.spec.group.to_string(); };
  const IpAddress& first = streams.front().spec.group;
  bool is_range = streams.size() > 1;
  for (std::size_t i = 0; is_range && i < streams.size(); ++i) {
    is_range = streams[i].spec.group == first.plus(static_cast<std::uint32_t>(i));
  }
  return is_range ? first.to_string() + " to " + group_of(streams.back())
                  : listed(streams, group_of, kMaxListed);
}

// "239.0.10.101 (admin-scoped)", "224.0.0.5 (link-local, not routed)",
// "1,000 groups, 239.0.10.1 to 239.0.13.232".
template <typename Stream>
[[nodiscard]] std::string groups_text(const std::vector<Stream>& streams) {
  const IpAddress& group = streams.front().spec.group;
  if (streams.size() > 1) return count_text(streams.size()) + " groups, " + groups_of(streams);
  const std::string text = groups_of(streams) + " (" + multicast_class(group);
  return text + (group.is_v4() && group.is_never_routed() ? ", not routed)" : ")");
}

// "19779", or of several "19779, 5004".
template <typename Stream>
[[nodiscard]] std::string ports_text(const std::vector<Stream>& streams) {
  constexpr std::size_t kMaxPorts = 3;
  std::set<std::uint16_t> ports;
  for (const Stream& stream : streams) ports.insert(stream.spec.port);
  return listed(ports, [](std::uint16_t port) { return std::to_string(port); }, kMaxPorts);
}

}  // namespace mcast::cli
