#include "agent/configuration/configuration_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/configuration/configuration.h"
#include "base/file_descriptor.h"

namespace mcast::agent {

Result<void> expect_regular_file(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return fail("is not a regular file");
  }
  return {};
}

Result<std::string> read_configuration_file(const std::string& path, FileKind kind) {
  // O_NONBLOCK: opening a FIFO does not wait for its writer.
  const int flags = O_RDONLY | O_CLOEXEC | (kind == FileKind::kRegular ? O_NONBLOCK : 0);
  const FileDescriptor file(::open(path.c_str(), flags));
  if (!file) return fail_errno("cannot open the file", errno);
  struct stat status{};
  if (kind == FileKind::kRegular &&
      (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))) {
    return fail("is not a regular file; a running agent reads nothing else");
  }
  std::string text;
  std::array<char, 65'536> part{};
  for (;;) {
    const ssize_t size = ::read(file.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail_errno("cannot read the file", errno);
    if (size == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > kMaxConfigurationBytes) return fail("the file is larger than 16 MiB");
  }
}

}  // namespace mcast::agent
