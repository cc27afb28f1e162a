#include "base/version.h"

namespace mcast {

std::string_view version() {
  return MCAST_VERSION;
}
std::string_view revision() {
  return MCAST_REVISION;
}

std::string_view compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

}  // namespace mcast
