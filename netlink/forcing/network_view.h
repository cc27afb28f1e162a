// Which network namespace this thread is in, and what its interfaces are called:
// what tells whether a note about an interface is about this one. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"

namespace mcast::netlink {

// A network namespace, told apart from every other one of every boot.
//
// The inode number alone does not do: the kernel hands the number of a namespace
// that is gone to the next one. The cookie (SO_NETNS_COOKIE, Linux 5.14) is never
// used twice in a boot; older kernels have none, which is 0 here.
struct NetworkNamespace {
  std::string boot_id;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t cookie = 0;

  friend bool operator==(const NetworkNamespace&, const NetworkNamespace&) = default;
};

// True when `seen` cannot exist any more, given that `current` does: it is of an
// earlier boot, or its inode number is another namespace's by now. False where
// nothing is proven: a namespace without processes may be held by a mount.
[[nodiscard]] bool is_gone(const NetworkNamespace& seen, const NetworkNamespace& current);

// The questions; functions, so that tests can answer them.
struct NetworkView {
  std::function<Result<NetworkNamespace>()> network_namespace;
  // 0: there is no such interface.
  std::function<int(const std::string&)> index_of;
  // "": there is no such interface.
  std::function<std::string(int)> name_of;

  // As the kernel answers; `proc_root` is "/proc" outside of tests.
  [[nodiscard]] static NetworkView of_kernel(const std::filesystem::path& proc_root);
};

}  // namespace mcast::netlink
