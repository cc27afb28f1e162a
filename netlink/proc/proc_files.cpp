#include "netlink/proc/proc_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "base/file_descriptor.h"

namespace mcast::netlink {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20U;

}  // namespace

Result<std::string> read_proc_file(const std::filesystem::path& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_errno("cannot open " + path.string(), errno);
  std::string text;
  std::array<char, 65'536> buffer{};
  for (;;) {
    const ssize_t length = ::read(file.get(), buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return fail_errno("cannot read " + path.string(), errno);
    if (length == 0) return text;
    if (text.size() + static_cast<std::size_t>(length) > kMostBytes) {
      return fail(path.string() + " is larger than 64 MiB");
    }
    text.append(buffer.data(), static_cast<std::size_t>(length));
  }
}

Result<int> read_proc_number(const std::filesystem::path& path) {
  const auto text = read_proc_file(path);
  if (!text) return std::unexpected(text.error());
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || (end != text->data() + text->size() && *end != '\n')) {
    return fail(path.string() + " does not hold a number");
  }
  return value;
}

std::filesystem::path force_igmp_version_path(const std::filesystem::path& proc_root,
                                              const std::string& interface) {
  return proc_root / "sys/net/ipv4/conf" / interface / "force_igmp_version";
}

}  // namespace mcast::netlink
