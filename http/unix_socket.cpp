#include "http/unix_socket.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/number.h"

namespace mcast::http {
namespace {

constexpr int kBacklog = 128;
constexpr mode_t kMode = 0660;
constexpr int kLockAttempts = 200;
constexpr int kLockPauseMilliseconds = 10;
constexpr const char* kUsualGroup = "mcast-agent";

std::optional<gid_t> find_group(const std::string& name) {
  // Enough for a group of some thousand members.
  std::vector<char> memory(std::size_t{1} << 18U);
  group entry{};
  group* found = nullptr;
  if (::getgrnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found) != 0 ||
      found == nullptr) {
    return std::nullopt;
  }
  return found->gr_gid;
}

Result<gid_t> choose_group(const std::string& asked) {
  if (asked.empty()) return find_group(kUsualGroup).value_or(::getegid());
  if (const auto found = find_group(asked)) return *found;
  if (const auto number = parse_number<gid_t>(asked)) return *number;
  return fail("there is no group '" + asked + "'");
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail("a Unix socket's path has at most " + std::to_string(sizeof address.sun_path - 1) +
                " bytes, this one " + std::to_string(path.size()) + ": " + path);
  }
  std::ranges::copy(path, std::begin(address.sun_path));
  return address;
}

FileDescriptor new_socket() {
  return FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

Result<void> make_directory(const std::filesystem::path& directory) {
  if (::mkdir(directory.c_str(), 0755) == 0) {
    // Whatever the umask says: clients have to get through.
    if (::chmod(directory.c_str(), 0755) == 0) return {};
  } else if (errno == EEXIST) {
    return {};
  }
  return fail_errno("cannot make the directory " + directory.string(), errno);
}

// One agent at a time looks for a stale socket and replaces it. The file stays:
// taking it away would let two agents hold a lock of the same name.
Result<FileDescriptor> lock(const std::filesystem::path& directory, const std::string& name) {
  const std::string path = directory / ("." + name + ".lock");
  FileDescriptor file(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file) return fail_errno("cannot open " + path, errno);
  for (int attempt = 0; attempt < kLockAttempts; ++attempt) {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno("cannot lock " + path, errno);
    (void)::poll(nullptr, 0, kLockPauseMilliseconds);
  }
  return fail("another agent has held the lock " + path + " for 2 s");
}

// Nothing is there, or a socket that nobody listens on.
Result<void> check_replaceable(const std::string& path, const sockaddr_un& address) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno("cannot look at " + path, errno);
  }
  if (!S_ISSOCK(status.st_mode)) return fail(path + " is there and is no socket");
  const FileDescriptor probe = new_socket();
  if (!probe) return fail_errno("cannot make a socket", errno);
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno == EAGAIN) {
    return fail("another agent answers on " + path);
  }
  if (errno == ECONNREFUSED || errno == ENOENT) return {};
  return fail_errno("cannot tell whether another agent answers on " + path, errno);
}

}  // namespace

Result<std::unique_ptr<UnixSocket>> UnixSocket::open(const std::string& path,
                                                     const std::string& group) {
  const std::filesystem::path whole(path);
  const std::filesystem::path directory =
      whole.has_parent_path() ? whole.parent_path() : std::filesystem::path(".");
  const std::string name = whole.filename().string();
  if (name.empty()) return fail("'" + path + "' is no path of a socket");
  const std::string new_path = directory / ("." + std::to_string(::getpid()));
  const auto address = address_of(path);
  if (!address) return std::unexpected(address.error());
  const auto new_address = address_of(new_path);
  if (!new_address) return std::unexpected(new_address.error());
  const auto chosen = choose_group(group);
  if (!chosen) return std::unexpected(chosen.error());
  if (auto made = make_directory(directory); !made) return std::unexpected(made.error());
  const auto locked = lock(directory, name);
  if (!locked) return std::unexpected(locked.error());
  if (auto free = check_replaceable(path, *address); !free) return std::unexpected(free.error());

  auto made = std::make_unique<UnixSocket>();
  made->path_ = path;
  made->group_ = *chosen;
  made->socket_ = new_socket();
  if (!made->socket_) return fail_errno("cannot make a socket", errno);
  (void)::unlink(new_path.c_str());
  const auto give_up = [&](const std::string& what) {
    const int code = errno;
    (void)::unlink(new_path.c_str());
    return fail_errno(what, code);
  };
  if (::bind(made->socket_.get(), reinterpret_cast<const sockaddr*>(&*new_address),
             sizeof *new_address) != 0) {
    return fail_errno("cannot make a socket in " + directory.string(), errno);
  }
  // Nobody can connect before listen().
  if (::chown(new_path.c_str(), static_cast<uid_t>(-1), *chosen) != 0) {
    return give_up("cannot give the socket to group " + std::to_string(*chosen));
  }
  if (::chmod(new_path.c_str(), kMode) != 0) return give_up("cannot set the socket's mode");
  struct stat status{};
  if (::lstat(new_path.c_str(), &status) != 0) return give_up("cannot look at the new socket");
  if (::listen(made->socket_.get(), kBacklog) != 0) return give_up("cannot listen on the socket");
  if (::rename(new_path.c_str(), path.c_str()) != 0) return give_up("cannot make " + path);
  made->device_ = status.st_dev;
  made->inode_ = status.st_ino;
  return made;
}

UnixSocket::~UnixSocket() {
  struct stat status{};
  // inode_ 0: it never got its name.
  if (inode_ == 0 || ::lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) (void)::unlink(path_.c_str());
}

std::string UnixPeer::to_string() const {
  return "uid " + std::to_string(uid) + ", pid " + std::to_string(pid);
}

Result<UnixPeer> unix_peer(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return fail_errno("cannot tell who connected", errno);
  }
  UnixPeer peer{.uid = credentials.uid, .pid = credentials.pid, .groups = {}};
  // Says how many there are when they do not fit.
  std::vector<gid_t> groups(64);
  size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  int asked = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
  if (asked != 0 && errno == ERANGE) {
    groups.resize(size / sizeof(gid_t));
    asked = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
  }
  if (asked == 0) {
    groups.resize(size / sizeof(gid_t));
    peer.groups = std::move(groups);
  }
  peer.groups.push_back(credentials.gid);
  return peer;
}

std::optional<std::string> refuse_peer(const UnixPeer& peer, uid_t own_user, gid_t socket_group) {
  if (peer.uid == 0 || peer.uid == own_user) return std::nullopt;
  if (std::ranges::find(peer.groups, socket_group) != peer.groups.end()) return std::nullopt;
  return "uid " + std::to_string(peer.uid) + " may not use this socket: it is for root, uid " +
         std::to_string(own_user) + " and members of group " + std::to_string(socket_group);
}

}  // namespace mcast::http
