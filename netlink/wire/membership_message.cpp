#include "netlink/wire/membership_message.h"

#include <netinet/in.h>

#include <array>
#include <string>

#include "netlink/wire/internet_header.h"

namespace mcast::netlink {
namespace {

constexpr Nanoseconds kTenth = 100 * kMillisecond;
constexpr Nanoseconds kVersion1MaxResponseTime = 10 * kSecond;

constexpr std::uint8_t kQuery = 0x11;
constexpr std::uint8_t kReportV1 = 0x12;
constexpr std::uint8_t kReportV2 = 0x16;
constexpr std::uint8_t kLeave = 0x17;
constexpr std::uint8_t kReportV3 = 0x22;

// The caller has checked that they are there.
std::vector<IpAddress> addresses(Bytes bytes, std::size_t count) {
  std::vector<IpAddress> result;
  result.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    result.push_back(read_address(bytes, i * 4, Family::kIpv4));
  return result;
}

std::unexpected<Error> no_group(const std::string& what, const IpAddress& group) {
  return fail(what + ": " + group.to_string() + " is no group");
}

// RFC 3376 section 4.1; the versions are told apart as in its section 7.1.
Result<void> read_query(Bytes igmp, MembershipMessage& message) {
  const std::uint8_t code = igmp[1];
  if (!message.group.is_unspecified() && !message.group.is_multicast()) {
    return no_group("IGMP query", message.group);
  }
  if (igmp.size() == 8) {
    message.version = code == 0 ? 1 : 2;
    message.max_response_time = code == 0 ? kVersion1MaxResponseTime : code * kTenth;
    return {};
  }
  if (igmp.size() < 12) {
    return fail("IGMP query: " + std::to_string(igmp.size()) + " bytes are of no version");
  }
  message.version = 3;
  message.max_response_time = igmp_code_value(code) * kTenth;
  message.suppress_router_processing = (igmp[8] & 0x08U) != 0;
  message.robustness = static_cast<int>(igmp[8] & 0x07U);
  message.query_interval = igmp_code_value(igmp[9]) * kSecond;
  const std::size_t count = read_u16(igmp, 10);
  if (count * 4 > igmp.size() - 12) {
    return fail("IGMP query: claims " + std::to_string(count) + " sources, has room for " +
                std::to_string((igmp.size() - 12) / 4));
  }
  message.sources = addresses(igmp.subspan(12), count);
  return {};
}

// RFC 3376 section 4.2.
Result<void> read_report(Bytes igmp, MembershipMessage& message) {
  message.version = 3;
  message.group = IpAddress();
  const std::size_t count = read_u16(igmp, 6);
  Bytes rest = igmp.subspan(8);
  // 8 bytes is the least that a record takes: a claim costs no memory.
  if (count * 8 > rest.size()) {
    return fail("IGMP report: claims " + std::to_string(count) + " records in " +
                std::to_string(rest.size()) + " bytes");
  }
  message.records.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string where = "IGMP report, record " + std::to_string(i + 1);
    if (rest.size() < 8) return fail(where + ": cut off");
    const std::uint8_t type = rest[0];
    const std::size_t sources = read_u16(rest, 2);
    const std::size_t length = 8 + sources * 4 + rest[1] * std::size_t{4};
    if (length > rest.size()) {
      return fail(where + ": claims " + std::to_string(length) + " bytes, " +
                  std::to_string(rest.size()) + " are there");
    }
    if (type >= 1 && type <= 6) {
      const IpAddress group = read_address(rest, 4, Family::kIpv4);
      if (!group.is_multicast()) return no_group(where, group);
      message.records.push_back({.type = static_cast<GroupRecordType>(type),
                                 .group = group,
                                 .sources = addresses(rest.subspan(8), sources)});
    }
    rest = rest.subspan(length);
  }
  return {};
}

Result<void> read_message(Bytes igmp, MembershipMessage& message) {
  message.group = read_address(igmp, 4, Family::kIpv4);
  message.kind = igmp[0] == kLeave ? MessageKind::kLeave : MessageKind::kReport;
  switch (igmp[0]) {
    case kQuery:
      message.kind = MessageKind::kQuery;
      return read_query(igmp, message);
    case kReportV3:
      return read_report(igmp, message);
    case kReportV1:
    case kReportV2:
    case kLeave:
      message.version = igmp[0] == kReportV1 ? 1 : 2;
      if (message.group.is_multicast()) return {};
      return no_group(igmp[0] == kLeave ? "IGMP leave" : "IGMP report", message.group);
    default:
      return fail("IGMP: type " + std::to_string(igmp[0]) + " is none of a membership");
  }
}

}  // namespace

std::string_view to_string(GroupRecordType type) {
  constexpr std::array<std::string_view, 7> kNames{"",
                                                   "MODE_IS_INCLUDE",
                                                   "MODE_IS_EXCLUDE",
                                                   "CHANGE_TO_INCLUDE_MODE",
                                                   "CHANGE_TO_EXCLUDE_MODE",
                                                   "ALLOW_NEW_SOURCES",
                                                   "BLOCK_OLD_SOURCES"};
  const auto number = static_cast<std::size_t>(type);
  return number < kNames.size() ? kNames[number] : "";
}

Result<MembershipMessage> decode_igmp(Bytes ip_packet) {
  const auto header = decode_internet_header(ip_packet);
  if (!header) return std::unexpected(header.error());
  if (header->protocol != IPPROTO_IGMP) {
    return fail("IPv4: protocol " + std::to_string(header->protocol) + " is not IGMP");
  }
  if (!header->checksum_right) return fail("IPv4: wrong checksum of the header");
  if (header->is_fragment()) return fail("IGMP: a fragment");
  if (header->total_length > ip_packet.size()) {
    return fail("IGMP: a packet of " + std::to_string(header->total_length) + " bytes, " +
                std::to_string(ip_packet.size()) + " are there");
  }
  const Bytes igmp = ip_packet.first(header->total_length).subspan(header->header_length);
  if (igmp.size() < 8) {
    return fail("IGMP: " + std::to_string(igmp.size()) + " bytes, too short for a message");
  }
  if (internet_checksum(igmp) != 0) return fail("IGMP: wrong checksum");
  MembershipMessage message;
  message.source = header->source;
  message.destination = header->destination;
  message.ttl = header->ttl;
  message.router_alert = header->router_alert;
  if (const auto read = read_message(igmp, message); !read) return std::unexpected(read.error());
  return message;
}

}  // namespace mcast::netlink
