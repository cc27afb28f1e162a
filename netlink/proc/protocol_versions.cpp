#include "netlink/proc/protocol_versions.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "netlink/proc/sysctls.h"

namespace mcast::netlink {
namespace {

Result<MldCounters> read_mld_counters(const std::filesystem::path& proc_root,
                                      const std::string& interface) {
  if (!is_valid_interface_name(interface)) return fail("not the name of an interface");
  return read_table(proc_root / "net/dev_snmp6" / interface, parse_proc_dev_snmp6);
}

}  // namespace

int MldVersion::judge(const MldCounters& now, Nanoseconds monotonic) {
  const MldCounters before = last_.value_or(MldCounters{});
  const bool is_first = !std::exchange(last_, now);
  if (is_first || now.queries != before.queries) last_query_ = monotonic;
  // Only a query makes a host turn to version 1, and it stays there for a while.
  const bool may_be_older = now.queries > 0 && monotonic - last_query_ <= kOlderQuerierPresent;
  if (may_be_older && now.v1_messages > before.v1_messages) {
    version_ = 1;
  } else if (!may_be_older || now.v2_reports > before.v2_reports) {
    version_ = 2;
  }
  return version_;
}

std::vector<ProtocolInterface> ProtocolVersions::read(const ProcIgmp& igmp,
                                                      const std::vector<Link>& links) {
  std::vector<ProtocolInterface> result;
  for (const ProcIgmp::Interface& interface : igmp.interfaces) {
    // On a kernel without IGMP no version is in operation or can be forced.
    if (interface.version == 0) continue;
    result.push_back(
        {.ifindex = interface.ifindex,
         .name = interface.name,
         .version = interface.version,
         .forced_version = read_version_in_force(proc_root_, Family::kIpv4, interface.name)});
  }
  const Nanoseconds now = SystemClock().monotonic();
  std::map<int, MldVersion> before = std::exchange(mld_, {});
  for (const Link& link : links) {
    const auto counters = read_mld_counters(proc_root_, link.name);
    if (!counters || counters->ifindex != link.index) continue;
    MldVersion& judged = mld_[link.index] = before[link.index];
    const int seen = judged.judge(*counters, now);
    const int forced = read_version_in_force(proc_root_, Family::kIpv6, link.name);
    result.push_back({.ifindex = link.index,
                      .name = link.name,
                      .family = Family::kIpv6,
                      .version = forced != 0 ? forced : seen,
                      .forced_version = forced});
  }
  return result;
}

std::optional<int> version_in_operation(const std::filesystem::path& proc_root, Family family,
                                        const std::string& interface) {
  if (family == Family::kIpv6) {
    const auto counters = read_mld_counters(proc_root, interface);
    if (!counters) return std::nullopt;
    const int forced = read_version_in_force(proc_root, family, interface);
    return forced != 0 ? forced : MldVersion().judge(*counters, 0);
  }
  const auto igmp = read_table(proc_root / "net/igmp", parse_proc_igmp);
  if (!igmp) return std::nullopt;
  const auto found = std::ranges::find(igmp->interfaces, interface, &ProcIgmp::Interface::name);
  return found == igmp->interfaces.end() ? std::nullopt : std::optional(found->version);
}

int read_version_in_force(const std::filesystem::path& proc_root, Family family,
                          const std::string& interface) {
  const int all = read_proc_number(force_version_path(proc_root, family, "all")).value_or(0);
  const int own =
      is_valid_interface_name(interface)
          ? read_proc_number(force_version_path(proc_root, family, interface)).value_or(0)
          : 0;
  return version_in_force(family, own, all);
}

}  // namespace mcast::netlink
