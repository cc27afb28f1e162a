#include "agent/configuration_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/configuration.h"
#include "base/file_descriptor.h"

namespace mcast::agent {

Result<std::string> read_configuration_file(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno("cannot open the file", errno);
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
