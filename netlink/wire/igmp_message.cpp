#include "netlink/wire/igmp_message.h"

#include <netinet/in.h>

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
  for (std::size_t i = 0; i < count; ++i) result.push_back(read_ipv4(bytes, i * 4));
  return result;
}

Result<IpAddress> group_at(Bytes igmp, std::size_t offset, const char* what) {
  const IpAddress group = read_ipv4(igmp, offset);
  if (!group.is_multicast()) {
    return fail(std::string(what) + ": " + group.to_string() + " is no group");
  }
  return group;
}

// RFC 3376 section 4.1; the versions are told apart as in its section 7.1.
Result<void> read_query(Bytes igmp, IgmpMessage& message) {
  message.kind = IgmpKind::kQuery;
  const std::uint8_t code = igmp[1];
  if (read_ipv4(igmp, 4) != IpAddress()) {
    const auto group = group_at(igmp, 4, "IGMP query");
    if (!group) return std::unexpected(group.error());
    message.group = *group;
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

Result<void> read_group_message(Bytes igmp, IgmpKind kind, int version, IgmpMessage& message) {
  message.kind = kind;
  message.version = version;
  const auto group = group_at(igmp, 4, kind == IgmpKind::kLeave ? "IGMP leave" : "IGMP report");
  if (!group) return std::unexpected(group.error());
  message.group = *group;
  return {};
}

// RFC 3376 section 4.2.
Result<void> read_report(Bytes igmp, IgmpMessage& message) {
  message.kind = IgmpKind::kReport;
  message.version = 3;
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
      const auto group = group_at(rest, 4, where.c_str());
      if (!group) return std::unexpected(group.error());
      message.records.push_back({.type = static_cast<GroupRecordType>(type),
                                 .group = *group,
                                 .sources = addresses(rest.subspan(8), sources)});
    }
    rest = rest.subspan(length);
  }
  return {};
}

Result<void> read_message(Bytes igmp, IgmpMessage& message) {
  switch (igmp[0]) {
    case kQuery:
      return read_query(igmp, message);
    case kReportV1:
      return read_group_message(igmp, IgmpKind::kReport, 1, message);
    case kReportV2:
      return read_group_message(igmp, IgmpKind::kReport, 2, message);
    case kLeave:
      return read_group_message(igmp, IgmpKind::kLeave, 2, message);
    case kReportV3:
      return read_report(igmp, message);
    default:
      return fail("IGMP: type " + std::to_string(igmp[0]) + " is none of a membership");
  }
}

}  // namespace

std::string_view to_string(GroupRecordType type) {
  switch (type) {
    case GroupRecordType::kModeIsInclude:
      return "MODE_IS_INCLUDE";
    case GroupRecordType::kModeIsExclude:
      return "MODE_IS_EXCLUDE";
    case GroupRecordType::kChangeToInclude:
      return "CHANGE_TO_INCLUDE_MODE";
    case GroupRecordType::kChangeToExclude:
      return "CHANGE_TO_EXCLUDE_MODE";
    case GroupRecordType::kAllowNewSources:
      return "ALLOW_NEW_SOURCES";
    case GroupRecordType::kBlockOldSources:
      return "BLOCK_OLD_SOURCES";
  }
  return "";
}

Result<IgmpMessage> decode_igmp(Bytes ip_packet) {
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
  IgmpMessage message;
  message.source = header->source;
  message.destination = header->destination;
  message.ttl = header->ttl;
  message.router_alert = header->router_alert;
  if (const auto read = read_message(igmp, message); !read) return std::unexpected(read.error());
  return message;
}

}  // namespace mcast::netlink
