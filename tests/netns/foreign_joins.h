// Joins of a program that is none of ours: one socket of each family in a namespace. Any
// thread, one at a time.
#pragma once

#include <string>

#include "base/file_descriptor.h"
#include "tests/netns/namespace.h"

namespace mcast::test {

class ForeignJoins {
 public:
  // At most 20 groups of IPv4 at a time: net.ipv4.igmp_max_memberships.
  ForeignJoins(const Namespace& where, const std::string& interface);

  // (*,G). Throws Failure if the kernel refuses.
  void join(const std::string& group) const;
  void leave(const std::string& group) const;
  // (S,G), for as many sources as there are calls.
  void join(const std::string& group, const std::string& source) const;

 private:
  void change(int option, const std::string& group, const std::string& source) const;

  FileDescriptor v4_;
  FileDescriptor v6_;
  unsigned interface_index_;
};

// Whether anything in there has joined the group on some interface, as /proc says it.
[[nodiscard]] bool has_joined(const Namespace& where, const std::string& group);

}  // namespace mcast::test
