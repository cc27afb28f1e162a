// The main function of the tests on real networks. Before any thread exists it
// leaves the host's network for an empty one of its own, as root or, where the
// system lets ordinary users make user namespaces, as root of such a namespace.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace {

bool write_file(const char* path, const std::string& content) {
  const mcast::FileDescriptor file(::open(path, O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), content.data(), content.size()) ==
                     static_cast<ssize_t>(content.size());
}

bool become_root_of_a_user_namespace() {
  const std::string uid = std::to_string(::geteuid());
  const std::string gid = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER) != 0) return false;
  // user_namespaces(7): setgroups has to be given up before gid_map may be written.
  if (!write_file("/proc/self/setgroups", "deny")) return false;
  if (!write_file("/proc/self/uid_map", "0 " + uid + " 1")) return false;
  if (!write_file("/proc/self/gid_map", "0 " + gid + " 1")) return false;
  // Children and the leak sanitizer look into /proc of this process.
  ::prctl(PR_SET_DUMPABLE, 1);
  return true;
}

bool leave_the_network_of_the_host() {
  if (::unshare(CLONE_NEWNET) == 0) return true;
  return become_root_of_a_user_namespace() && ::unshare(CLONE_NEWNET) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();
  if (!leave_the_network_of_the_host()) {
    std::cerr << "These tests need network namespaces, and this user may not make any here ("
              << mcast::errno_text(errno) << ").\nRun them as root: sudo " << argv[0] << "\n";
    return 1;
  }
  return RUN_ALL_TESTS();
}
