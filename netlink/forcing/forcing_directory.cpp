#include "netlink/forcing/forcing_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>

namespace mcast::netlink {
namespace {

constexpr int kLockTries = 500;  // 2 ms each

bool is_ours(const struct stat& status) {
  return status.st_uid == 0 || status.st_uid == ::geteuid();
}

bool others_can_write(const struct stat& status) {
  return (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

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

bool hold_record(int record) noexcept {
  return ::flock(record, LOCK_SH | LOCK_NB) == 0;
}

bool nobody_else_holds(int record) noexcept {
  return ::flock(record, LOCK_EX | LOCK_NB) == 0;
}

Result<ForcingDirectory> ForcingDirectory::open(const std::filesystem::path& path, bool make) {
  const std::string what = "the state directory " + path.string();
  bool made = false;
  if (make) {
    made = ::mkdir(path.c_str(), 0755) == 0;
    if (!made && errno != EEXIST) return fail_errno("cannot make " + what, errno);
  }
  FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
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
    return fail(what + " can be written by others than root and this user: not used");
  }
  // A directory without it has no records either.
  const int create = make ? O_CREAT : 0;
  FileDescriptor lock(::openat(directory.get(), kForcingLock,
                               O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | create, 0600));
  if (!lock) return fail_errno("cannot write in " + what, errno);
  if (!lock_within(lock.get(), kLockTries)) return fail_errno("cannot lock " + what, errno);
  return ForcingDirectory(path, std::move(directory), std::move(lock));
}

Result<std::vector<std::string>> ForcingDirectory::records() const {
  const std::string what = "cannot list the state directory " + path_.string();
  FileDescriptor copy(::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!copy) return fail_errno(what, errno);
  const std::unique_ptr<DIR, CloseDirectory> listing(::fdopendir(copy.get()));
  if (!listing) return fail_errno(what, errno);
  (void)copy.release();
  std::vector<std::string> result;
  for (;;) {
    errno = 0;
    // readdir() is safe here: the stream is this function's own.
    const dirent* entry = ::readdir(listing.get());  // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr && errno != 0) return fail_errno(what, errno);
    if (entry == nullptr) break;
    const std::string_view name(&entry->d_name[0]);
    if (name.starts_with(kForcingRecordPrefix)) result.emplace_back(name);
  }
  std::ranges::sort(result);
  return result;
}

Result<FileDescriptor> ForcingDirectory::open_record(const std::string& name) const {
  const std::string path = (path_ / name).string();
  // Not to wait for the other end of a pipe, nor to follow a link.
  FileDescriptor file(::openat(directory_.get(), name.c_str(),
                               O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return fail_errno("cannot open " + path, errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno("cannot look at " + path, errno);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || !is_ours(status) ||
      others_can_write(status)) {
    return fail(path + " is not a file of ours");
  }
  return file;
}

bool ForcingDirectory::is_no_record(const Error& error) {
  return error.code == 0 || error.code == ELOOP || error.code == ENXIO || error.code == EISDIR;
}

Result<ForcingRecord> ForcingDirectory::read_record(const FileDescriptor& file,
                                                    const std::string& name) const {
  const std::string path = (path_ / name).string();
  std::array<char, kForcingRecordSize + 1> text{};
  const ssize_t length = ::pread(file.get(), text.data(), text.size(), 0);
  if (length < 0) return fail_errno("cannot read " + path, errno);
  auto record = decode_forcing_record({text.data(), static_cast<std::size_t>(length)});
  if (!record) return fail(path + ": " + record.error().message);
  if (forcing_record_name(record->network, record->ifindex) != name) {
    return fail(path + " is the record of something else");
  }
  return record;
}

Result<FileDescriptor> ForcingDirectory::create_record(const ForcingRecord& record) const {
  const std::string name = forcing_record_name(record.network, record.ifindex);
  const std::string path = (path_ / name).string();
  FileDescriptor file(::openat(directory_.get(), name.c_str(),
                               O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return fail_errno("cannot make " + path, errno);
  // Killed before this is done: an empty record, which says nothing and is removed.
  const std::string text = encode_forcing_record(record);
  const ssize_t written = ::pwrite(file.get(), text.data(), text.size(), 0);
  if (written == static_cast<ssize_t>(text.size()) && hold_record(file.get())) return file;
  const int code = written < 0 || written == static_cast<ssize_t>(text.size()) ? errno : ENOSPC;
  (void)remove(name);
  return fail_errno("cannot write or lock " + path, code);
}

Result<void> ForcingDirectory::remove(const std::string& name) const {
  if (::unlinkat(directory_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return fail_errno("cannot remove " + (path_ / name).string(), errno);
  }
  return {};
}

}  // namespace mcast::netlink
