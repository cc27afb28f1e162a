#include "netlink/forcing/forced_sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "netlink/proc/proc_files.h"

namespace mcast::netlink {

Result<ForcedSysctl> ForcedSysctl::open(const std::filesystem::path& proc_root,
                                        const std::string& interface) {
  const auto path = force_igmp_version_path(proc_root, interface);
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (file) return ForcedSysctl(std::move(file));
  const int code = errno;
  const bool denied = code == EACCES || code == EPERM || code == EROFS;
  return fail_errno(
      "cannot open " + path.string() + (denied ? " (only root may force a version)" : ""), code);
}

Result<int> ForcedSysctl::read() const {
  std::array<char, 32> text{};
  const ssize_t length = ::pread(file_.get(), text.data(), text.size(), 0);
  if (length <= 0) return fail_errno("cannot read force_igmp_version", length < 0 ? errno : ENOENT);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + length, value);
  if (error != std::errc{}) return fail("force_igmp_version does not hold a number");
  return value;
}

Result<void> ForcedSysctl::write(int value) const {
  const std::string text = std::to_string(value);
  if (::pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
    return fail_errno("cannot write force_igmp_version", errno);
  }
  return {};
}

Result<bool> ForcedSysctl::put_back(int before, int forced) const {
  const auto now = read();
  if (!now) return std::unexpected(now.error());
  if (*now != forced) return false;
  if (auto written = write(before); !written) return std::unexpected(written.error());
  return true;
}

}  // namespace mcast::netlink
