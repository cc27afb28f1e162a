// The Unix socket of the API as a file: made with the right owner and mode before
// anybody can reach it, and taken away again if it is still ours.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast::agent {

class ApiSocket {
 public:
  // Listens at `path`, mode 0660. `group`: a name or a number; empty: "mcast-agent" if
  // there is such a group, else the process's own. Makes the directory (0755) if it is
  // missing. A socket that nobody listens on is replaced; one that answers, or another
  // kind of file, is an error. May wait for another agent that starts, for 2 s at most.
  [[nodiscard]] static Result<std::unique_ptr<ApiSocket>> open(const std::string& path,
                                                               const std::string& group);
  // Use open().
  ApiSocket() = default;
  ApiSocket(const ApiSocket&) = delete;
  ApiSocket& operator=(const ApiSocket&) = delete;
  ~ApiSocket();

  [[nodiscard]] int fd() const { return socket_.get(); }  // non-blocking
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] gid_t group() const { return group_; }

 private:
  std::string path_;
  FileDescriptor socket_;
  gid_t group_ = 0;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace mcast::agent
