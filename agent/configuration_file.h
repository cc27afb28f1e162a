// Reads a configuration file, or a pipe, as a bounded text.
#pragma once

#include <string>

#include "base/result.h"

namespace mcast::agent {

// At most kMaxConfigurationBytes. The error does not name the file.
[[nodiscard]] Result<std::string> read_configuration_file(const std::string& path);

}  // namespace mcast::agent
