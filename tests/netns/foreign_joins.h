// Joins of a program that is none of ours: one socket in a namespace. Any thread, one
// at a time.
#pragma once

#include <string>

#include "base/file_descriptor.h"
#include "tests/netns/namespace.h"

namespace mcast::test {

class ForeignJoins {
 public:
  // At most 20 groups at a time: net.ipv4.igmp_max_memberships.
  ForeignJoins(const Namespace& where, const std::string& interface);

  // (*,G). Throws Failure if the kernel refuses.
  void join(const std::string& group) const;
  void leave(const std::string& group) const;

 private:
  void change(int option, const std::string& group) const;

  FileDescriptor socket_;
  int ifindex_;
};

}  // namespace mcast::test
