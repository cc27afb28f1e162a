#include "netlink/forced_igmp_version.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include "netlink/proc_files.h"

namespace mcast::netlink {
namespace {

Result<int> read_open_number(const FileDescriptor& file) {
  std::array<char, 32> text{};
  const ssize_t length = ::pread(file.get(), text.data(), text.size(), 0);
  if (length <= 0) return fail_errno("cannot read force_igmp_version", length < 0 ? errno : ENOENT);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + length, value);
  if (error != std::errc{}) return fail("force_igmp_version does not hold a number");
  return value;
}

Result<void> write_open_number(const FileDescriptor& file, int value) {
  const std::string text = std::to_string(value);
  if (::pwrite(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return fail_errno("cannot write force_igmp_version", errno);
  }
  return {};
}

}  // namespace

ForcedIgmpVersions::Lease& ForcedIgmpVersions::Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    owner_ = std::exchange(other.owner_, nullptr);
    interface_ = std::move(other.interface_);
    forcing_ = other.forcing_;
  }
  return *this;
}

void ForcedIgmpVersions::Lease::release() {
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->release(interface_, forcing_);
}

Result<ForcedIgmpVersions::Lease> ForcedIgmpVersions::force(const std::string& interface,
                                                            int version) {
  // "all" and "default" are no interfaces, but files of the same kind.
  if (!is_valid_interface_name(interface) || interface == "all" || interface == "default") {
    return fail("'" + interface + "' is not an interface name");
  }
  if (version < 1 || version > 3) {
    return fail("IGMP version " + std::to_string(version) + " does not exist: 1, 2 or 3");
  }
  const std::scoped_lock lock(mutex_);
  auto found = forced_.find(interface);
  if (found != forced_.end() && !read_open_number(found->second.file)) {
    // Of an interface that is gone; this one is new and forced by nobody.
    forced_.erase(found);
    found = forced_.end();
  }
  if (found != forced_.end()) {
    if (found->second.version != version) {
      return fail("IGMPv" + std::to_string(found->second.version) + " is already forced on " +
                  interface + ", so IGMPv" + std::to_string(version) + " cannot be");
    }
    ++found->second.leases;
    return Lease(*this, interface, found->second.id);
  }
  const auto path = force_igmp_version_path(proc_root_, interface);
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file) {
    const int code = errno;
    const bool denied = code == EACCES || code == EPERM || code == EROFS;
    return fail_errno(
        "cannot open " + path.string() + (denied ? " (only root may force a version)" : ""), code);
  }
  const auto before = read_open_number(file);
  if (!before) return std::unexpected(before.error());
  if (auto written = write_open_number(file, version); !written) {
    return std::unexpected(written.error());
  }
  const std::uint64_t id = next_id_++;
  forced_.emplace(
      interface,
      Forcing{
          .id = id, .file = std::move(file), .version = version, .before = *before, .leases = 1});
  return Lease(*this, interface, id);
}

void ForcedIgmpVersions::release(const std::string& interface, std::uint64_t forcing) {
  const std::scoped_lock lock(mutex_);
  const auto found = forced_.find(interface);
  if (found == forced_.end() || found->second.id != forcing || --found->second.leases > 0) return;
  const Forcing ended = std::move(found->second);
  forced_.erase(found);
  const auto now = read_open_number(ended.file);
  if (!now || *now != ended.version) return;
  // Fails only when the interface went away this moment: nothing is left to do.
  (void)write_open_number(ended.file, ended.before);
}

}  // namespace mcast::netlink
