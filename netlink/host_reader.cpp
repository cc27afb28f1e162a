#include "netlink/host_reader.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <utility>

#include "netlink/igmp_version_in_force.h"
#include "netlink/proc_files.h"

namespace mcast::netlink {
namespace {

// The error of a part, with the file that it comes from.
std::unexpected<Error> in_file(const std::filesystem::path& path, const Error& error) {
  return std::unexpected(
      Error{.message = path.string() + ": " + error.message, .code = error.code});
}

}  // namespace

std::string_view to_string(MembershipSource source) {
  return source == MembershipSource::kNetlink ? "netlink" : "proc";
}

std::vector<Membership> with_users(std::vector<Membership> from_netlink,
                                   const std::vector<Membership>& from_proc) {
  std::map<std::pair<int, IpAddress>, std::uint32_t> users;
  for (const Membership& entry : from_proc) {
    users.emplace(std::pair(entry.ifindex, entry.group), entry.users);
  }
  for (Membership& entry : from_netlink) {
    const auto found = users.find(std::pair(entry.ifindex, entry.group));
    entry.users = found == users.end() ? 0 : found->second;
  }
  return from_netlink;
}

Result<HostReader> HostReader::open(std::filesystem::path proc_root) {
  auto host = Host::open();
  if (!host) return std::unexpected(host.error());
  return HostReader(std::move(proc_root), std::move(*host));
}

Result<HostSnapshot> HostReader::read() {
  HostSnapshot snapshot;
  auto links = host_.links();
  if (!links) return std::unexpected(links.error());
  snapshot.links = std::move(*links);
  auto addresses = host_.addresses();
  if (!addresses) return std::unexpected(addresses.error());
  snapshot.addresses = std::move(*addresses);

  const std::filesystem::path igmp_path = proc_root_ / "net/igmp";
  const auto igmp_text = read_proc_file(igmp_path);
  if (!igmp_text) return std::unexpected(igmp_text.error());
  const auto igmp = parse_proc_igmp(*igmp_text);
  if (!igmp) return in_file(igmp_path, igmp.error());
  auto memberships = read_memberships(*igmp);
  if (!memberships) return std::unexpected(memberships.error());
  snapshot.memberships = std::move(*memberships);
  snapshot.igmp = read_igmp(*igmp);

  // A file that is not there lists nothing: no IPv6 on this host. One that cannot be
  // read, or understood, says nothing, and costs only itself.
  const auto igmp6_text = read_proc_file(proc_root_ / "net/igmp6");
  bool ipv6_read = !igmp6_text && igmp6_text.error().code == ENOENT;
  if (igmp6_text) {
    const auto igmp6 = parse_proc_igmp6(*igmp6_text);
    if (igmp6) std::ranges::copy(*igmp6, std::back_inserter(snapshot.memberships));
    ipv6_read = igmp6.has_value();
  }
  for (const auto& [file, parse] : {std::pair("net/mcfilter", &parse_proc_mcfilter),
                                    std::pair("net/mcfilter6", &parse_proc_mcfilter6)}) {
    const auto text = read_proc_file(proc_root_ / file);
    if (!text) continue;
    const auto filters = parse(*text);
    if (filters) std::ranges::copy(*filters, std::back_inserter(snapshot.source_filters));
  }
  std::ranges::sort(snapshot.memberships);
  changes_.update(snapshot.memberships, snapshot.links, {.ipv4 = true, .ipv6 = ipv6_read});
  snapshot.changes = changes_.totals();
  return snapshot;
}

Result<std::vector<Membership>> HostReader::read_memberships(const ProcIgmp& igmp) {
  auto dumped = host_.memberships(Family::kIpv4);
  // Asked every time: an old kernel and a network in which nothing is up yet look
  // alike from here.
  membership_source_ = dumped ? MembershipSource::kNetlink : MembershipSource::kProc;
  if (dumped) return with_users(std::move(*dumped), igmp.memberships);
  return igmp.memberships;
}

std::vector<IgmpInterface> HostReader::read_igmp(const ProcIgmp& igmp) const {
  const int forced_for_all =
      read_proc_number(force_igmp_version_path(proc_root_, "all")).value_or(0);
  std::vector<IgmpInterface> result;
  for (const ProcIgmp::Interface& interface : igmp.interfaces) {
    // Of a kernel without IGMP: no version is in operation or can be forced.
    if (interface.version == 0) continue;
    int forced = 0;
    if (is_valid_interface_name(interface.name)) {
      forced = read_proc_number(force_igmp_version_path(proc_root_, interface.name)).value_or(0);
    }
    result.push_back(
        IgmpInterface{.ifindex = interface.ifindex,
                      .name = interface.name,
                      .version = interface.version,
                      .forced_version = igmp_version_in_force(forced, forced_for_all)});
  }
  return result;
}

}  // namespace mcast::netlink
