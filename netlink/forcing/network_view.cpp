#include "netlink/forcing/network_view.h"

#include <net/if.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>

#include "base/file_descriptor.h"
#include "netlink/proc/proc_files.h"

namespace mcast::netlink {
namespace {

constexpr std::size_t kBootIdLength = 36;  // of a UUID as text

Result<std::uint64_t> cookie() {
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("cannot open a socket", errno);
  std::uint64_t value = 0;
  socklen_t length = sizeof value;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &value, &length) == 0) return value;
  if (errno == ENOPROTOOPT) return 0;
  return fail_errno("getsockopt SO_NETNS_COOKIE", errno);
}

Result<NetworkNamespace> ask_network_namespace(const std::filesystem::path& proc_root) {
  NetworkNamespace result;
  const std::filesystem::path boot_path = proc_root / "sys/kernel/random/boot_id";
  const auto boot = read_proc_file(boot_path);
  if (!boot) return std::unexpected(boot.error());
  result.boot_id = boot->substr(0, kBootIdLength);
  if (result.boot_id.size() != kBootIdLength || !std::ranges::all_of(result.boot_id, [](char c) {
        return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
      })) {
    return fail(boot_path.string() + " does not hold a boot ID");
  }
  // The thread's own, as /proc/sys/net is.
  const std::filesystem::path path = proc_root / "thread-self/ns/net";
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0)
    return fail_errno("cannot look at " + path.string(), errno);
  result.device = status.st_dev;
  result.inode = status.st_ino;
  const auto unique = cookie();
  if (!unique) return std::unexpected(unique.error());
  result.cookie = *unique;
  return result;
}

}  // namespace

bool is_gone(const NetworkNamespace& seen, const NetworkNamespace& current) {
  if (seen.boot_id != current.boot_id) return true;
  return seen.device == current.device && seen.inode == current.inode && seen.cookie != 0 &&
         current.cookie != 0 && seen.cookie != current.cookie;
}

NetworkView NetworkView::of_kernel(const std::filesystem::path& proc_root) {
  return {
      .network_namespace = [proc_root] { return ask_network_namespace(proc_root); },
      .index_of =
          [](const std::string& name) { return static_cast<int>(::if_nametoindex(name.c_str())); },
      .name_of =
          [](int index) {
            std::array<char, IF_NAMESIZE> name{};
            return std::string(
                ::if_indextoname(static_cast<unsigned>(index), name.data()) != nullptr ? name.data()
                                                                                       : "");
          }};
}

}  // namespace mcast::netlink
