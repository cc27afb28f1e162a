// The directory in which programs leave records of IGMP versions that they forced, and see
// who else holds one. Nobody is asked whether he lives: each holder has a shared lock
// (flock) on the record's file, which ends with him by whatever death.
//
//   lock                                       held for moments, to read or change records
//   igmp-version-<inode>-<cookie>-<ifindex>    a record
//
// Files are for their owner only (0600): whoever can open one can lock it.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "netlink/forcing/forcing_record.h"

namespace mcast::netlink {

inline constexpr const char* kForcingLock = "lock";

// Takes the whole lock of a file; tries again every 2 ms, `tries` times, then errno is
// EAGAIN. System calls and nothing else, so that a signal handler may call it.
[[nodiscard]] bool lock_within(int fd, int tries) noexcept;

// While it lives, no other program reads or changes records. One thread at a time.
class ForcingDirectory {
 public:
  // Makes the directory (0755, its parent exists) when it is missing and `make` says
  // so. It must belong to root or to this user and be writable for nobody else, or it
  // is refused: what is in it is believed. The error code is EPERM where it is another
  // user's, as root's is for whoever is root only in a user namespace. Waits for others for
  // a second at most; the error code is EAGAIN then.
  [[nodiscard]] static Result<ForcingDirectory> open(const std::filesystem::path& path, bool make);

  // The files that are called like records, whatever they are.
  [[nodiscard]] Result<std::vector<std::string>> records() const;
  // Error code ENOENT: there is none. Anything but a plain file of ours is an error, which
  // is_no_record() tells from one of a process that may not look.
  [[nodiscard]] Result<FileDescriptor> open_record(const std::string& name) const;
  [[nodiscard]] static bool is_no_record(const Error& error);
  [[nodiscard]] Result<ForcingRecord> read_record(const FileDescriptor& file,
                                                  const std::string& name) const;
  // A new one, held by this process.
  [[nodiscard]] Result<FileDescriptor> create_record(const ForcingRecord& record) const;
  // Whatever has that name, a symbolic link itself and not what it points to.
  [[nodiscard]] Result<void> remove(const std::string& name) const;

 private:
  ForcingDirectory(std::filesystem::path path, FileDescriptor directory, FileDescriptor lock)
      : path_(std::move(path)), directory_(std::move(directory)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  FileDescriptor directory_;
  FileDescriptor lock_;
};

// Has its share of the record from now until the file is closed. False: errno says why.
[[nodiscard]] bool hold_record(int record) noexcept;
// Nobody else holds it; then this process has it alone, else it holds nothing any more.
[[nodiscard]] bool nobody_else_holds(int record) noexcept;

}  // namespace mcast::netlink
