// A network namespace for the process of a test, which ends with it.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace mcast::test {

inline void ip(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  arguments.insert(arguments.begin(), "ip");
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  ASSERT_EQ(::posix_spawnp(&child, "ip", nullptr, nullptr, argv.data(), environ), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0) << "ip " << arguments[1] << " " << arguments[2];
}

// False without the permission to.
inline bool enter_new_network() {
  if (::unshare(CLONE_NEWNET) != 0) return false;
  ip({"link", "set", "lo", "up"});
  return true;
}

// v0 with 10.1.1.1/24, and v1 at its other end.
inline void add_veth() {
  ip({"link", "add", "v0", "type", "veth", "peer", "name", "v1"});
  ip({"addr", "add", "10.1.1.1/24", "dev", "v0"});
  ip({"link", "set", "v0", "up"});
  ip({"link", "set", "v1", "up"});
}

}  // namespace mcast::test
