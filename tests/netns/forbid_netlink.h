// Takes netlink away from this process and its children, as a sandbox does.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cstddef>

namespace mcast::test {

// From here on socket(AF_NETLINK) fails with `code`: EAFNOSUPPORT as with systemd's
// RestrictAddressFamilies=, EPERM as in a container. False where that cannot be done.
inline bool forbid_netlink(int code) {
  constexpr unsigned kFamily = offsetof(seccomp_data, args);  // of a little-endian machine
  std::array program{
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_socket},
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, kFamily},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, AF_NETLINK},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | static_cast<unsigned>(code)},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace mcast::test
