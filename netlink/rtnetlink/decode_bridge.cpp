#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "netlink/rtnetlink/attributes.h"
#include "netlink/rtnetlink/decode.h"

namespace mcast::netlink {
namespace {

constexpr std::string_view kBridge = "netlink bridge";
constexpr std::string_view kEntry = "netlink bridge entry";
constexpr std::uint8_t kInclude = 1;  // MCAST_INCLUDE, what MDBA_MDB_EATTR_GROUP_MODE holds

// MDBA_MDB_ENTRY_INFO: struct br_mdb_entry and MDBA_MDB_EATTR_* attributes.
Result<void> read_entry(int bridge, Bytes info, std::vector<BridgeEntry>& entries) {
  const auto fixed = header_of<br_mdb_entry>(info);
  const auto protocol = ntohs(fixed.addr.proto);
  const bool v4 = protocol == ETH_P_IP;
  const std::uint8_t family = v4 ? AF_INET : AF_INET6;
  BridgeEntry entry{.bridge = bridge,
                    .port = static_cast<int>(fixed.ifindex),
                    .group = {},
                    .source = std::nullopt,
                    .blocked = (fixed.flags & MDB_FLAGS_BLOCKED) != 0};
  std::uint8_t mode = 0;
  // Those of which the timer does not run are excluded.
  std::vector<std::pair<IpAddress, std::uint32_t>> sources_with_timers;
  const auto read_source = [&](Bytes source) -> Result<void> {
    std::optional<IpAddress> of_source;
    std::uint32_t timer = 0;
    auto read =
        read_attributes(source, kEntry, address(MDBA_MDB_SRCATTR_ADDRESS, family, of_source),
                        value<std::uint32_t>(MDBA_MDB_SRCATTR_TIMER, timer));
    if (read && of_source) sources_with_timers.emplace_back(*of_source, timer);
    return read;
  };
  if (info.size() >= sizeof fixed) {
    if (!v4 && protocol != ETH_P_IPV6) return {};
    const Bytes raw(reinterpret_cast<const std::uint8_t*>(&fixed.addr.u), v4 ? 4 : 16);
    entry.group = *IpAddress::from_bytes(raw);
    // A VXLAN device lists what is for no group, as one of all zeros, in the same dump.
    if (!entry.group.is_multicast()) return {};
  }
  auto read = read_message<br_mdb_entry>(
      info, kEntry, address(MDBA_MDB_EATTR_SOURCE, family, entry.source),
      value<std::uint8_t>(MDBA_MDB_EATTR_GROUP_MODE, mode),
      nested(MDBA_MDB_EATTR_SRC_LIST, each(MDBA_MDB_SRCLIST_ENTRY, read_source)));
  if (!read) return read;
  if (entry.port <= 0) return fail(std::string(kEntry) + ": no port");
  // br_multicast_flood() in net/bridge/br_forward.c passes over such a (*,G).
  if (entry.source || mode != kInclude) entries.push_back(entry);
  if (entry.source) return {};
  for (const auto& [source, timer] : sources_with_timers) {
    entry.source = source;
    entry.blocked = timer == 0;
    entries.push_back(entry);
  }
  return {};
}

}  // namespace

Result<std::optional<Bridge>> decode_bridge(Bytes message) {
  Bridge bridge;
  bridge.ifindex = header_of<ifinfomsg>(message).ifi_index;
  std::string kind;
  // What it means depends on the kind, which may come behind it.
  Bytes settings;
  auto read =
      read_message<ifinfomsg>(message, kBridge,
                              nested(IFLA_LINKINFO, text(IFLA_INFO_KIND, kLinkKindCapacity, kind),
                                     each(IFLA_INFO_DATA, [&](Bytes data) -> Result<void> {
                                       settings = data;
                                       return {};
                                     })));
  if (!read) return std::unexpected(read.error());
  if (kind != "bridge") return std::optional<Bridge>();
  if (bridge.ifindex <= 0) return fail(std::string(kBridge) + ": no index");
  const auto read_querier = [&](Bytes querier) {
    bridge.knows_querier = true;
    return read_attributes(querier, kBridge,
                           address(BRIDGE_QUERIER_IP_ADDRESS, AF_INET, bridge.heard_querier));
  };
  read = read_attributes(settings, kBridge,
                         value<std::uint8_t>(IFLA_BR_MCAST_SNOOPING, bridge.snooping),
                         value<std::uint8_t>(IFLA_BR_MCAST_QUERIER, bridge.querier),
                         each(IFLA_BR_MCAST_QUERIER_STATE, read_querier));
  if (!read) return std::unexpected(read.error());
  return bridge;
}

Result<std::vector<BridgeEntry>> decode_bridge_entries(Bytes message) {
  const auto bridge = static_cast<int>(header_of<br_port_msg>(message).ifindex);
  std::vector<BridgeEntry> entries;
  auto read = read_message<br_port_msg>(
      message, kEntry,
      nested(MDBA_MDB, nested(MDBA_MDB_ENTRY, each(MDBA_MDB_ENTRY_INFO, [&](Bytes info) {
                                return read_entry(bridge, info, entries);
                              }))));
  if (!read) return std::unexpected(read.error());
  if (bridge <= 0) return fail(std::string(kEntry) + ": no bridge");
  sort_bridge_entries(entries);
  return entries;
}

std::vector<std::uint8_t> encode_bridge_entries_request() {
  br_port_msg header{};
  header.family = PF_BRIDGE;
  return encode_request(RTM_GETMDB, header);
}

void sort_bridge_entries(std::vector<BridgeEntry>& entries) {
  std::ranges::sort(entries, {}, [](const BridgeEntry& entry) {
    return std::tie(entry.bridge, entry.group, entry.source, entry.port, entry.blocked);
  });
  const auto repeated = std::ranges::unique(entries);
  entries.erase(repeated.begin(), repeated.end());
}

}  // namespace mcast::netlink
