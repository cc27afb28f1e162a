#include "netlink/proc/reverse_path.h"

#include <algorithm>
#include <cerrno>

#include "netlink/proc/proc_files.h"

namespace mcast::netlink {
namespace {

Result<int> setting(const std::filesystem::path& proc_root, const std::string& interface,
                    const char* name) {
  if (!is_valid_interface_name(interface)) {
    return fail_errno("a sysctl of an interface of that name", EINVAL);
  }
  return read_proc_number(proc_root / "sys/net/ipv4/conf" / interface / name);
}

Result<bool> is_set(const Result<int>& value) {
  if (!value) return std::unexpected(value.error());
  return *value != 0;
}

}  // namespace

Result<ReversePathFilter> reverse_path_filter(const std::filesystem::path& proc_root,
                                              const std::string& interface) {
  const auto all = setting(proc_root, "all", "rp_filter");
  if (!all) return std::unexpected(all.error());
  const auto own = setting(proc_root, interface, "rp_filter");
  if (!own) return std::unexpected(own.error());
  // Any number can be written; __fib_validate_source() in net/ipv4/fib_frontend.c knows
  // 0, 1 and the rest.
  switch (std::max(*all, *own)) {
    case 0:
      return ReversePathFilter::kOff;
    case 1:
      return ReversePathFilter::kStrict;
    default:
      return std::max(*all, *own) < 0 ? ReversePathFilter::kOff : ReversePathFilter::kLoose;
  }
}

Result<bool> is_multicast_router(const std::filesystem::path& proc_root) {
  auto all = is_set(setting(proc_root, "all", "mc_forwarding"));
  if (!all && all.error().code == ENOENT) return false;
  return all;
}

Result<bool> forwards_multicast(const std::filesystem::path& proc_root,
                                const std::string& interface) {
  auto own = is_set(setting(proc_root, interface, "mc_forwarding"));
  if (!own || !*own) return own;
  return is_multicast_router(proc_root);
}

}  // namespace mcast::netlink
