// How many datagrams to a group and port reach sockets of this host, seen by a socket
// of its own beside the receiver's. It joins nothing: a socket that is bound to the
// group and has joined nothing gets what any other socket of the host has joined
// (IP_MULTICAST_ALL, ip(7), and IPV6_MULTICAST_ALL), so that looking does not change what is looked
// at. Being bound to the group and not to the wildcard address, it takes no unicast datagram from
// anybody. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/file_descriptor.h"
#include "base/result.h"
#include "findings/evidence.h"
#include "findings/examination.h"
#include "netlink/types.h"

namespace mcast::findings {

class Arrivals {
 public:
  struct Count {
    int ifindex = 0;
    IpAddress source;
    std::uint64_t datagrams = 0;
  };
  static constexpr std::size_t kMaxCounts = 256;

  // Beside others (SO_REUSEADDR). The error code is EADDRINUSE where the receiver's
  // socket does not share its port. `ifindex`: of a group that needs an interface.
  [[nodiscard]] static Result<Arrivals> open(const IpAddress& group, std::uint16_t port,
                                             int ifindex = 0);

  [[nodiscard]] const IpAddress& group() const { return group_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Readable when something arrived.
  [[nodiscard]] int fd() const { return socket_.get(); }
  // To tell it apart in /proc/net/udp and udp6.
  [[nodiscard]] std::uint64_t inode() const { return inode_; }

  // Takes what has arrived, but a bounded number: of a fast group it is enough to know that
  // it arrives.
  static constexpr int kMaxAtATime = 4096;
  void drain();
  // At most kMaxCounts; the sources beyond are left out.
  [[nodiscard]] const std::vector<Count>& counts() const { return counts_; }

 private:
  Arrivals(const IpAddress& group, std::uint16_t port, FileDescriptor socket, std::uint64_t inode)
      : group_(group), port_(port), socket_(std::move(socket)), inode_(inode) {}

  IpAddress group_;
  std::uint16_t port_;
  FileDescriptor socket_;
  std::uint64_t inode_;
  std::vector<Count> counts_;
};

// UDP ports of sockets that can get multicast: not bound to a unicast address.
[[nodiscard]] std::set<std::uint16_t> open_ports(const std::filesystem::path& proc_root);

// What reaches the sockets of subjects that other programs receive: an Arrivals for
// each group and port, and the drops of the sockets that /proc/net/udp and udp6 list. One
// thread.
class ArrivalCounter {
 public:
  // Sockets that are looked at, at most. Where a subject names no port, every UDP port
  // that this host has open counts as its own.
  static constexpr std::size_t kMaxSockets = 64;

  ArrivalCounter(const std::vector<Subject>& subjects, const std::vector<netlink::Link>& links,
                 std::filesystem::path proc_root);

  // Until now; for Examination::Parts::delivery.
  [[nodiscard]] Result<Delivery> count(const Subject& subject);
  // Reads what waits. At least every second, so that the sockets do not fill up.
  void drain();

 private:
  // A socket is for a group, a port and, of a group that needs one, an interface; else 0.
  using Key = std::tuple<IpAddress, std::uint16_t, int>;

  [[nodiscard]] Key key_of(const Subject& subject, std::uint16_t port) const;
  [[nodiscard]] std::set<std::uint16_t> ports_of(const Subject& subject) const;
  [[nodiscard]] std::optional<std::uint64_t> drops_of(const Subject& subject) const;

  std::filesystem::path proc_root_;
  std::map<std::string, int> ifindexes_;
  std::set<std::uint16_t> open_ports_;
  std::map<Key, Result<Arrivals>> sockets_;
};

}  // namespace mcast::findings
