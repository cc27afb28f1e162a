// From the bytes of an IPv4 packet to an IGMP message: pure functions, any thread.
// IGMPv1 (RFC 1112), v2 (RFC 2236) and v3 (RFC 3376, RFC 9776). The types have room
// for MLD: an address is of either family.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

enum class MessageKind : std::uint8_t { kQuery, kReport, kLeave };

// RFC 3376 section 4.2.12, with its numbers.
enum class GroupRecordType : std::uint8_t {
  kModeIsInclude = 1,
  kModeIsExclude = 2,
  kChangeToInclude = 3,
  kChangeToExclude = 4,
  kAllowNewSources = 5,
  kBlockOldSources = 6,
};

// "MODE_IS_INCLUDE", as the RFC writes it.
[[nodiscard]] std::string_view to_string(GroupRecordType type);

struct GroupRecord {
  GroupRecordType type = GroupRecordType::kModeIsInclude;
  IpAddress group;
  std::vector<IpAddress> sources;

  friend bool operator==(const GroupRecord&, const GroupRecord&) = default;
};

struct MembershipMessage {
  MessageKind kind = MessageKind::kQuery;
  int version = 0;  // 1 to 3; of a leave 2
  IpAddress source;
  IpAddress destination;
  int ttl = 0;
  bool router_alert = false;  // the IP option of RFC 2113

  // In a query: the group asked for, 0.0.0.0 in a general one. In a report of version
  // 1 or 2 and in a leave: the group. Unspecified in a report of version 3.
  IpAddress group;

  // Queries. Version 1 has no field for it and means 10 s (RFC 2236 section 4).
  Nanoseconds max_response_time = 0;
  // Queries of version 3; 0: not said.
  Nanoseconds query_interval = 0;
  int robustness = 0;
  bool suppress_router_processing = false;
  std::vector<IpAddress> sources;

  // Reports of version 3. Records of a type that the RFC does not know are left out,
  // as its section 4.2.12 asks for.
  std::vector<GroupRecord> records;

  [[nodiscard]] bool is_general_query() const {
    return kind == MessageKind::kQuery && group.is_unspecified();
  }

  friend bool operator==(const MembershipMessage&, const MembershipMessage&) = default;
};

// `ip_packet` starts at the IPv4 header; what is behind the packet's own length (the
// padding of a short Ethernet frame) is not looked at. Both checksums are checked. An
// error says what is wrong where; so is every other type of IGMP message (DVMRP, PIM
// version 1, mtrace). Takes memory in proportion to the packet, at most a few times
// its 65535 bytes.
[[nodiscard]] Result<MembershipMessage> decode_igmp(Bytes ip_packet);

// The value of Max Resp Code and of QQIC in version 3, in units of the field: below
// 128 as it stands, else a small floating-point number (RFC 3376 sections 4.1.1 and
// 4.1.7). 31744 at most.
[[nodiscard]] constexpr std::uint32_t igmp_code_value(std::uint8_t code) {
  if (code < 128) return code;
  const std::uint32_t mantissa = code & 0x0FU;
  const std::uint32_t exponent = (code >> 4U) & 0x07U;
  return (mantissa | 0x10U) << (exponent + 3U);
}

}  // namespace mcast::netlink
