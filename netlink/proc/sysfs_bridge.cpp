#include "netlink/proc/sysfs_bridge.h"

#include <cerrno>

#include "netlink/proc/proc_files.h"

namespace mcast::netlink {

Result<Bridge> read_sysfs_bridge(const std::filesystem::path& folder, int ifindex,
                                 const std::string& hardware_address) {
  const auto not_ours = [&] {
    return fail_errno("whether " + folder.string() + " is of this network namespace", EOPNOTSUPP);
  };
  const auto index = read_proc_number(folder / "ifindex");
  const auto address = read_proc_file(folder / "address");
  if (!index || *index != ifindex || !address || *address != hardware_address + "\n") {
    return not_ours();
  }
  const auto snooping = read_proc_number(folder / "bridge/multicast_snooping");
  const auto querier = read_proc_number(folder / "bridge/multicast_querier");
  // Not there on a kernel without snooping.
  if (!snooping && snooping.error().code != ENOENT) return std::unexpected(snooping.error());
  if (!querier && querier.error().code != ENOENT) return std::unexpected(querier.error());
  return Bridge{.ifindex = ifindex,
                .snooping = snooping.value_or(0) != 0,
                .querier = querier.value_or(0) != 0,
                .heard_querier = std::nullopt,
                .knows_querier = false};
}

}  // namespace mcast::netlink
