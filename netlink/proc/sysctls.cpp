#include "netlink/proc/sysctls.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>

#include "base/file.h"
#include "base/number.h"
#include "base/text.h"

namespace mcast::netlink {
namespace {

constexpr std::size_t kMaxBytes = 4096;

Result<int> setting(const std::filesystem::path& proc_root, const std::string& interface,
                    const char* name, Family family = Family::kIpv4) {
  if (!is_valid_interface_name(interface)) {
    return fail_errno("a sysctl of an interface of that name", EINVAL);
  }
  return read_proc_number(proc_root / "sys/net" / to_string(family) / "conf" / interface / name);
}

}  // namespace

Result<int> read_proc_number(const std::filesystem::path& path) {
  const auto text = read_file(path, kMaxBytes);
  if (!text) return std::unexpected(text.error());
  const auto value = parse_number<int>(std::string_view(*text).substr(0, text->find('\n')));
  if (!value) return fail(path.string() + " does not hold a number");
  return *value;
}

std::string force_version_sysctl(Family family) {
  return family == Family::kIpv4 ? "force_igmp_version" : "force_mld_version";
}

std::filesystem::path force_version_path(const std::filesystem::path& proc_root, Family family,
                                         const std::string& interface) {
  return proc_root / "sys/net" / to_string(family) / "conf" / interface /
         force_version_sysctl(family);
}

Result<FileDescriptor> open_version_sysctl(const std::filesystem::path& proc_root, Family family,
                                           const std::string& interface) {
  const auto path = force_version_path(proc_root, family, interface);
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (file) return file;
  const int code = errno;
  const bool denied = code == EACCES || code == EPERM || code == EROFS;
  return fail_errno(
      "cannot open " + path.string() + (denied ? " (only root may force a version)" : ""), code);
}

std::optional<int> read_sysctl(int sysctl) noexcept {
  std::array<char, 32> text{};
  const ssize_t length = ::pread(sysctl, text.data(), text.size(), 0);
  int value = 0;
  if (length > 0 && std::from_chars(text.data(), text.data() + length, value).ec == std::errc{}) {
    return value;
  }
  if (length >= 0) errno = ENOENT;
  return std::nullopt;
}

bool write_sysctl(int sysctl, int value) noexcept {
  std::array<char, 16> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return ::pwrite(sysctl, text.data(), static_cast<std::size_t>(end - text.data()), 0) ==
         end - text.data();
}

Result<ReversePathFilter> reverse_path_filter(const std::filesystem::path& proc_root,
                                              const std::string& interface) {
  const auto all = setting(proc_root, "all", "rp_filter");
  if (!all) return std::unexpected(all.error());
  const auto own = setting(proc_root, interface, "rp_filter");
  if (!own) return std::unexpected(own.error());
  // Any number can be written; __fib_validate_source() in net/ipv4/fib_frontend.c knows
  // 0, 1 and the rest.
  const int larger = std::max(*all, *own);
  if (larger <= 0) return ReversePathFilter::kOff;
  return larger == 1 ? ReversePathFilter::kStrict : ReversePathFilter::kLoose;
}

Result<bool> is_multicast_router(const std::filesystem::path& proc_root, Family family) {
  const auto all = setting(proc_root, "all", "mc_forwarding", family);
  if (!all && all.error().code != ENOENT) return std::unexpected(all.error());
  return all && *all != 0;
}

Result<bool> forwards_multicast(const std::filesystem::path& proc_root,
                                const std::string& interface, Family family) {
  const auto own = setting(proc_root, interface, "mc_forwarding", family);
  if (!own) return std::unexpected(own.error());
  if (*own == 0) return false;
  return is_multicast_router(proc_root, family);
}

}  // namespace mcast::netlink
