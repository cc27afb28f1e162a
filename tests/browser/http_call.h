// One HTTP request to a program on the loopback interface of a namespace.
#pragma once

#include <cstdint>
#include <string>

#include "tests/netns/namespace.h"

namespace mcast::test {

struct HttpCallAnswer {
  int status = 0;
  std::string body;
};

// Throws Failure when nobody answers within half a minute, which is what a browser may
// take to start.
[[nodiscard]] HttpCallAnswer http_call(const Namespace& where, std::uint16_t port,
                                       const std::string& method, const std::string& path,
                                       const std::string& body = {});

}  // namespace mcast::test
