// The notes that programs leave about versions of IGMP and MLD that they forced: what the next one
// needs to put a version back, and what tells whether it is about this network.
//
//   mcast-agent forced IGMP version, format 2      or MLD
//   boot 0f0d3c5a-... (UUID)
//   network 4 4026532317 4174        device, inode and cookie of the namespace
//   interface 7 eth1                 index, and name at that time
//   before 0
//   forced 2
//   process 1234
//
// They stand in one directory, where programs see who else holds one. Nobody is asked
// whether he lives: each holder has a shared lock (flock) on the record's file, which ends
// with him by whatever death.
//
//   lock                                       held for moments, to read or change records
//   igmp-version-<inode>-<cookie>-<ifindex>    a record; mld-version-... of MLD
//
// Files are for their owner only (0600): whoever can open one can lock it.
//
// Any thread; a ForcingDirectory is for one thread at a time.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast::netlink {

// A network namespace, told apart from every other one of every boot.
//
// The inode number does not do: the kernel hands the number of a namespace that is gone to
// the next one. The cookie (SO_NETNS_COOKIE, Linux 5.14) is never used twice in a boot;
// older kernels have none, which is 0 here.
struct NetworkNamespace {
  std::string boot_id;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t cookie = 0;

  friend bool operator==(const NetworkNamespace&, const NetworkNamespace&) = default;
};

// True when `seen` cannot exist any more, given that `current` does: it is of an
// earlier boot, or its inode number is another namespace's by now. False where
// nothing is proven: a namespace without processes may be held by a mount.
[[nodiscard]] bool is_gone(const NetworkNamespace& seen, const NetworkNamespace& current);

// What is asked of this thread's network; functions, so that tests can answer.
struct NetworkView {
  std::function<Result<NetworkNamespace>()> network_namespace;
  std::function<int(const std::string&)> index_of;  // 0: there is no such interface
  std::function<std::string(int)> name_of;          // "": there is no such interface

  // As the kernel answers; `proc_root` is "/proc" outside of tests.
  [[nodiscard]] static NetworkView of_kernel(const std::filesystem::path& proc_root);
};

struct ForcingRecord {
  NetworkNamespace network;
  Family family = Family::kIpv4;  // IGMP; kIpv6: MLD
  // Tells an interface from a later one of the same name: in a namespace the kernel counts
  // the index up and hands none out twice (until 2^31, or to whoever asks for one).
  int ifindex = 0;
  std::string interface;
  int before = 0;     // any number: the sysctl takes any
  int forced = 0;     // 1 to newest_version()
  pid_t process = 0;  // that forced first, only to be named to others

  friend bool operator==(const ForcingRecord&, const ForcingRecord&) = default;
};

// 3 of IGMP, 2 of MLD.
[[nodiscard]] constexpr int newest_version(Family family) {
  return family == Family::kIpv4 ? 3 : 2;
}

// The name of its file: one for each (namespace, protocol, interface).
[[nodiscard]] std::string forcing_record_name(const NetworkNamespace& network, Family family,
                                              int ifindex);

// The files of a directory that are called like records, whatever they are.
[[nodiscard]] Result<std::vector<std::string>> forcing_records(const std::filesystem::path& path);

// No record is longer.
inline constexpr std::size_t kForcingRecordSize = 512;
[[nodiscard]] std::string encode_forcing_record(const ForcingRecord& record);
// Takes exactly what encode_forcing_record() writes and refuses anything else.
[[nodiscard]] Result<ForcingRecord> decode_forcing_record(std::string_view text);

// While it lives, no other program reads or changes records.
class ForcingDirectory {
 public:
  // Makes the directory (0755, its parent exists) when it is missing and `make` says
  // so. It must belong to root or to this user and be writable for nobody else, or it
  // is refused: what is in it is believed. The error code is EPERM where it is another
  // user's, as root's is for whoever is root only in a user namespace. Waits for others for
  // a second at most; the error code is EAGAIN then.
  [[nodiscard]] static Result<ForcingDirectory> open(const std::filesystem::path& path, bool make);
  // For whoever holds a record and ends: the directory's descriptor and the lock's, which is empty
  // after so many tries of 2 ms (errno: EAGAIN), and for a directory that open() refuses. System
  // calls and nothing else.
  [[nodiscard]] static std::pair<FileDescriptor, FileDescriptor> lock(const char* path,
                                                                      int tries) noexcept;

  [[nodiscard]] Result<std::vector<std::string>> records() const { return forcing_records(path_); }

  struct Found {
    FileDescriptor file;  // none where it is anything but a plain file of ours
    Result<ForcingRecord> record;
    bool is_held = false;  // by somebody else
  };
  // nullopt: nothing has that name. An error: this process may not look.
  [[nodiscard]] Result<std::optional<Found>> find(const std::string& name) const;
  // A new one, held by this process.
  [[nodiscard]] Result<FileDescriptor> create(const ForcingRecord& record) const;
  // Takes away what find() found, a symbolic link itself and not what it points to.
  [[nodiscard]] Result<void> remove(const std::string& name, const FileDescriptor& record) const;

 private:
  ForcingDirectory(std::filesystem::path path, FileDescriptor directory, FileDescriptor lock)
      : path_(std::move(path)), directory_(std::move(directory)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  FileDescriptor directory_;
  FileDescriptor lock_;
};

// These three are system calls and nothing else.

// Has its share of the record from now until the file is closed. False: errno says why.
[[nodiscard]] bool hold_record(int record) noexcept;
// Nobody else holds it; then this process has it alone, else it holds nothing any more.
[[nodiscard]] bool nobody_else_holds(int record) noexcept;
// Unless the name is another file's by now: somebody emptied the directory under its holder,
// and the next one made a record of its own. `record` -1: whatever has that name.
[[nodiscard]] bool remove_record(int directory, const char* name, int record) noexcept;

}  // namespace mcast::netlink
