#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/file_descriptor.h"

namespace mcast {

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return fail_errno("cannot open " + path, errno);
  std::string content;
  std::array<char, 16384> buffer{};
  while (true) {
    const ssize_t length = ::read(file.get(), buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return fail_errno("cannot read " + path, errno);
    if (length == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(length));
    if (content.size() > max_bytes) {
      return fail(path + " is larger than " + std::to_string(max_bytes) + " bytes");
    }
  }
}

}  // namespace mcast
