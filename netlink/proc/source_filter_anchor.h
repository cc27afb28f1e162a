// Makes /proc/net/mcfilter and /proc/net/mcfilter6 show everything. One thread.
//
// The kernel starts these files at the first interface whose newest group has sources,
// and looks at no group before that: igmp_mcf_get_first() in net/ipv4/igmp.c,
// igmp6_mcf_get_first() in net/ipv6/mcast.c. After a join of (*,G) the sources of
// every group that was joined earlier on that interface are gone from the file; on a
// host where the newest join of each interface is a (*,G) it is empty. With a group
// that has a source as the newest one of the first interface, which is the loopback
// interface, nothing is left out. So that is what this joins, for as long as it takes
// to read; nothing of it leaves the host.
// docs/decisions/source-filters.md
#pragma once

#include "base/address.h"
#include "base/file_descriptor.h"

namespace mcast::netlink {

class SourceFilterAnchor {
 public:
  // Where the join is not possible (no IPv6, say), the file stays as it is.
  SourceFilterAnchor();

 private:
  FileDescriptor v4_;
  FileDescriptor v6_;
};

// Whether a membership, a filter or an event is only there for this, of whatever
// process.
[[nodiscard]] bool is_source_filter_anchor(int ifindex, const IpAddress& group);

}  // namespace mcast::netlink
