// From the text of /proc/net/route and /proc/net/ipv6_route to values, and the one of
// them that fits: pure functions, any thread. An error names the line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace mcast::netlink {

struct TableRoute {
  IpAddress destination;
  int prefix_length = 0;
  std::optional<IpAddress> gateway;
  std::uint32_t metric = 0;
  std::string interface;

  friend bool operator==(const TableRoute&, const TableRoute&) = default;
};

// /proc/net/route: fib_route_seq_show() in net/ipv4/fib_trie.c, the main table alone, of
// several next hops the first. Routes that reject are left out.
[[nodiscard]] Result<std::vector<TableRoute>> parse_proc_route(std::string_view text);
// /proc/net/ipv6_route: rt6_seq_show() in net/ipv6/route.c, all tables without saying
// which. Routes that reject and those for some sources only are left out.
[[nodiscard]] Result<std::vector<TableRoute>> parse_proc_ipv6_route(std::string_view text);

// Those with the longest prefix that holds `destination`, and of them those with the
// lowest metric, in the order of the table; none: nothing fits.
[[nodiscard]] std::vector<TableRoute> best_routes(const std::vector<TableRoute>& table,
                                                  const IpAddress& destination);

}  // namespace mcast::netlink
