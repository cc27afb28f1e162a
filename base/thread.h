// Starting a thread, with the system's refusal as a value.
#pragma once

#include <functional>
#include <string_view>
#include <thread>

#include "base/result.h"

namespace mcast {

// Runs `body` on a thread of that name (what ps and top show; the kernel keeps 15
// bytes). An exception that leaves `body` ends the process.
[[nodiscard]] Result<std::thread> start_thread(std::string_view name, std::function<void()> body);

}  // namespace mcast
