// Reads a configuration file as a bounded text.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace mcast::agent {

// A pipe will do at the start; while the agent runs nobody may have to wait for one.
enum class FileKind : std::uint8_t { kAny, kRegular };

// At most kMaxConfigurationBytes. The error does not name the file.
[[nodiscard]] Result<std::string> read_configuration_file(const std::string& path,
                                                          FileKind kind = FileKind::kAny);

// For a file that somebody else opens: an error for what is there and is no regular file.
[[nodiscard]] Result<void> expect_regular_file(const std::string& path);

}  // namespace mcast::agent
