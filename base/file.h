// Whole files, of the user's and of /proc.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace mcast {

// The bytes of a file. Files of /proc have no size, so it is read to its end. Never waits: a
// FIFO without a writer is an empty file. A directory, or more than `max_bytes`, is an error.
// Messages name the path.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

}  // namespace mcast
