#include "netlink/forcing/forcing_record.h"

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>
#include <system_error>

#include "base/file.h"
#include "base/number.h"
#include "base/text.h"

namespace mcast::netlink {
namespace {

constexpr int kLockTries = 500;            // 2 ms each
constexpr std::size_t kBootIdLength = 36;  // of a UUID as text

// Other files are not ours.
constexpr std::string_view record_prefix(Family family) {
  return family == Family::kIpv4 ? "igmp-version-" : "mld-version-";
}

Result<std::uint64_t> namespace_cookie() {
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("cannot open a socket", errno);
  std::uint64_t value = 0;
  socklen_t length = sizeof value;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &value, &length) == 0) return value;
  if (errno == ENOPROTOOPT) return 0;
  return fail_errno("getsockopt SO_NETNS_COOKIE", errno);
}

Result<NetworkNamespace> ask_network_namespace(const std::filesystem::path& proc_root) {
  const std::filesystem::path boot_path = proc_root / "sys/kernel/random/boot_id";
  const auto boot = read_file(boot_path, kForcingRecordSize);
  if (!boot) return std::unexpected(boot.error());
  const std::string boot_id = boot->substr(0, kBootIdLength);
  if (boot_id.size() != kBootIdLength ||
      boot_id.find_first_not_of("-0123456789abcdef") != std::string::npos) {
    return fail(boot_path.string() + " does not hold a boot ID");
  }
  // The thread's own, as /proc/sys/net is.
  const std::filesystem::path path = proc_root / "thread-self/ns/net";
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    return fail_errno("cannot look at " + path.string(), errno);
  }
  const auto cookie = namespace_cookie();
  if (!cookie) return std::unexpected(cookie.error());
  return NetworkNamespace{
      .boot_id = boot_id, .device = status.st_dev, .inode = status.st_ino, .cookie = *cookie};
}

bool is_ours(const struct stat& status) {
  return status.st_uid == 0 || status.st_uid == ::geteuid();
}

bool others_can_write(const struct stat& status) {
  return (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

int open_directory(const char* path) noexcept {
  return ::open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int open_lock(int directory, int create) noexcept {
  return ::openat(directory, "lock", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | create, 0600);
}

// Takes the whole lock of a file; after so many tries errno is EAGAIN.
bool lock_within(int fd, int tries) noexcept {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    if (--tries <= 0) {
      errno = EAGAIN;
      return false;
    }
    (void)::poll(nullptr, 0, 2);
  }
  return true;
}

}  // namespace

bool is_gone(const NetworkNamespace& seen, const NetworkNamespace& current) {
  if (seen.boot_id != current.boot_id) return true;
  return seen.device == current.device && seen.inode == current.inode && seen.cookie != 0 &&
         current.cookie != 0 && seen.cookie != current.cookie;
}

NetworkView NetworkView::of_kernel(const std::filesystem::path& proc_root) {
  return {
      .network_namespace = [proc_root] { return ask_network_namespace(proc_root); },
      .index_of =
          [](const std::string& name) { return static_cast<int>(::if_nametoindex(name.c_str())); },
      .name_of =
          [](int index) {
            std::array<char, IF_NAMESIZE> name{};
            (void)::if_indextoname(static_cast<unsigned>(index), name.data());
            return std::string(name.data());
          }};
}

std::string forcing_record_name(const NetworkNamespace& network, Family family, int ifindex) {
  return std::string(record_prefix(family)) + std::to_string(network.inode) + "-" +
         std::to_string(network.cookie) + "-" + std::to_string(ifindex);
}

std::string encode_forcing_record(const ForcingRecord& record) {
  return "mcast-agent forced " + std::string(membership_protocol(record.family)) +
         " version, format 2\nboot " + record.network.boot_id + "\nnetwork " +
         std::to_string(record.network.device) + " " + std::to_string(record.network.inode) + " " +
         std::to_string(record.network.cookie) + "\ninterface " + std::to_string(record.ifindex) +
         " " + record.interface + "\nbefore " + std::to_string(record.before) + "\nforced " +
         std::to_string(record.forced) + "\nprocess " + std::to_string(record.process) + "\n";
}

Result<ForcingRecord> decode_forcing_record(std::string_view text) {
  std::istringstream words{std::string(text)};
  std::string word;
  ForcingRecord record;
  for (int title = 0; title < 6; ++title) {
    words >> word;
    if (title == 2 && word == membership_protocol(Family::kIpv6)) record.family = Family::kIpv6;
  }
  words >> word >> record.network.boot_id >> word >> record.network.device >>
      record.network.inode >> record.network.cookie >> word >> record.ifindex >> record.interface >>
      word >> record.before >> word >> record.forced >> word >> record.process;
  // There is one way to write a record, so nothing else can hide in it.
  if (!words || record.ifindex <= 0 || record.forced < 1 ||
      record.forced > newest_version(record.family) || !is_valid_interface_name(record.interface) ||
      encode_forcing_record(record) != text) {
    return fail("not a record of a forced version");
  }
  return record;
}

bool hold_record(int record) noexcept {
  return ::flock(record, LOCK_SH | LOCK_NB) == 0;
}

bool nobody_else_holds(int record) noexcept {
  return ::flock(record, LOCK_EX | LOCK_NB) == 0;
}

bool remove_record(int directory, const char* name, int record) noexcept {
  struct stat ours{};
  struct stat named{};
  if (record >= 0 && ::fstat(record, &ours) == 0 &&
      ::fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
      (ours.st_dev != named.st_dev || ours.st_ino != named.st_ino)) {
    return true;
  }
  return ::unlinkat(directory, name, 0) == 0 || errno == ENOENT;
}

Result<ForcingDirectory> ForcingDirectory::open(const std::filesystem::path& path, bool make) {
  const std::string what = "the state directory " + path.string();
  bool made = false;
  if (make) {
    made = ::mkdir(path.c_str(), 0755) == 0;
    if (!made && errno != EEXIST) return fail_errno("cannot make " + what, errno);
  }
  FileDescriptor directory(open_directory(path.c_str()));
  if (!directory) return fail_errno("cannot open " + what, errno);
  // Whatever this program's umask is: others look into it.
  if (made && ::fchmod(directory.get(), 0755) != 0) {
    return fail_errno("cannot open up " + what, errno);
  }
  struct stat status{};
  if (::fstat(directory.get(), &status) != 0) return fail_errno("cannot look at " + what, errno);
  if (!is_ours(status)) {
    return std::unexpected(Error{
        .message = what + " belongs neither to root nor to this user: not used", .code = EPERM});
  }
  if (others_can_write(status)) {
    return fail(path.string() + " is writable by other users");
  }
  // A directory without it has no records either.
  FileDescriptor lock(open_lock(directory.get(), make ? O_CREAT : 0));
  if (!lock) return fail_errno("cannot write in " + what, errno);
  if (!lock_within(lock.get(), kLockTries)) return fail_errno("cannot lock " + what, errno);
  return ForcingDirectory(path, std::move(directory), std::move(lock));
}

std::pair<FileDescriptor, FileDescriptor> ForcingDirectory::lock(const char* path,
                                                                 int tries) noexcept {
  FileDescriptor directory(open_directory(path));
  struct stat status{};
  const bool known = ::fstat(directory.get(), &status) == 0;
  if (!known || !is_ours(status) || others_can_write(status)) directory.reset();
  FileDescriptor lock(open_lock(directory.get(), 0));
  if (!lock_within(lock.get(), tries)) lock.reset();
  return {std::move(directory), std::move(lock)};
}

Result<std::vector<std::string>> forcing_records(const std::filesystem::path& path) {
  std::vector<std::string> result;
  std::error_code code;
  std::filesystem::directory_iterator entry(path, code);
  for (; !code && entry != std::filesystem::directory_iterator(); entry.increment(code)) {
    const std::string name = entry->path().filename();
    if (name.starts_with(record_prefix(Family::kIpv4)) ||
        name.starts_with(record_prefix(Family::kIpv6))) {
      result.push_back(name);
    }
  }
  if (code) return fail_errno("cannot list the state directory " + path.string(), code.value());
  std::ranges::sort(result);
  return result;
}

Result<std::optional<ForcingDirectory::Found>> ForcingDirectory::find(
    const std::string& name) const {
  const std::string path = (path_ / name).string();
  // Not to wait for the other end of a pipe, nor to follow a link.
  FileDescriptor file(::openat(directory_.get(), name.c_str(),
                               O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file && errno == ENOENT) return std::nullopt;
  if (!file) {
    const auto failed = fail_errno("cannot open " + path, errno);
    const int code = failed.error().code;
    if (code != ELOOP && code != ENXIO && code != EISDIR) return failed;
    return Found{.file = {}, .record = failed};
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno("cannot look at " + path, errno);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || !is_ours(status) ||
      others_can_write(status)) {
    return Found{.file = {}, .record = fail(path + " is not a file of ours")};
  }
  const bool is_held = !nobody_else_holds(file.get());
  std::array<char, kForcingRecordSize + 1> text{};
  const ssize_t length = ::pread(file.get(), text.data(), text.size(), 0);
  auto record = length < 0 ? fail_errno("cannot read " + path, errno)
                           : decode_forcing_record({text.data(), static_cast<std::size_t>(length)});
  if (length >= 0 && !record) {
    record = fail(path + ": " + record.error().message);
  } else if (record &&
             forcing_record_name(record->network, record->family, record->ifindex) != name) {
    record = fail(path + " is the record of something else");
  }
  return Found{.file = std::move(file), .record = std::move(record), .is_held = is_held};
}

Result<FileDescriptor> ForcingDirectory::create(const ForcingRecord& record) const {
  const std::string name = forcing_record_name(record.network, record.family, record.ifindex);
  const std::string path = (path_ / name).string();
  FileDescriptor file(::openat(directory_.get(), name.c_str(),
                               O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return fail_errno("cannot make " + path, errno);
  // Killed before this is done: an empty record, which says nothing and is removed.
  const std::string text = encode_forcing_record(record);
  const ssize_t written = ::pwrite(file.get(), text.data(), text.size(), 0);
  if (written == static_cast<ssize_t>(text.size()) && hold_record(file.get())) return file;
  const int code = written < 0 || written == static_cast<ssize_t>(text.size()) ? errno : ENOSPC;
  (void)remove(name, file);
  return fail_errno("cannot write or lock " + path, code);
}

Result<void> ForcingDirectory::remove(const std::string& name, const FileDescriptor& record) const {
  if (remove_record(directory_.get(), name.c_str(), record.get())) return {};
  return fail_errno("cannot remove " + (path_ / name).string(), errno);
}

}  // namespace mcast::netlink
