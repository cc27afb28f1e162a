// One open force_igmp_version file: reads it, writes it, and puts back what stood
// there. One thread at a time.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast::netlink {

class ForcedSysctl {
 public:
  // Without the right to write, the error says that only root may force.
  [[nodiscard]] static Result<ForcedSysctl> open(const std::filesystem::path& proc_root,
                                                 const std::string& interface);

  // The open file belongs to this very interface under this very name: once it is
  // gone or called otherwise, both fail, even while a new one has its name.
  [[nodiscard]] Result<int> read() const;
  [[nodiscard]] Result<void> write(int value) const;

  // Writes `before` if `forced` still stands there: what somebody else chose meanwhile
  // is theirs. True when it was written.
  [[nodiscard]] Result<bool> put_back(int before, int forced) const;

  [[nodiscard]] int fd() const { return file_.get(); }
  // Leaves the descriptor to the end of the process.
  void abandon() { (void)file_.release(); }

 private:
  explicit ForcedSysctl(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace mcast::netlink
