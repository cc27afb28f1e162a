// The directory in which programs leave records of IGMP versions that they forced,
// and see who else holds one. Nobody is asked whether he lives: holders have locks
// on the record's file, which end with them. One thread at a time.
//
//   lock                              held for moments, by who reads or changes
//   igmp-version-<namespace>-<index>  512 bytes of record, then 8 bytes for each
//                                     holder: his process ID, under his lock
//
// Files are for their owner alone (0600): who can open one can lock it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"
#include "netlink/forcing/forcing_record.h"

namespace mcast::netlink {

// How many processes may force the same interface at a time.
inline constexpr int kMostHolders = 4096;

class ForcingDirectory {
 public:
  // Makes the directory (0755, its parent exists) when it is missing and `make` says
  // so. It must belong to root or to this user and be writable for nobody else, or it
  // is refused: what is in it is believed.
  [[nodiscard]] static Result<ForcingDirectory> open(const std::filesystem::path& path, bool make);

  // While it lives, no other program reads or changes records.
  class Lock {
   public:
    explicit Lock(int fd) : fd_(fd) {}
    Lock(Lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Lock& operator=(Lock&&) = delete;
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock();

   private:
    int fd_;
  };
  // Waits for a second at most; the error code is EAGAIN then.
  [[nodiscard]] Result<Lock> lock() const;

  // The files that are called like records, whatever they are.
  [[nodiscard]] Result<std::vector<std::string>> records() const;
  // Whatever has that name, a symbolic link itself and not what it points to.
  [[nodiscard]] Result<void> remove(const std::string& record) const;

  [[nodiscard]] std::string path_of(const std::string& record) const {
    return (path_ / record).string();
  }
  [[nodiscard]] int fd() const { return directory_.get(); }
  [[nodiscard]] int lock_fd() const { return lock_.get(); }
  // Leaves the descriptors to the end of the process.
  void abandon() {
    (void)directory_.release();
    (void)lock_.release();
  }

 private:
  ForcingDirectory(std::filesystem::path path, FileDescriptor directory, FileDescriptor lock)
      : path_(std::move(path)), directory_(std::move(directory)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  FileDescriptor directory_;
  FileDescriptor lock_;
};

// The open file of a record; who holds it does so until this is gone.
class ForcingRecordFile {
 public:
  // Error code ENOENT: there is none. Anything but a plain file of ours is an error.
  [[nodiscard]] static Result<ForcingRecordFile> open(const ForcingDirectory& directory,
                                                      const std::string& name);
  // An error of open() that says what is there (a link, a pipe, somebody else's file)
  // and not that this process could not look.
  [[nodiscard]] static bool is_no_record(const Error& error);
  // A new one, held by this process.
  [[nodiscard]] static Result<ForcingRecordFile> create(const ForcingDirectory& directory,
                                                        const ForcingRecord& record);

  [[nodiscard]] Result<ForcingRecord> read() const;
  [[nodiscard]] Result<void> hold();
  // The process ID of another holder that lives, as that one saw it; 0 when it cannot be
  // told.
  [[nodiscard]] std::optional<pid_t> other_holder() const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] int fd() const { return file_.get(); }
  // Ends the hold.
  void close() { file_.reset(); }
  // Leaves the descriptor, and with it the hold, to the end of the process.
  void abandon() { (void)file_.release(); }

 private:
  ForcingRecordFile(FileDescriptor file, std::string name, std::string path)
      : file_(std::move(file)), name_(std::move(name)), path_(std::move(path)) {}

  FileDescriptor file_;
  std::string name_;
  std::string path_;
};

}  // namespace mcast::netlink
