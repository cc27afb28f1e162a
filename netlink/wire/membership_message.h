// From the bytes of an IP packet to what routers ask and hosts answer about groups: pure
// functions, any thread. IGMPv1 (RFC 1112), v2 (RFC 2236) and v3 (RFC 3376, RFC 9776) over
// IPv4, MLDv1 (RFC 2710) and v2 (RFC 3810) over IPv6. IGMPv3 and MLDv2 are one protocol with
// other numbers.
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

// RFC 3376 section 4.2.12 and RFC 3810 section 5.2.12, with their numbers.
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
  int version = 0;   // of IGMP 1 to 3, of MLD 1 and 2; of a leave 2, or 1 of MLD (Done)
  IpAddress source;  // of the packet's family, as all addresses here
  IpAddress destination;
  int ttl = 0;
  bool router_alert = false;  // the IP option of RFC 2113, or of RFC 2711

  // In a query: the group asked for, unspecified in a general one. In a report that is for
  // one group and in a leave: the group. Unspecified in a report with records.
  IpAddress group;

  // Queries. IGMPv1 has no field for it and means 10 s (RFC 2236 section 4).
  Nanoseconds max_response_time = 0;
  // Queries of IGMPv3 and MLDv2; 0: not said.
  Nanoseconds query_interval = 0;
  int robustness = 0;
  bool suppress_router_processing = false;
  std::vector<IpAddress> sources;

  // Reports of IGMPv3 and MLDv2. Records of a type that the RFC does not know are left out,
  // as its section on them asks for.
  std::vector<GroupRecord> records;

  [[nodiscard]] bool is_general_query() const {
    return kind == MessageKind::kQuery && group.is_unspecified();
  }

  // Of a query of MLD that no host answers: why, a text that lives for ever (RFC 3810 section
  // 6.2, igmp6_event_query() in net/ipv6/mcast.c). "": of every other message. Linux asks no
  // such thing of IGMP.
  [[nodiscard]] std::string_view why_invalid() const;

  friend bool operator==(const MembershipMessage&, const MembershipMessage&) = default;
};

// `ip_packet` starts at the IP header; what is behind the packet's own length (the padding of
// a short Ethernet frame) is not looked at. Checksums are checked, that of ICMPv6 with its
// pseudo header. An error says what is wrong where; so is every other type of message (DVMRP,
// PIM version 1, mtrace; echoes and neighbours of ICMPv6). Takes memory in proportion to the
// packet, at most a few times its 65535 bytes.
[[nodiscard]] Result<MembershipMessage> decode_igmp(Bytes ip_packet);
// A query that no host answers is no error: MembershipMessage::why_invalid().
[[nodiscard]] Result<MembershipMessage> decode_mld(Bytes ip_packet);

// The value of a code that is, from its highest bit on, a small floating-point number: three
// bits of exponent and a mantissa of `mantissa_bits`; below as it stands. Max Resp Code and
// QQIC of IGMPv3 and QQIC of MLDv2 have 4 (RFC 3376 sections 4.1.1 and 4.1.7), 31744 at most;
// Maximum Response Code of MLDv2 has 12 (RFC 3810 section 5.1.3), 8387584 at most.
[[nodiscard]] constexpr std::uint32_t code_value(std::uint32_t code, unsigned mantissa_bits = 4) {
  const std::uint32_t hidden = 1U << mantissa_bits;
  if (code < hidden << 3U) return code;
  const std::uint32_t exponent = (code >> mantissa_bits) & 7U;
  return ((code & (hidden - 1)) | hidden) << (exponent + 3U);
}

}  // namespace mcast::netlink
