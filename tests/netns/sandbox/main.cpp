// sandbox ERRNO PROGRAM ARGUMENTS...: becomes the program, which gets that error for each
// netlink socket.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/netns/forbid_netlink.h"

int main(int argc, char** argv) {
  if (argc < 3 || !mcast::test::forbid_netlink(std::atoi(argv[1]))) {
    (void)std::fputs("sandbox: netlink cannot be forbidden\n", stderr);
    return 127;
  }
  (void)::execv(argv[2], argv + 2);
  std::perror(argv[2]);
  return 127;
}
