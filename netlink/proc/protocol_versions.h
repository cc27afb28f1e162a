// Which version of IGMP and MLD the kernel uses on an interface. It says so of IGMP. Of MLD it
// says what it sent and heard, and what follows from that is told here:
// docs/decisions/mld-version.md. One thread; `proc_root` is "/proc" outside of tests.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "netlink/proc/proc_net.h"
#include "netlink/types.h"

namespace mcast::netlink {

// What one interface's counters tell, reading by reading, where no version is forced. Pure.
class MldVersion {
 public:
  // A host follows a query of version 1 for so long: 2 x 125 s + 10 s, unless a querier of
  // version 2 has said other times (RFC 3810 section 9.12).
  static constexpr Nanoseconds kOlderQuerierPresent = 260 * kSecond;

  // 1 or 2. A first reading that has seen messages of both versions says 1: it takes a query of
  // version 1 to make a host send such, or somebody who forced it.
  int judge(const MldCounters& now, Nanoseconds monotonic);

 private:
  std::optional<MldCounters> last_;
  Nanoseconds last_query_ = 0;
  int version_ = 2;
};

class ProtocolVersions {
 public:
  explicit ProtocolVersions(std::filesystem::path proc_root) : proc_root_(std::move(proc_root)) {}

  // Of IGMP, then of MLD. An interface without IPv6, or a host, has no MLD.
  [[nodiscard]] std::vector<ProtocolInterface> read(const ProcIgmp& igmp,
                                                    const std::vector<Link>& links);

 private:
  std::filesystem::path proc_root_;
  std::map<int, MldVersion> mld_;  // by interface, with what the readings before have shown
};

// The version that one interface uses now; nothing where the kernel's files cannot be read or
// do not have the interface. Of MLD as a first reading tells.
[[nodiscard]] std::optional<int> version_in_operation(const std::filesystem::path& proc_root,
                                                      Family family, const std::string& interface);

// What force_igmp_version or force_mld_version of the interface and of conf/all make the kernel
// use there; 0: nothing is forced.
[[nodiscard]] int read_version_in_force(const std::filesystem::path& proc_root, Family family,
                                        const std::string& interface);

}  // namespace mcast::netlink
