#include "http/socket.h"

#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <span>
#include <utility>

#include "base/address.h"
#include "base/number.h"

namespace mcast::http {
namespace {

// Connections that the kernel holds until they are accepted. Beyond it they lose
// their SYN and try again a second later: a client makes 512 of them in the time for
// which a busy host lets the accepting thread wait. net.core.somaxconn bounds it.
constexpr int kBacklog = 4096;
constexpr int kUnixBacklog = 128;
constexpr mode_t kUnixMode = 0660;
constexpr int kLockAttempts = 200;
constexpr int kLockPauseMilliseconds = 10;
constexpr const char* kUsualGroup = "mcast-agent";

struct AddressesEnd {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};

FileDescriptor new_socket(int family) {
  return FileDescriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

const sockaddr* generic(const auto& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// The socket, or an errno value.
std::expected<FileDescriptor, int> try_address(const addrinfo& address) {
  FileDescriptor socket = new_socket(address.ai_family);
  if (!socket) return std::unexpected(errno);
  // No SO_REUSEPORT: two agents on one port would share its connections at random.
  const int on = 1;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Fails, without harm, on an IPv4 socket.
  const int off = 0;
  (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(socket.get(), address.ai_addr, address.ai_addrlen) != 0 ||
      ::listen(socket.get(), kBacklog) != 0) {
    return std::unexpected(errno);
  }
  return socket;
}

// An address of either family, which have their port at the same place.
std::uint16_t port_of(const sockaddr_in6& address) {
  return ntohs(address.sin6_port);
}

Result<TcpListener> listen_on(const ListenAddress& address, const std::string& host) {
  const std::string what = "cannot listen on " + address.to_string();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  if (const int code = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); code != 0) {
    return fail(what + ": " + ::gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, AddressesEnd> addresses(found);
  int error = EADDRNOTAVAIL;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    auto socket = try_address(*one);
    error = socket ? 0 : socket.error();
    if (!socket) continue;
    sockaddr_in6 real{};
    socklen_t size = sizeof real;
    (void)::getsockname(socket->get(), reinterpret_cast<sockaddr*>(&real), &size);
    return TcpListener{.socket = std::move(*socket),
                       .address = {.host = address.host, .port = port_of(real)}};
  }
  return fail_errno(what, error);
}

std::optional<gid_t> find_group(const std::string& name) {
  // Enough for a group of some thousand members.
  std::vector<char> memory(std::size_t{1} << 18U);
  group entry{};
  group* found = nullptr;
  (void)::getgrnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found);
  return found == nullptr ? std::nullopt : std::optional(found->gr_gid);
}

Result<gid_t> choose_group(const std::string& asked) {
  if (asked.empty()) return find_group(kUsualGroup).value_or(::getegid());
  if (const auto found = find_group(asked)) return *found;
  if (const auto number = parse_number<gid_t>(asked)) return *number;
  return fail("there is no group '" + asked + "'");
}

Result<void> make_directory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0755) == 0) {
    // Whatever the umask says: clients have to get through.
    if (::chmod(directory.c_str(), 0755) == 0) return {};
  } else if (errno == EEXIST) {
    return {};
  }
  return fail_errno("cannot make the directory " + directory, errno);
}

// One agent at a time looks for a stale socket and replaces it. The file stays:
// taking it away would let two agents hold a lock of the same name.
Result<FileDescriptor> lock(const std::string& path) {
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

// Nothing is there any more: a socket that nobody listens on is taken away.
Result<void> make_free(const std::string& path, const sockaddr_un& address) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno("cannot look at " + path, errno);
  }
  if (!S_ISSOCK(status.st_mode)) return fail(path + " is there and is no socket");
  const FileDescriptor probe = new_socket(AF_UNIX);
  if (!probe) return fail_errno("cannot make a socket", errno);
  if (::connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN) {
    return fail("another agent answers on " + path);
  }
  if (errno != ECONNREFUSED && errno != ENOENT) {
    return fail_errno("cannot tell whether another agent answers on " + path, errno);
  }
  (void)::unlink(path.c_str());
  return {};
}

}  // namespace

std::string ListenAddress::to_string() const {
  return (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return fail("listen address '" + std::string(text) + "': " + std::string(why) +
                "; for example :19779, 127.0.0.1:19779 or [::1]:19779");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse("no port");
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return refuse("an IPv6 address stands in brackets");
  }
  if (host.find_first_of(" \t/[]") != std::string_view::npos) return refuse("not a host");
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!port) return refuse("the port is 0 to 65535");
  return ListenAddress{.host = std::string(host), .port = *port};
}

Result<TcpListener> listen_tcp(const ListenAddress& address) {
  if (!address.host.empty()) return listen_on(address, address.host);
  auto every = listen_on(address, "::");
  // A host without IPv6.
  if (!every && every.error().code != EADDRINUSE) return listen_on(address, "0.0.0.0");
  return every;
}

Peer tcp_peer(int socket) {
  sockaddr_in6 v6{};
  socklen_t size = sizeof v6;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&v6), &size) != 0) {
    return {.name = "unknown"};
  }
  const std::string port = ":" + std::to_string(port_of(v6));
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(v6.sin6_addr.s6_addr, bytes.begin());
  const bool is_v4 = v6.sin6_family == AF_INET;
  if (is_v4 || IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    // sockaddr_in has its address where sockaddr_in6 has the flow label.
    std::array<std::uint8_t, 4> v4{};
    std::copy_n(is_v4 ? reinterpret_cast<const std::uint8_t*>(&v6.sin6_flowinfo) : &bytes[12], 4,
                v4.begin());
    const std::string host = IpAddress::from_bytes(v4)->to_string();
    return {.name = host + port, .address = host};
  }
  std::string name = "[" + IpAddress::v6(bytes).to_string() + "]" + port;
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return {.name = std::move(name), .address = IpAddress::v6(bytes).to_string()};
}

Result<std::unique_ptr<UnixSocket>> UnixSocket::open(const std::string& path,
                                                     const std::string& group) {
  const std::filesystem::path whole(path);
  const std::filesystem::path directory = whole.has_parent_path() ? whole.parent_path() : ".";
  if (!whole.has_filename()) return fail("'" + path + "' is no path of a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail("a Unix socket's path has at most " + std::to_string(sizeof address.sun_path - 1) +
                " bytes, this one " + std::to_string(path.size()) + ": " + path);
  }
  std::ranges::copy(path, std::begin(address.sun_path));
  const auto chosen = choose_group(group);
  if (!chosen) return std::unexpected(chosen.error());
  if (auto made = make_directory(directory); !made) return std::unexpected(made.error());
  const auto locked = lock(directory / ("." + whole.filename().string() + ".lock"));
  if (!locked) return std::unexpected(locked.error());
  if (auto free = make_free(path, address); !free) return std::unexpected(free.error());

  auto made = std::make_unique<UnixSocket>(path, *chosen);
  made->socket_ = new_socket(AF_UNIX);
  if (!made->socket_) return fail_errno("cannot make a socket", errno);
  if (::bind(made->socket_.get(), generic(address), sizeof address) != 0) {
    return fail_errno("cannot make a socket in " + directory.string(), errno);
  }
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    return fail_errno("cannot look at the new socket", errno);
  }
  // From now on its destructor takes the file away.
  made->device_ = status.st_dev;
  made->inode_ = status.st_ino;
  // Nobody can connect before listen().
  if (::chown(path.c_str(), static_cast<uid_t>(-1), *chosen) != 0) {
    return fail_errno("cannot give the socket to group " + std::to_string(*chosen), errno);
  }
  if (::chmod(path.c_str(), kUnixMode) != 0) {
    return fail_errno("cannot set the socket's mode", errno);
  }
  if (::listen(made->socket_.get(), kUnixBacklog) != 0) {
    return fail_errno("cannot listen on the socket", errno);
  }
  return made;
}

UnixSocket::~UnixSocket() {
  struct stat status{};
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
  size = 0;
  (void)::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, nullptr, &size);
  peer.groups.resize(size / sizeof(gid_t));
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &size) != 0) {
    peer.groups.clear();
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
