// Everything that the exporter shows of the host, read in one go. One thread at a
// time.
//
// Source filters are read with a SourceFilterAnchor (source_filter_anchor.h) held for as
// long as that takes: the loopback interface has one more membership meanwhile. What is
// there for an anchor, of this process or of another one, is in no list and is no join.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "netlink/host.h"
#include "netlink/membership_changes.h"
#include "netlink/proc/proc_net.h"
#include "netlink/proc/protocol_versions.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "netlink/types.h"

namespace mcast::netlink {

// Where IPv4 memberships come from on this kernel.
enum class MembershipSource : std::uint8_t {
  kNetlink,  // RTM_GETMULTICAST, Linux 6.15 and newer; users from /proc/net/igmp
  kProc,     // only /proc/net/igmp
};
// "netlink", "proc"
[[nodiscard]] std::string_view to_string(MembershipSource source);

// All that either reading has, in ascending order, each once with its most users. The kernel hands
// out its list in pieces and goes on by number: where a membership ends between two pieces, the
// next one is left out, and where one begins, one comes twice.
[[nodiscard]] std::vector<Membership> united(std::vector<Membership> one,
                                             const std::vector<Membership>& other);

class HostReader {
 public:
  // `proc_root` is "/proc" outside of tests.
  [[nodiscard]] static Result<HostReader> open(std::filesystem::path proc_root);

  // Links, addresses and IPv4 memberships must be readable. What this host may
  // lack (IPv6, multicast routing, source filters of an old kernel) is empty then. IPv6 memberships
  // that cannot be read this time count neither as joins nor as leaves.
  [[nodiscard]] Result<HostSnapshot> read();

  // A join or leave that the kernel told of after the newest read(); counted however
  // short it was. One on an interface that read() has not seen waits for the next.
  void note(const MembershipEvent& event);

  // What it asks; for other questions of the same thread.
  [[nodiscard]] Host& host() { return host_; }

  // The newest read()'s.
  [[nodiscard]] MembershipSource membership_source() const { return membership_source_; }

 private:
  HostReader(std::filesystem::path proc_root, Host host)
      : proc_root_(std::move(proc_root)), host_(std::move(host)), versions_(proc_root_) {}

  // IPv4, in ascending order, with users. `from_proc` is the first of several readings where
  // memberships end meanwhile: what any of them has is there.
  [[nodiscard]] std::vector<Membership> read_memberships(const std::vector<Membership>& from_proc);
  [[nodiscard]] std::vector<SourceFilter> read_source_filters() const;

  std::filesystem::path proc_root_;
  Host host_;
  ProtocolVersions versions_;
  MembershipChanges changes_;
  std::vector<Membership> known_;     // the newest read()'s of IPv4
  std::map<int, std::string> names_;  // of interfaces, by index
  MembershipSource membership_source_ = MembershipSource::kNetlink;
};

}  // namespace mcast::netlink
