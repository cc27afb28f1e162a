#include "netlink/proc/proc_net.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <span>
#include <utility>

#include "base/file.h"
#include "base/number.h"
#include "base/text.h"

namespace mcast::netlink {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;
constexpr std::string_view kBlanks = " \t";

// Hands out lines and knows their number.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    ++number_;
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return line;
  }
  // About the line that was handed out last.
  [[nodiscard]] std::unexpected<Error> error(const std::string& what) const {
    return fail("line " + std::to_string(number_) + ": " + what);
  }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

// What stands between blanks; "" beyond the last word.
class Words {
 public:
  explicit Words(std::string_view line) {
    words_.reserve(16);
    while (true) {
      line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
      if (line.empty()) return;
      words_.push_back(line.substr(0, line.find_first_of(kBlanks)));
      line.remove_prefix(words_.back().size());
    }
  }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t column) const {
    return column < words_.size() ? words_[column] : std::string_view();
  }

 private:
  std::vector<std::string_view> words_;
};

// A line a row; parse() of its words is nullopt where it is not `what`.
template <typename Parse>
auto parse_table(std::string_view text, bool has_title, const char* what, Parse parse)
    -> Result<std::vector<typename decltype(parse(Words("")))::value_type>> {
  std::vector<typename decltype(parse(Words("")))::value_type> result;
  Lines lines(text);
  if (has_title) (void)lines.next();
  while (const auto line = lines.next()) {
    auto row = parse(Words(*line));
    if (!row) return lines.error(std::string("not a ") + what);
    result.push_back(std::move(*row));
  }
  return result;
}

// In words of 8 digits, each a number: as it is written, or (`of_memory`) with its first byte
// first in this machine's memory. One word of IPv4, "0x" in front or not, four of IPv6.
std::optional<IpAddress> parse_address(std::string_view word, Family family, bool of_memory) {
  std::array<std::uint8_t, 16> bytes{};
  const std::span used = std::span(bytes).first(family == Family::kIpv4 ? 4 : 16);
  if (!of_memory && family == Family::kIpv4 && word.starts_with("0x")) word.remove_prefix(2);
  if (word.size() != used.size() * 2) return std::nullopt;
  for (std::size_t i = 0; i < used.size(); i += 4) {
    const auto value = parse_number<std::uint32_t>(word.substr(2 * i, 8), 16);
    if (!value) return std::nullopt;
    const std::uint32_t stored = of_memory ? *value : htonl(*value);
    std::memcpy(bytes.data() + i, &stored, sizeof stored);
  }
  return IpAddress::from_bytes(used).value();
}

// The version in operation: "V1" to "V3", or "NONE" (0).
std::optional<int> parse_querier(std::string_view word) {
  if (word == "NONE") return 0;
  if (word.size() != 2 || word[0] != 'V' || word[1] < '1' || word[1] > '3') return std::nullopt;
  return word[1] - '0';
}

// "1\teth0      :     2      V3": the name may hold anything but '/' and white space,
// colons too, so it ends at the last colon before the two numbers.
std::optional<ProcIgmp::Interface> parse_interface(std::string_view line) {
  const std::size_t colon = line.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const Words before(line.substr(0, colon));
  const Words after(line.substr(colon + 1));
  const auto index = parse_number<int>(before[0]);
  const auto count = parse_number<std::uint32_t>(after[0]);
  const auto version = parse_querier(after[1]);
  if (before.size() != 2 || !index || *index <= 0 || !count || !version) return std::nullopt;
  return ProcIgmp::Interface{
      .ifindex = *index, .name = std::string(before[1]), .version = *version};
}

Result<std::vector<SourceFilter>> parse_filters(std::string_view text, Family family) {
  // The title comes with the first entry, so an empty file has none.
  return parse_table(text, true, "source filter",
                     [&](const Words& words) -> std::optional<SourceFilter> {
                       const auto index = parse_number<int>(words[0]);
                       const auto group = parse_address(words[2], family, false);
                       const auto source = parse_address(words[3], family, false);
                       const auto includes = parse_number<std::uint32_t>(words[4]);
                       const auto excludes = parse_number<std::uint32_t>(words[5]);
                       if (words.size() != 6 || !index || *index <= 0 || !group ||
                           !group->is_multicast() || !source || !includes || !excludes) {
                         return std::nullopt;
                       }
                       return SourceFilter{.ifindex = *index,
                                           .group = *group,
                                           .source = *source,
                                           .includes = *includes,
                                           .excludes = *excludes};
                     });
}

// Values by "Udp:" and their name: the words of two lines, the first of which is the title.
using Counters = std::map<std::string, std::uint64_t, std::less<>>;

// Values of the kinds that are `wanted`; others may be negative (Tcp MaxConn).
Result<Counters> parse_counters(std::string_view text,
                                std::initializer_list<std::string_view> wanted) {
  Counters counters;
  Lines lines(text);
  while (const auto title = lines.next()) {
    const auto values_line = lines.next();
    const Words names(*title);
    const Words values(values_line.value_or(""));
    if (names.size() == 0 || values[0] != names[0]) {
      return lines.error("not the values of the line before");
    }
    if (std::ranges::find(wanted, names[0]) == wanted.end()) continue;
    for (std::size_t i = 1; i < names.size(); ++i) {
      const auto value = parse_number<std::uint64_t>(values[i]);
      if (!value) return lines.error("not a value for " + std::string(names[i]));
      counters.insert_or_assign(std::string(names[0]) + std::string(names[i]), *value);
    }
    if (values.size() > names.size()) return lines.error("more values than names");
  }
  return counters;
}

// A name and a value a line.
Result<Counters> parse_counter_lines(std::string_view text) {
  Counters counters;
  Lines lines(text);
  while (const auto line = lines.next()) {
    const Words words(*line);
    const auto value = parse_number<std::uint64_t>(words[1]);
    if (words.size() != 2 || !value) return lines.error("not a counter");
    counters.insert_or_assign(std::string(words[0]), *value);
  }
  return counters;
}

std::optional<std::uint64_t> value_of(const Counters& counters, std::string_view name) {
  const auto found = counters.find(name);
  return found == counters.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

Result<std::string> read_proc_file(const std::filesystem::path& path) {
  return read_file(path, kMaxBytes);
}

Result<std::vector<std::string>> parse_proc_dev(std::string_view text) {
  std::vector<std::string> result;
  Lines lines(text);
  // The title has two lines.
  (void)lines.next();
  (void)lines.next();
  while (const auto line = lines.next()) {
    // Names may hold no colon today, but could once; after the name there is none.
    const std::size_t colon = line->rfind(':');
    if (colon == std::string_view::npos) return lines.error("not an interface");
    const Words before(line->substr(0, colon));
    if (before.size() != 1 || !is_valid_interface_name(before[0])) {
      return lines.error("not the name of an interface");
    }
    result.emplace_back(before[0]);
  }
  return result;
}

Result<ProcIgmp> parse_proc_igmp(std::string_view text) {
  ProcIgmp result;
  Lines lines(text);
  (void)lines.next();  // the title
  while (const auto line = lines.next()) {
    if (!line->empty() && !kBlanks.contains(line->front())) {
      auto interface = parse_interface(*line);
      if (!interface) return lines.error("not an interface");
      result.interfaces.push_back(std::move(*interface));
      continue;
    }
    const Words words(*line);
    const auto group = parse_address(words[0], Family::kIpv4, true);
    const auto users = parse_number<std::uint32_t>(words[1]);
    if (result.interfaces.empty() || !group || !users) return lines.error("not a membership");
    if (!group->is_multicast()) return lines.error(group->to_string() + " is no group");
    result.memberships.push_back(
        Membership{.ifindex = result.interfaces.back().ifindex, .group = *group, .users = *users});
  }
  return result;
}

Result<std::vector<Membership>> parse_proc_igmp6(std::string_view text) {
  return parse_table(text, false, "membership",
                     [](const Words& words) -> std::optional<Membership> {
                       const auto index = parse_number<int>(words[0]);
                       const auto group = parse_address(words[2], Family::kIpv6, false);
                       const auto users = parse_number<std::uint32_t>(words[3]);
                       if (!index || *index <= 0 || !group || !group->is_multicast() || !users) {
                         return std::nullopt;
                       }
                       return Membership{.ifindex = *index, .group = *group, .users = *users};
                     });
}

Result<std::vector<SourceFilter>> parse_proc_mcfilter(std::string_view text) {
  return parse_filters(text, Family::kIpv4);
}

Result<std::vector<SourceFilter>> parse_proc_mcfilter6(std::string_view text) {
  return parse_filters(text, Family::kIpv6);
}

namespace {

// `ip` and `udp`: how the names of each begin.
Result<UdpCounters> udp_counters(const Result<Counters>& counters, const std::string& ip,
                                 const std::string& udp) {
  if (!counters) return std::unexpected(counters.error());
  const auto value = [&](const std::string& name) { return value_of(*counters, name).value_or(0); };
  const auto errors = value_of(*counters, udp + "InErrors");
  if (!errors) return fail("no counters of UDP");
  return UdpCounters{.in_errors = *errors,
                     .receive_buffer_errors = value(udp + "RcvbufErrors"),
                     .checksum_errors = value(udp + "InCsumErrors"),
                     .fragments = value(ip + "ReasmReqds"),
                     .reassembled = value(ip + "ReasmOKs")};
}

}  // namespace

Result<UdpCounters> parse_proc_snmp(std::string_view text) {
  return udp_counters(parse_counters(text, {"Ip:", "Udp:"}), "Ip:", "Udp:");
}

Result<UdpCounters> parse_proc_snmp6(std::string_view text) {
  return udp_counters(parse_counter_lines(text), "Ip6", "Udp6");
}

Result<MldCounters> parse_proc_dev_snmp6(std::string_view text) {
  const auto counters = parse_counter_lines(text);
  if (!counters) return std::unexpected(counters.error());
  const auto index = value_of(*counters, "ifIndex").value_or(0);
  if (index == 0 || index > std::numeric_limits<int>::max()) return fail("no ifIndex");
  // A kernel that has no MLD counts none.
  const auto value = [&](const char* name) { return value_of(*counters, name).value_or(0); };
  return MldCounters{
      .ifindex = static_cast<int>(index),
      .queries = value("Icmp6InGroupMembQueries"),
      .v1_messages = value("Icmp6OutGroupMembResponses") + value("Icmp6OutGroupMembReductions"),
      .v2_reports = value("Icmp6OutMLDv2Reports")};
}

Result<IpCounters> parse_proc_netstat(std::string_view text) {
  const auto counters = parse_counters(text, {"TcpExt:", "IpExt:"});
  if (!counters) return std::unexpected(counters.error());
  return IpCounters{.reverse_path_filtered = value_of(*counters, "TcpExt:IPReversePathFilter"),
                    .multicast_packets = value_of(*counters, "IpExt:InMcastPkts")};
}

Result<std::vector<UdpSocket>> parse_proc_udp(std::string_view text, Family family) {
  return parse_table(text, true, "UDP socket", [&](const Words& words) -> std::optional<UdpSocket> {
    // Two pairs, "0100007F:0035" and "00000000:00000300": the send and the receive queue.
    const std::size_t colon = words[1].find(':');
    const std::size_t queues = words[4].find(':');
    if (words.size() != 13 || colon + 5 != words[1].size() || queues == std::string_view::npos) {
      return std::nullopt;
    }
    const auto address = parse_address(words[1].substr(0, colon), family, true);
    const auto port = parse_number<std::uint16_t>(words[1].substr(colon + 1), 16);
    const auto queue = parse_number<std::uint64_t>(words[4].substr(queues + 1), 16);
    const auto inode = parse_number<std::uint64_t>(words[9]);
    const auto drops = parse_number<std::uint64_t>(words[12]);
    if (!address || !port || !queue || !inode || !drops) return std::nullopt;
    return UdpSocket{.address = *address,
                     .port = *port,
                     .receive_queue = *queue,
                     .drops = *drops,
                     .inode = *inode};
  });
}

std::vector<UdpSocket> read_udp_sockets(const std::filesystem::path& proc_root) {
  std::vector<UdpSocket> result;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    const auto sockets =
        read_table(proc_root / (family == Family::kIpv4 ? "net/udp" : "net/udp6"),
                   [&](std::string_view text) { return parse_proc_udp(text, family); });
    if (sockets) result.insert(result.end(), sockets->begin(), sockets->end());
  }
  return result;
}

}  // namespace mcast::netlink
