// Why no agent can be reached at a socket, for the person at the command.
#pragma once

#include <string>

#include "base/result.h"

namespace mcast::cli {

// `code`: what connect() said, 0 if it went well after all. Looks at the file to say whose
// it is.
[[nodiscard]] Error agent_socket_error(const std::string& path, int code);

}  // namespace mcast::cli
