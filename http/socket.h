// Where the server listens, on TCP and on a Unix socket, and who is on the other side. Pure but
// for what makes or asks a socket; any thread may call.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace mcast::http {

// As Prometheus exporters take it: ":19779", "127.0.0.1:19779", "[::1]:19779", "localhost:19779".
struct ListenAddress {
  std::string host;        // empty: every address, IPv6 and IPv4
  std::uint16_t port = 0;  // 0: any free one

  // "[::1]:80" for IPv6, else "host:port".
  [[nodiscard]] std::string to_string() const;
};

[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

struct TcpListener {
  FileDescriptor socket;  // non-blocking
  ListenAddress address;  // with the real port where 0 was asked for
};

// Without a host: on every address, IPv6 and IPv4. Names are resolved; the first
// address that can be had counts.
[[nodiscard]] Result<TcpListener> listen_tcp(const ListenAddress& address);

struct Peer {
  std::string name = {};  // "192.0.2.1:40000", "[2001:db8::1]:40000"
  // What quotas count: the address, of IPv6 its /64, since a host may have all of that.
  std::string address = {};
  std::string refusal = {};  // why it may ask for nothing, "" where it may
};

// IPv4 on an IPv6 socket looks like IPv4.
[[nodiscard]] Peer tcp_peer(int socket);

// A file, with the right owner and mode before anybody can connect, and taken away again if it is
// still ours. Owned and used by one thread.
class UnixSocket {
 public:
  // Listens at `path`, mode 0660. `group`: a name or a number; empty: "mcast-agent" if
  // there is such a group, else the process's own. Makes the directory (0755) if it is
  // missing. A socket that nobody listens on is replaced; one that answers, or another
  // kind of file, is an error. May wait for another agent that starts, for 2 s at most.
  [[nodiscard]] static Result<std::unique_ptr<UnixSocket>> open(const std::string& path,
                                                                const std::string& group);
  // Use open().
  UnixSocket(std::string path, gid_t group) : path_(std::move(path)), group_(group) {}
  UnixSocket(const UnixSocket&) = delete;
  UnixSocket& operator=(const UnixSocket&) = delete;
  ~UnixSocket();

  [[nodiscard]] int fd() const { return socket_.get(); }  // non-blocking
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] gid_t group() const { return group_; }

 private:
  const std::string path_;
  const gid_t group_;
  FileDescriptor socket_;
  dev_t device_ = 0;
  ino_t inode_ = 0;  // 0: there is no file yet
};

// As it was when it connected.
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
