// HTTP as a test speaks it: plain sockets, so that nothing is between the test and the
// bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "tests/netns/namespace.h"

namespace mcast::test {

struct HttpAnswer {
  int status = 0;
  std::string head;
  std::string body;
};

// GET http://127.0.0.1:<port><path> from inside a namespace. Throws Failure when nobody
// answers within two seconds.
[[nodiscard]] HttpAnswer http_get(const Namespace& where, const std::string& path,
                                  std::uint16_t port = 19779, const std::string& headers = {});

// Connected, with two seconds for each read and write; throws Failure.
[[nodiscard]] FileDescriptor connect_to(const Namespace& where, std::uint16_t port);
[[nodiscard]] FileDescriptor connect_to(const std::string& unix_socket);

// Sends `request` and reads until the other end closes.
[[nodiscard]] HttpAnswer http_exchange(const FileDescriptor& socket, std::string_view request);

// Sends a request for an event stream and reads what comes, until `enough` of all that has
// come says so. Throws Failure when nothing comes for two seconds.
[[nodiscard]] std::string read_events(const FileDescriptor& socket, std::string_view path,
                                      const std::function<bool(const std::string&)>& enough);

}  // namespace mcast::test
