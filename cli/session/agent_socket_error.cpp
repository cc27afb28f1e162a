#include "cli/session/agent_socket_error.h"

#include <grp.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "base/text.h"

namespace mcast::cli {
namespace {

// "" where the file cannot be seen.
std::string group_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  std::array<char, 4096> buffer{};
  group entry{};
  group* found = nullptr;
  if (::getgrgid_r(status.st_gid, &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr) {
    return printable(entry.gr_name);
  }
  return std::to_string(status.st_gid);
}

}  // namespace

Error agent_socket_error(const std::string& path, int code) {
  const std::string shown = printable(path, 200);
  const std::string nobody = "no agent answers at " + shown +
                             ": is mcast-agent running? (or name its socket: --agent=SOCKET)";
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return {.message = nobody, .code = 0};
    case ECONNREFUSED:
      return {.message = nobody + "; the socket is there, but nobody listens on it", .code = 0};
    case EACCES:
    case EPERM: {
      const std::string group = group_of(path);
      return {.message = "no permission to use the agent at " + shown + ": it may be used by root" +
                         (group.empty() || group == "root" ? " alone" : " and the group " + group),
              .code = 0};
    }
    case ENAMETOOLONG:
      return {.message = "the name of a socket has 1 to 107 bytes, not " +
                         std::to_string(path.size()) + ": " + shown,
              .code = 0};
    case 0:
    case EAGAIN:
      return {.message = "the agent at " + shown + " did not take the connection in time",
              .code = 0};
    default:
      return {.message = "cannot reach an agent at " + shown + ": " + errno_text(code), .code = 0};
  }
}

}  // namespace mcast::cli
