#include "netlink/host_reader.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <tuple>
#include <utility>

#include "netlink/proc/proc_net.h"
#include "netlink/proc/source_filter_anchor.h"
#include "netlink/proc/sysctls.h"

namespace mcast::netlink {
namespace {

constexpr int kMoreReadings = 4;

// IPv6, on every interface: its groups and versions are in the kernel's files all the same.
bool is_switched_off(const std::filesystem::path& proc_root,
                     const std::vector<InterfaceAddress>& addresses) {
  const auto off = read_proc_number(proc_root / "sys/net/ipv6/conf/all/disable_ipv6");
  return off && *off != 0 &&
         std::ranges::all_of(addresses, [](const auto& each) { return each.address.is_v4(); });
}

}  // namespace

std::string_view to_string(MembershipSource source) {
  return source == MembershipSource::kNetlink ? "netlink" : "proc";
}

std::vector<Membership> united(std::vector<Membership> one, const std::vector<Membership>& other) {
  const auto key = [](const Membership& entry) { return std::tie(entry.ifindex, entry.group); };
  one.insert(one.end(), other.begin(), other.end());
  std::ranges::sort(one, std::ranges::greater());
  // Of those alike the last one has the fewest users.
  const auto repeated = std::ranges::unique(one, {}, key);
  one.erase(repeated.begin(), repeated.end());
  std::ranges::reverse(one);
  return one;
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

  auto igmp = read_table(proc_root_ / "net/igmp", parse_proc_igmp);
  if (!igmp) return std::unexpected(igmp.error());
  snapshot.memberships = read_memberships(igmp->memberships);

  // A file that is not there lists nothing: no IPv6 on this host. One that cannot be
  // read, or understood, says nothing, and costs only itself.
  auto igmp6 = is_switched_off(proc_root_, snapshot.addresses)
                   ? fail_errno("IPv6 is switched off", ENOENT)
                   : read_table(proc_root_ / "net/igmp6", parse_proc_igmp6);
  snapshot.has_ipv6 = igmp6 || igmp6.error().code != ENOENT;
  const bool ipv6_read = igmp6 || !snapshot.has_ipv6;
  snapshot.protocols =
      versions_.read(*igmp, snapshot.has_ipv6 ? snapshot.links : std::vector<Link>());
  if (igmp6) {
    std::ranges::move(*igmp6, std::back_inserter(snapshot.memberships));
    std::ranges::sort(snapshot.memberships);
  }
  std::erase_if(snapshot.memberships, [](const Membership& entry) {
    return is_source_filter_anchor(entry.ifindex, entry.group);
  });
  snapshot.source_filters = read_source_filters();
  snapshot.routes = host_.multicast_routes().value_or(std::vector<MulticastRoute>());
  names_.clear();
  for (const Link& link : snapshot.links) names_.emplace(link.index, link.name);
  changes_.update(snapshot.memberships, snapshot.links, {.ipv4 = true, .ipv6 = ipv6_read});
  snapshot.changes = changes_.totals();
  return snapshot;
}

void HostReader::note(const MembershipEvent& event) {
  if (is_source_filter_anchor(event.ifindex, event.group)) return;
  const auto name = names_.find(event.ifindex);
  if (name != names_.end()) changes_.note(name->second, event.group, event.joined);
}

std::vector<Membership> HostReader::read_memberships(const std::vector<Membership>& from_proc) {
  const auto again = [this] {
    auto igmp = read_table(proc_root_ / "net/igmp", parse_proc_igmp);
    return united({}, igmp ? igmp->memberships : std::vector<Membership>());
  };
  // Asked every time: an old kernel and a network in which nothing is up yet look
  // alike from here.
  const auto dumped = host_.memberships(Family::kIpv4);
  membership_source_ = dumped ? MembershipSource::kNetlink : MembershipSource::kProc;
  auto all = united({}, from_proc);
  std::size_t before = all.size();
  auto newest = dumped ? united({}, *dumped) : again();
  all = united(std::move(all), newest);
  // Until two in a row have all; where memberships end all the time none has.
  for (int i = 0; i < kMoreReadings && std::min(before, newest.size()) != all.size(); ++i) {
    before = newest.size();
    newest = again();
    all = united(std::move(all), newest);
  }
  // One that netlink alone has has the users of the last time.
  const auto key = [](const Membership& entry) { return std::tie(entry.ifindex, entry.group); };
  for (Membership& entry : all) {
    if (entry.users > 0) continue;
    const auto known = std::ranges::lower_bound(known_, key(entry), {}, key);
    if (known != known_.end() && key(*known) == key(entry)) entry.users = known->users;
  }
  known_ = all;
  return all;
}

std::vector<SourceFilter> HostReader::read_source_filters() const {
  std::vector<SourceFilter> result;
  const SourceFilterAnchor anchor;
  for (const auto& [file, parse] : {std::pair("net/mcfilter", &parse_proc_mcfilter),
                                    std::pair("net/mcfilter6", &parse_proc_mcfilter6)}) {
    const auto filters = read_table(proc_root_ / file, parse);
    if (filters) std::ranges::copy(*filters, std::back_inserter(result));
  }
  std::erase_if(result, [](const SourceFilter& filter) {
    return is_source_filter_anchor(filter.ifindex, filter.group);
  });
  return result;
}

}  // namespace mcast::netlink
