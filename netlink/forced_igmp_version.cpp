#include "netlink/forced_igmp_version.h"

#include <cerrno>
#include <utility>

#include "netlink/proc_files.h"

namespace mcast::netlink {

ForcedIgmpVersions::Lease& ForcedIgmpVersions::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    owner_ = std::exchange(other.owner_, nullptr);
    interface_ = std::move(other.interface_);
  }
  return *this;
}

void ForcedIgmpVersions::Lease::release() {
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->release(interface_);
}

Result<ForcedIgmpVersions::Lease> ForcedIgmpVersions::force(const std::string& interface,
                                                            int version) {
  if (!is_valid_interface_name(interface)) {
    return fail("'" + interface + "' is not an interface name");
  }
  if (version < 1 || version > 3) {
    return fail("IGMP version " + std::to_string(version) + " does not exist: 1, 2 or 3");
  }
  const std::scoped_lock lock(mutex_);
  if (const auto found = forced_.find(interface); found != forced_.end()) {
    if (found->second.version != version) {
      return fail("IGMPv" + std::to_string(found->second.version) + " is already forced on " +
                  interface + ", so IGMPv" + std::to_string(version) + " cannot be");
    }
    ++found->second.leases;
    return Lease(*this, interface);
  }
  const auto path = force_igmp_version_path(proc_root_, interface);
  const auto before = read_proc_number(path);
  if (!before) return std::unexpected(before.error());
  if (const auto written = write_proc_file(path, std::to_string(version)); !written) {
    const int code = written.error().code;
    const bool denied = code == EACCES || code == EPERM || code == EROFS;
    return std::unexpected(Error{
        .message = written.error().message + (denied ? " (only root may force a version)" : ""),
        .code = code});
  }
  forced_.emplace(interface, Forcing{.version = version, .before = *before, .leases = 1});
  return Lease(*this, interface);
}

void ForcedIgmpVersions::release(const std::string& interface) {
  const std::scoped_lock lock(mutex_);
  const auto found = forced_.find(interface);
  if (found == forced_.end() || --found->second.leases > 0) return;
  const Forcing forcing = found->second;
  forced_.erase(found);
  const auto path = force_igmp_version_path(proc_root_, interface);
  const auto now = read_proc_number(path);
  if (!now || *now != forcing.version) return;
  // Fails only when the interface went away this moment: nothing is left to do.
  (void)write_proc_file(path, std::to_string(forcing.before));
}

}  // namespace mcast::netlink
