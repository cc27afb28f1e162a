#include "tests/netns/mld_speaker.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "tests/netns/eventually.h"
#include "tests/netns/failure.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t kQuery = 130;
constexpr std::uint8_t kReportV1 = 131;
constexpr std::uint8_t kDone = 132;
constexpr std::uint8_t kReportV2 = 143;

void append(Datagram& message, std::uint64_t value, unsigned bytes) {
  for (unsigned i = bytes; i > 0; --i) {
    message.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
  }
}

void append(Datagram& message, const std::string& address) {
  in6_addr bytes{};
  if (::inet_pton(AF_INET6, address.c_str(), &bytes) != 1) fail_with("no address: " + address);
  message.insert(message.end(), std::begin(bytes.s6_addr), std::end(bytes.s6_addr));
}

Datagram of_type(std::uint8_t type) {
  return {type, 0, 0, 0};
}

Datagram of_version_1(std::uint8_t type, const std::string& group) {
  Datagram message = of_type(type);
  append(message, 0, 4);
  append(message, group);
  return message;
}

// RFC 8200 section 8.1, over the pseudo-header and the message.
std::uint16_t checksum(const std::string& source, const std::string& destination,
                       const Datagram& message) {
  Datagram all;
  append(all, source);
  append(all, destination);
  append(all, message.size(), 4);
  append(all, IPPROTO_ICMPV6, 4);
  all.insert(all.end(), message.begin(), message.end());
  if (all.size() % 2 != 0) all.push_back(0);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < all.size(); i += 2) sum += std::uint32_t{all[i]} << 8U | all[i + 1];
  while (sum > 0xFFFF) sum = (sum & 0xFFFFU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace

Datagram mld_query(const MldQuery& query) {
  Datagram message = of_type(kQuery);
  append(message, static_cast<std::uint64_t>(query.max_response.count()), 2);
  append(message, 0, 2);
  append(message, query.group);
  if (query.version == 1) return message;
  append(message, static_cast<std::uint64_t>(query.robustness), 1);
  append(message, static_cast<std::uint64_t>(query.interval.count()), 1);
  append(message, query.announced.value_or(static_cast<std::uint16_t>(query.sources.size())), 2);
  for (const std::string& source : query.sources) append(message, source);
  return message;
}

Datagram mld_report(const std::vector<MldRecord>& records, std::optional<std::uint16_t> announced) {
  Datagram message = of_type(kReportV2);
  append(message, 0, 2);
  append(message, announced.value_or(static_cast<std::uint16_t>(records.size())), 2);
  for (const MldRecord& record : records) {
    append(message, record.type, 1);
    append(message, 0, 1);
    append(message, record.sources.size(), 2);
    append(message, record.group);
    for (const std::string& source : record.sources) append(message, source);
  }
  return message;
}

Datagram mld_report_v1(const std::string& group) {
  return of_version_1(kReportV1, group);
}

Datagram mld_done(const std::string& group) {
  return of_version_1(kDone, group);
}

std::uint64_t ipv6_counter(const Namespace& where, const std::string& interface,
                           const std::string& name) {
  std::istringstream words(where.proc_net("dev_snmp6/" + interface));
  for (std::string word; words >> word;) {
    std::uint64_t value = 0;
    if (word == name && words >> value) return value;
  }
  fail_with(interface + " has no counter " + name);
}

void wait_until_reported(const Namespace& where, const std::string& interface) {
  const auto sent = [&] {
    return ipv6_counter(where, interface, "Icmp6OutMLDv2Reports") +
           ipv6_counter(where, interface, "Icmp6OutGroupMembResponses");
  };
  const auto quiet = [&] {
    const std::uint64_t before = sent();
    return before > 0 && never(1s, [&] { return sent() != before; });
  };
  if (!eventually(15s, quiet)) fail_with(interface + " goes on reporting its memberships");
}

MldSpeaker::MldSpeaker(const Namespace& where, const std::string& interface)
    // Protocol 0: it hears nothing.
    : socket_(where.socket(AF_PACKET, SOCK_DGRAM)),
      interface_index_(where.interface_index(interface)),
      link_local_(link_local_address(where, interface)) {}

void MldSpeaker::send(const Datagram& message, const Envelope& envelope) const {
  const std::string& source = envelope.source.empty() ? link_local_ : envelope.source;
  Datagram body = message;
  if (envelope.cut_to) body.resize(*envelope.cut_to);
  if (body.size() >= 4) {
    const auto wrong = static_cast<std::uint16_t>(envelope.right_checksum ? 0 : 1);
    const auto sum =
        static_cast<std::uint16_t>(checksum(source, envelope.destination, body) + wrong);
    body[2] = static_cast<std::uint8_t>(sum >> 8U);
    body[3] = static_cast<std::uint8_t>(sum);
  }
  // Hop-by-hop options: router alert with value 0, "MLD" (RFC 2711), and padding.
  const Datagram options =
      envelope.router_alert ? Datagram{IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0} : Datagram{};
  Datagram packet;
  append(packet, 0x60000000, 4);
  append(packet, options.size() + body.size(), 2);
  append(packet, envelope.router_alert ? IPPROTO_HOPOPTS : IPPROTO_ICMPV6, 1);
  append(packet, static_cast<std::uint64_t>(envelope.hop_limit), 1);
  append(packet, source);
  append(packet, envelope.destination);
  packet.insert(packet.end(), options.begin(), options.end());
  packet.insert(packet.end(), body.begin(), body.end());

  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_protocol = htons(ETH_P_IPV6);
  to.sll_ifindex = static_cast<int>(interface_index_);
  to.sll_halen = ETH_ALEN;
  // RFC 2464 section 7: 33:33 and the low 32 bits, at offset 24 with the rest of them.
  to.sll_addr[0] = 0x33;
  to.sll_addr[1] = 0x33;
  std::memcpy(&to.sll_addr[2], &packet[24 + 12], 4);
  if (::sendto(socket_.get(), packet.data(), packet.size(), 0,
               reinterpret_cast<const sockaddr*>(&to),
               sizeof to) != static_cast<ssize_t>(packet.size())) {
    fail_with_errno("send an MLD message", errno);
  }
}

}  // namespace mcast::test
