#include "netlink/rtnetlink/decode_bridge.h"

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

namespace mcast::netlink {
namespace {

constexpr std::string_view kBridge = "netlink bridge";
constexpr std::string_view kEntry = "netlink bridge entry";
constexpr std::uint8_t kInclude = 1;  // MCAST_INCLUDE, what MDBA_MDB_EATTR_GROUP_MODE holds

// IFLA_BR_MCAST_QUERIER_STATE
Result<void> read_querier(Bytes value, Bridge& bridge) {
  bridge.knows_querier = true;
  return for_each_attribute(value, kBridge, [&](std::uint16_t type, Bytes inner) -> Result<void> {
    if (type != BRIDGE_QUERIER_IP_ADDRESS) return {};
    auto querier = address_of(inner, AF_INET, kBridge);
    if (!querier) return std::unexpected(querier.error());
    bridge.heard_querier = *querier;
    return {};
  });
}

// IFLA_INFO_DATA of a bridge.
Result<void> read_settings(Bytes value, Bridge& bridge) {
  return for_each_attribute(value, kBridge, [&](std::uint16_t type, Bytes inner) -> Result<void> {
    if (type == IFLA_BR_MCAST_QUERIER_STATE) return read_querier(inner, bridge);
    if (type != IFLA_BR_MCAST_SNOOPING && type != IFLA_BR_MCAST_QUERIER) return {};
    const auto setting = value_of<std::uint8_t>(inner, kBridge);
    if (!setting) return std::unexpected(setting.error());
    (type == IFLA_BR_MCAST_SNOOPING ? bridge.snooping : bridge.querier) = *setting != 0;
    return {};
  });
}

struct Source {
  IpAddress address;
  bool wanted = false;  // its timer runs; else it is one that is excluded
};

// MDBA_MDB_EATTR_SRC_LIST
Result<std::vector<Source>> sources_of(Bytes list, std::uint8_t family) {
  std::vector<Source> sources;
  auto read =
      for_each_attribute(list, kEntry, [&](std::uint16_t type, Bytes entry) -> Result<void> {
        if (type != MDBA_MDB_SRCLIST_ENTRY) return {};
        std::optional<IpAddress> address;
        bool wanted = false;
        auto inside =
            for_each_attribute(entry, kEntry, [&](std::uint16_t what, Bytes value) -> Result<void> {
              if (what == MDBA_MDB_SRCATTR_ADDRESS) {
                auto parsed = address_of(value, family, kEntry);
                if (!parsed) return std::unexpected(parsed.error());
                address = *parsed;
              } else if (what == MDBA_MDB_SRCATTR_TIMER) {
                const auto timer = value_of<std::uint32_t>(value, kEntry);
                if (!timer) return std::unexpected(timer.error());
                wanted = *timer != 0;
              }
              return {};
            });
        if (!inside) return inside;
        if (address) sources.push_back({.address = *address, .wanted = wanted});
        return {};
      });
  if (!read) return std::unexpected(read.error());
  return sources;
}

// MDBA_MDB_ENTRY_INFO: struct br_mdb_entry and MDBA_MDB_EATTR_* attributes.
Result<void> read_entry(int bridge, Bytes info, std::vector<BridgeEntry>& entries) {
  const auto fixed = header_of<br_mdb_entry>(info, kEntry);
  if (!fixed) return std::unexpected(fixed.error());
  const auto protocol = ntohs(fixed->addr.proto);
  if (protocol != ETH_P_IP && protocol != ETH_P_IPV6) return {};
  const bool v4 = protocol == ETH_P_IP;
  const std::uint8_t family = v4 ? AF_INET : AF_INET6;
  const auto raw = bytes_of(fixed->addr.u);
  const auto group = IpAddress::from_bytes(Bytes(raw).first(v4 ? 4U : 16U));
  // A VXLAN device lists what is for no group, as one of all zeros, in the same dump.
  if (!group || !group->is_multicast()) return {};

  BridgeEntry entry{.bridge = bridge,
                    .port = static_cast<int>(fixed->ifindex),
                    .group = *group,
                    .source = std::nullopt,
                    .blocked = (fixed->flags & MDB_FLAGS_BLOCKED) != 0};
  if (entry.port <= 0) return fail(std::string(kEntry) + ": no port");
  bool includes = false;
  std::vector<Source> sources;
  auto read = for_each_attribute(behind<br_mdb_entry>(info), kEntry,
                                 [&](std::uint16_t type, Bytes value) -> Result<void> {
                                   if (type == MDBA_MDB_EATTR_SOURCE) {
                                     auto parsed = address_of(value, family, kEntry);
                                     if (!parsed) return std::unexpected(parsed.error());
                                     entry.source = *parsed;
                                   } else if (type == MDBA_MDB_EATTR_GROUP_MODE) {
                                     const auto mode = value_of<std::uint8_t>(value, kEntry);
                                     if (!mode) return std::unexpected(mode.error());
                                     includes = *mode == kInclude;
                                   } else if (type == MDBA_MDB_EATTR_SRC_LIST) {
                                     auto list = sources_of(value, family);
                                     if (!list) return std::unexpected(list.error());
                                     sources = std::move(*list);
                                   }
                                   return {};
                                 });
  if (!read) return read;
  // br_multicast_flood() in net/bridge/br_forward.c passes over such a (*,G).
  if (entry.source || !includes) entries.push_back(entry);
  if (entry.source) return {};
  for (const Source& source : sources) {
    BridgeEntry of_source = entry;
    of_source.source = source.address;
    of_source.blocked = !source.wanted;
    entries.push_back(of_source);
  }
  return {};
}

}  // namespace

Result<std::optional<Bridge>> decode_bridge(Bytes message) {
  const auto header = header_of<ifinfomsg>(message, kBridge);
  if (!header) return std::unexpected(header.error());
  Bridge bridge;
  bridge.ifindex = header->ifi_index;
  bool is_bridge = false;
  Bytes settings;
  auto read = for_each_attribute(
      behind<ifinfomsg>(message), kBridge, [&](std::uint16_t type, Bytes value) -> Result<void> {
        if (type != IFLA_LINKINFO) return {};
        return for_each_attribute(
            value, kBridge, [&](std::uint16_t inner, Bytes content) -> Result<void> {
              if (inner == IFLA_INFO_KIND) {
                constexpr std::string_view kKind = "bridge";
                is_bridge = content.size() == kKind.size() + 1 && content.back() == 0 &&
                            std::ranges::equal(content.first(kKind.size()), kKind);
              } else if (inner == IFLA_INFO_DATA) {
                settings = content;
              }
              return {};
            });
      });
  if (!read) return std::unexpected(read.error());
  if (!is_bridge) return std::optional<Bridge>();
  if (bridge.ifindex <= 0) return fail(std::string(kBridge) + ": no index");
  if (auto taken = read_settings(settings, bridge); !taken) return std::unexpected(taken.error());
  return bridge;
}

Result<std::vector<BridgeEntry>> decode_bridge_entries(Bytes message) {
  const auto header = header_of<br_port_msg>(message, kEntry);
  if (!header) return std::unexpected(header.error());
  const int bridge = static_cast<int>(header->ifindex);
  if (bridge <= 0) return fail(std::string(kEntry) + ": no bridge");
  std::vector<BridgeEntry> entries;
  // MDBA_MDB holds MDBA_MDB_ENTRY, which holds MDBA_MDB_ENTRY_INFO.
  auto read = for_each_attribute(
      behind<br_port_msg>(message), kEntry,
      [&](std::uint16_t type, Bytes database) -> Result<void> {
        if (type != MDBA_MDB) return {};
        return for_each_attribute(
            database, kEntry, [&](std::uint16_t inner, Bytes group) -> Result<void> {
              if (inner != MDBA_MDB_ENTRY) return {};
              return for_each_attribute(group, kEntry,
                                        [&](std::uint16_t what, Bytes info) -> Result<void> {
                                          if (what != MDBA_MDB_ENTRY_INFO) return {};
                                          return read_entry(bridge, info, entries);
                                        });
            });
      });
  if (!read) return std::unexpected(read.error());
  sort_bridge_entries(entries);
  return entries;
}

std::vector<std::uint8_t> encode_bridge_entries_request() {
  br_port_msg header{};
  header.family = PF_BRIDGE;
  return bytes_of(header);
}

void sort_bridge_entries(std::vector<BridgeEntry>& entries) {
  std::ranges::sort(entries, {}, [](const BridgeEntry& entry) {
    return std::tie(entry.bridge, entry.group, entry.source, entry.port, entry.blocked);
  });
  const auto repeated = std::ranges::unique(entries);
  entries.erase(repeated.begin(), repeated.end());
}

}  // namespace mcast::netlink
