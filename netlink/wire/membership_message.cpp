#include "netlink/wire/membership_message.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <string>

#include "netlink/wire/internet_header.h"

namespace mcast::netlink {
namespace {

constexpr Nanoseconds kTenth = 100 * kMillisecond;
constexpr Nanoseconds kVersion1MaxResponseTime = 10 * kSecond;
constexpr std::size_t kNoVersion = 0;

// What IGMP and MLD differ in: numbers.
struct Protocol {
  Family family = Family::kIpv4;
  std::string_view name;
  std::uint8_t number = 0;  // in the IP header
  std::uint8_t query = 0;
  std::array<std::uint8_t, 2> old_reports;  // each for one group, of versions 1 and 2
  std::uint8_t leave = 0;
  std::uint8_t report = 0;  // with records, of the newest version
  std::size_t address = 0;  // bytes
  std::size_t group = 0;    // where it stands in all but reports with records
  int newest = 0;           // version
};
constexpr Protocol kIgmp{.family = Family::kIpv4,
                         .name = "IGMP",
                         .number = IPPROTO_IGMP,
                         .query = 0x11,
                         .old_reports = {0x12, 0x16},
                         .leave = 0x17,
                         .report = 0x22,
                         .address = 4,
                         .group = 4,
                         .newest = 3};
constexpr Protocol kMld{.family = Family::kIpv6,
                        .name = "MLD",
                        .number = IPPROTO_ICMPV6,
                        .query = 130,
                        .old_reports = {131, kNoVersion},
                        .leave = 132,
                        .report = 143,
                        .address = 16,
                        .group = 8,
                        .newest = 2};

std::string named(const Protocol& protocol, const char* what) {
  return std::string(protocol.name) + what;
}

// The caller has checked that they are there.
std::vector<IpAddress> addresses(Bytes bytes, std::size_t count, const Protocol& protocol) {
  std::vector<IpAddress> result;
  result.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(read_address(bytes, i * protocol.address, protocol.family));
  }
  return result;
}

std::unexpected<Error> no_group(const std::string& what, const IpAddress& group) {
  return fail(what + ": " + group.to_string() + " is no group");
}

// RFC 3376 section 4.1, RFC 3810 section 5.1; the versions are told apart as in sections 7.1
// and 8.1.
Result<void> read_query(Bytes bytes, const Protocol& protocol, MembershipMessage& message) {
  const bool is_mld = protocol.family == Family::kIpv6;
  const std::string what = named(protocol, " query");
  const std::size_t old_length = protocol.group + protocol.address;
  if (!message.group.is_unspecified() && !message.group.is_multicast()) {
    return no_group(what, message.group);
  }
  const std::uint32_t code = is_mld ? read_u16(bytes, 4) : bytes[1];
  const Nanoseconds unit = is_mld ? kMillisecond : kTenth;
  if (bytes.size() == old_length) {
    message.version = is_mld || code == 0 ? 1 : 2;
    message.max_response_time = !is_mld && code == 0 ? kVersion1MaxResponseTime : code * unit;
    return {};
  }
  if (bytes.size() < old_length + 4) {
    return fail(what + ": " + std::to_string(bytes.size()) + " bytes are of no version");
  }
  const Bytes more = bytes.subspan(old_length);
  message.version = protocol.newest;
  message.max_response_time = code_value(code, is_mld ? 12 : 4) * unit;
  message.suppress_router_processing = (more[0] & 0x08U) != 0;
  message.robustness = static_cast<int>(more[0] & 0x07U);
  message.query_interval = code_value(more[1]) * kSecond;
  const std::size_t count = read_u16(more, 2);
  const std::size_t room = (more.size() - 4) / protocol.address;
  if (count > room) {
    return fail(what + ": claims " + std::to_string(count) + " sources, has room for " +
                std::to_string(room));
  }
  message.sources = addresses(more.subspan(4), count, protocol);
  return {};
}

// RFC 3376 section 4.2, RFC 3810 section 5.2.
Result<void> read_report(Bytes bytes, const Protocol& protocol, MembershipMessage& message) {
  message.version = protocol.newest;
  const std::size_t count = read_u16(bytes, 6);
  Bytes rest = bytes.subspan(8);
  // The least that a record takes: a claim costs no memory.
  const std::size_t shortest = 4 + protocol.address;
  if (count * shortest > rest.size()) {
    return fail(named(protocol, " report: claims ") + std::to_string(count) + " records in " +
                std::to_string(rest.size()) + " bytes");
  }
  message.records.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string where = named(protocol, " report, record ") + std::to_string(i + 1);
    if (rest.size() < shortest) return fail(where + ": cut off");
    const std::uint8_t type = rest[0];
    const std::size_t sources = read_u16(rest, 2);
    const std::size_t length = shortest + sources * protocol.address + rest[1] * std::size_t{4};
    if (length > rest.size()) {
      return fail(where + ": claims " + std::to_string(length) + " bytes, " +
                  std::to_string(rest.size()) + " are there");
    }
    if (type >= 1 && type <= 6) {
      const IpAddress group = read_address(rest, 4, protocol.family);
      if (!group.is_multicast()) return no_group(where, group);
      message.records.push_back({.type = static_cast<GroupRecordType>(type),
                                 .group = group,
                                 .sources = addresses(rest.subspan(shortest), sources, protocol)});
    }
    rest = rest.subspan(length);
  }
  return {};
}

Result<void> read_message(Bytes bytes, const Protocol& protocol, MembershipMessage& message) {
  const std::uint8_t type = bytes[0];
  message.kind = type == protocol.query   ? MessageKind::kQuery
                 : type == protocol.leave ? MessageKind::kLeave
                                          : MessageKind::kReport;
  const auto& old = protocol.old_reports;
  const bool is_old_report = std::ranges::find(old, type) != old.end() && type != kNoVersion;
  if (type == protocol.report) {
    message.group = IpAddress::from_bytes(std::vector<std::uint8_t>(protocol.address)).value();
    return read_report(bytes, protocol, message);
  }
  if (!is_old_report && message.kind == MessageKind::kReport) {
    return fail(named(protocol, ": type ") + std::to_string(type) + " is none of a membership");
  }
  if (bytes.size() < protocol.group + protocol.address) {
    return fail(named(protocol, ": ") + std::to_string(bytes.size()) +
                " bytes, too short for a message");
  }
  message.group = read_address(bytes, protocol.group, protocol.family);
  if (message.kind == MessageKind::kQuery) return read_query(bytes, protocol, message);
  message.version = is_old_report && type == old[0] ? 1 : protocol.newest - 1;
  if (message.group.is_multicast()) return {};
  return no_group(named(protocol, is_old_report ? " report" : " leave"), message.group);
}

Result<MembershipMessage> decode(Bytes ip_packet, const Protocol& protocol) {
  const auto header = decode_internet_header(ip_packet);
  if (!header) return std::unexpected(header.error());
  const bool is_v4 = header->source.is_v4();
  if (header->source.family() != protocol.family || header->protocol != protocol.number) {
    return fail((is_v4 ? "IPv4: protocol " : "IPv6: protocol ") + std::to_string(header->protocol) +
                " is not " + std::string(protocol.name));
  }
  if (!header->checksum_right) return fail("IPv4: wrong checksum of the header");
  if (header->is_fragment()) return fail(named(protocol, ": a fragment"));
  if (header->total_length > ip_packet.size()) {
    return fail(named(protocol, ": a packet of ") + std::to_string(header->total_length) +
                " bytes, " + std::to_string(ip_packet.size()) + " are there");
  }
  const Bytes bytes = ip_packet.first(header->total_length).subspan(header->header_length);
  if (bytes.size() < 8) {
    return fail(named(protocol, ": ") + std::to_string(bytes.size()) +
                " bytes, too short for a message");
  }
  if ((is_v4 ? internet_checksum(bytes) : ipv6_checksum(*header, bytes)) != 0) {
    return fail(named(protocol, ": wrong checksum"));
  }
  MembershipMessage message;
  message.source = header->source;
  message.destination = header->destination;
  message.ttl = header->ttl;
  message.router_alert = header->router_alert;
  if (const auto read = read_message(bytes, protocol, message); !read) {
    return std::unexpected(read.error());
  }
  return message;
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

std::string_view MembershipMessage::why_invalid() const {
  if (kind != MessageKind::kQuery || source.is_v4()) return "";
  if (!source.is_link_local_unicast()) return "its source address is not link-local";
  if (ttl != 1) return "its hop limit is not 1";
  return router_alert ? "" : "it has no router alert";
}

Result<MembershipMessage> decode_igmp(Bytes ip_packet) {
  return decode(ip_packet, kIgmp);
}

Result<MembershipMessage> decode_mld(Bytes ip_packet) {
  return decode(ip_packet, kMld);
}

}  // namespace mcast::netlink
