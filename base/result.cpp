#include "base/result.h"

#include <cstring>
#include <utility>

namespace mcast {

std::unexpected<Error> fail(std::string message) {
  return std::unexpected(Error{.message = std::move(message), .code = 0});
}

std::unexpected<Error> fail_errno(std::string_view what, int code) {
  return std::unexpected(
      Error{.message = std::string(what) + ": " + errno_text(code), .code = code});
}

std::string errno_text(int code) {
  return std::generic_category().message(code);
}

std::string errno_name(int code) {
  // glibc 2.32; thread-safe, returns a constant string.
  if (const char* name = strerrorname_np(code); name != nullptr) return name;
  return "errno_" + std::to_string(code);
}

}  // namespace mcast
