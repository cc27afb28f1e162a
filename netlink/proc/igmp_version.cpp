#include "netlink/proc/igmp_version.h"

#include <algorithm>

#include "netlink/proc/proc.h"
#include "netlink/proc/proc_files.h"

namespace mcast::netlink {

std::optional<int> igmp_version_in_operation(const std::filesystem::path& proc_root,
                                             std::string_view interface) {
  const auto text = read_proc_file(proc_root / "net/igmp");
  if (!text) return std::nullopt;
  const auto igmp = parse_proc_igmp(*text);
  if (!igmp) return std::nullopt;
  const auto found = std::ranges::find(igmp->interfaces, interface, &ProcIgmp::Interface::name);
  if (found == igmp->interfaces.end()) return std::nullopt;
  return found->version;
}

}  // namespace mcast::netlink
