// The Unix socket: as a file, made with the right owner and mode before anybody can reach
// it and taken away again if it is still ours; and who may use it. Owned and used by one
// thread; the functions are for any.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast::http {

class UnixSocket {
 public:
  // Listens at `path`, mode 0660. `group`: a name or a number; empty: "mcast-agent" if
  // there is such a group, else the process's own. Makes the directory (0755) if it is
  // missing. A socket that nobody listens on is replaced; one that answers, or another
  // kind of file, is an error. May wait for another agent that starts, for 2 s at most.
  [[nodiscard]] static Result<std::unique_ptr<UnixSocket>> open(const std::string& path,
                                                                const std::string& group);
  // Use open().
  UnixSocket() = default;
  UnixSocket(const UnixSocket&) = delete;
  UnixSocket& operator=(const UnixSocket&) = delete;
  ~UnixSocket();

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

// Of a Unix socket: as it was when the peer connected.
struct UnixPeer {
  uid_t uid = 0;
  pid_t pid = 0;
  std::vector<gid_t> groups;  // the primary one and the supplementary ones

  [[nodiscard]] std::string to_string() const;  // "uid 1000, pid 4242"
};

[[nodiscard]] Result<UnixPeer> unix_peer(int socket);

// Who may use the socket: root, the agent's own user, members of the socket's
// group. Pure. nullopt: may; else why not.
[[nodiscard]] std::optional<std::string> refuse_peer(const UnixPeer& peer, uid_t own_user,
                                                     gid_t socket_group);

}  // namespace mcast::http
