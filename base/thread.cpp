#include "base/thread.h"

#include <pthread.h>

#include <string>
#include <system_error>
#include <utility>

namespace mcast {

Result<std::thread> start_thread(std::string_view name, std::function<void()> body) {
  try {
    std::thread thread(std::move(body));
    (void)::pthread_setname_np(thread.native_handle(), std::string(name.substr(0, 15)).c_str());
    return thread;
  } catch (const std::system_error& error) {
    return fail_errno("cannot start the " + std::string(name) + " thread", error.code().value());
  }
}

}  // namespace mcast
