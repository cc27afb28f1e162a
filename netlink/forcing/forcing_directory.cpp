#include "netlink/forcing/forcing_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>

#include "netlink/forcing/file_lock.h"

namespace mcast::netlink {
namespace {

constexpr const char* kLockName = "lock";
constexpr int kLockTries = 500;  // 2 ms each

// In a record's file: a place for each holder, behind the record.
constexpr off_t kPlaceSize = 8;
constexpr auto kFirstPlace = static_cast<off_t>(kForcingRecordSize);
constexpr off_t kMostBytes = kFirstPlace + kMostHolders * kPlaceSize;

constexpr FileRange place_range(int place) {
  return {.offset = kFirstPlace + place * kPlaceSize, .length = kPlaceSize};
}

// Nobody but root and this user can have put anything there.
bool is_trusted(const struct stat& status) {
  const bool owned = status.st_uid == 0 || status.st_uid == ::geteuid();
  return owned && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

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
  if (!is_trusted(status)) {
    return fail(what + " can be written by others than root and this user: not used");
  }
  // A directory without it has no records either.
  const int create = make ? O_CREAT : 0;
  FileDescriptor lock(::openat(directory.get(), kLockName,
                               O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | create, 0600));
  if (!lock) return fail_errno("cannot write in " + what, errno);
  return ForcingDirectory(path, std::move(directory), std::move(lock));
}

ForcingDirectory::Lock::~Lock() {
  if (fd_ >= 0) unlock(fd_, {});
}

Result<ForcingDirectory::Lock> ForcingDirectory::lock() const {
  if (!lock_within(lock_.get(), {}, kLockTries)) {
    return fail_errno("cannot lock the state directory " + path_.string(), errno);
  }
  return Lock(lock_.get());
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

Result<void> ForcingDirectory::remove(const std::string& record) const {
  if (::unlinkat(directory_.get(), record.c_str(), 0) != 0 && errno != ENOENT) {
    return fail_errno("cannot remove " + path_of(record), errno);
  }
  return {};
}

Result<ForcingRecordFile> ForcingRecordFile::open(const ForcingDirectory& directory,
                                                  const std::string& name) {
  std::string path = directory.path_of(name);
  // Not to wait for the other end of a pipe, nor to follow a link.
  FileDescriptor file(::openat(directory.fd(), name.c_str(),
                               O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return fail_errno("cannot open " + path, errno);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno("cannot look at " + path, errno);
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || !is_trusted(status)) {
    return fail(path + " is not a file of ours");
  }
  return ForcingRecordFile(std::move(file), name, std::move(path));
}

bool ForcingRecordFile::is_no_record(const Error& error) {
  return error.code == 0 || error.code == ELOOP || error.code == ENXIO || error.code == EISDIR;
}

Result<ForcingRecordFile> ForcingRecordFile::create(const ForcingDirectory& directory,
                                                    const ForcingRecord& record) {
  std::string name = forcing_record_name(record.network, record.ifindex);
  std::string path = directory.path_of(name);
  FileDescriptor file(::openat(directory.fd(), name.c_str(),
                               O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return fail_errno("cannot make " + path, errno);
  ForcingRecordFile result(std::move(file), std::move(name), std::move(path));
  // Killed before this is done: an empty record, which says nothing and is removed.
  const std::string text = encode_forcing_record(record);
  const ssize_t written = ::pwrite(result.fd(), text.data(), text.size(), 0);
  const int code = written < 0 ? errno : ENOSPC;
  Result<void> held;
  if (written == static_cast<ssize_t>(text.size())) held = result.hold();
  if (written != static_cast<ssize_t>(text.size()) || !held) {
    (void)directory.remove(result.name());
    return held ? fail_errno("cannot write " + result.path_, code) : std::unexpected(held.error());
  }
  return result;
}

Result<ForcingRecord> ForcingRecordFile::read() const {
  struct stat status{};
  if (::fstat(file_.get(), &status) != 0) return fail_errno("cannot look at " + path_, errno);
  if (status.st_size > kMostBytes) return fail(path_ + " is too large for a record");
  std::array<char, kForcingRecordSize> text{};
  const ssize_t length = ::pread(file_.get(), text.data(), text.size(), 0);
  if (length < 0) return fail_errno("cannot read " + path_, errno);
  auto record =
      decode_forcing_record(std::string_view(text.data(), static_cast<std::size_t>(length)));
  if (!record) return fail(path_ + ": " + record.error().message);
  if (forcing_record_name(record->network, record->ifindex) != name_) {
    return fail(path_ + " is the record of something else");
  }
  return record;
}

Result<void> ForcingRecordFile::hold() {
  const pid_t pid = ::getpid();
  // Usually free at once: others have other numbers.
  for (int i = 0; i < kMostHolders; ++i) {
    const FileRange place = place_range((pid + i) % kMostHolders);
    if (!try_lock(file_.get(), place)) {
      if (errno == EAGAIN || errno == EACCES) continue;
      return fail_errno("cannot lock " + path_, errno);
    }
    std::string text = std::to_string(pid);
    text.resize(kPlaceSize, ' ');
    // Only to name this process to others. If it cannot be written, they see its lock.
    (void)!::pwrite(file_.get(), text.data(), text.size(), place.offset);
    return {};
  }
  return fail(path_ + ": " + std::to_string(kMostHolders) + " processes hold it already");
}

std::optional<pid_t> ForcingRecordFile::other_holder() const {
  const LockOwner owner = other_lock(file_.get(), {});
  if (owner.state == LockState::kFree) return std::nullopt;
  // Not known counts as held: nothing is put back under somebody's feet.
  if (owner.state == LockState::kUnknown) return 0;
  std::array<char, kPlaceSize> text{};
  const ssize_t length = ::pread(file_.get(), text.data(), text.size(), owner.offset);
  pid_t pid = 0;
  if (length > 0) (void)std::from_chars(text.data(), text.data() + length, pid);
  return pid;
}

}  // namespace mcast::netlink
