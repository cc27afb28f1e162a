#include "netlink/proc/proc_counters.h"

#include <cerrno>
#include <map>
#include <string>

#include "netlink/proc/proc_files.h"
#include "netlink/proc/proc_text.h"

namespace mcast::netlink {
namespace {

// The values of one "Udp:", by the words of its title, which is the line before.
using Counters = std::map<std::string, std::uint64_t, std::less<>>;

// Values are read where `is_wanted`(the first word); others may be negative (Tcp MaxConn).
template <typename IsWanted>
Result<std::map<std::string, Counters, std::less<>>> parse_counters(std::string_view text,
                                                                    IsWanted is_wanted) {
  std::map<std::string, Counters, std::less<>> result;
  Lines lines(text);
  while (auto title = lines.next()) {
    auto values = lines.next();
    const std::string_view what = take_word(*title);
    if (!values || what.empty() || take_word(*values) != what) {
      return lines.error("not the values of the line before");
    }
    if (!is_wanted(what)) continue;
    Counters& counters = result[std::string(what)];
    for (auto name = take_word(*title); !name.empty(); name = take_word(*title)) {
      const auto value = parse_number<std::uint64_t>(take_word(*values));
      if (!value) return lines.error("not a value for " + std::string(name));
      counters.insert_or_assign(std::string(name), *value);
    }
    if (!take_word(*values).empty()) return lines.error("more values than names");
  }
  return result;
}

std::optional<std::uint64_t> value_of(const std::map<std::string, Counters, std::less<>>& all,
                                      std::string_view what, std::string_view name) {
  const auto counters = all.find(what);
  if (counters == all.end()) return std::nullopt;
  const auto value = counters->second.find(name);
  if (value == counters->second.end()) return std::nullopt;
  return value->second;
}

template <typename T>
Result<T> in_file(const std::filesystem::path& path, Result<T> value) {
  if (value) return value;
  return std::unexpected(
      Error{.message = path.string() + ": " + value.error().message, .code = value.error().code});
}

// "0100007F:0035"
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
};
std::optional<Endpoint> parse_endpoint(std::string_view word, Family family) {
  const std::size_t digits = family == Family::kIpv4 ? 8 : 32;
  if (word.size() != digits + 5 || word[digits] != ':') return std::nullopt;
  const auto address = parse_memory_hex(word.substr(0, digits));
  const auto port = parse_number<std::uint16_t>(word.substr(digits + 1), 16);
  if (!address || !port) return std::nullopt;
  return Endpoint{.address = *address, .port = *port};
}

// "00000000:00000300": the send and the receive queue.
std::optional<std::uint64_t> parse_receive_queue(std::string_view word) {
  const std::size_t colon = word.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  return parse_number<std::uint64_t>(word.substr(colon + 1), 16);
}

}  // namespace

Result<UdpCounters> parse_proc_snmp(std::string_view text) {
  const auto all = parse_counters(text, [](std::string_view what) { return what == "Udp:"; });
  if (!all) return std::unexpected(all.error());
  const auto errors = value_of(*all, "Udp:", "InErrors");
  if (!errors) return fail("no counters of UDP");
  return UdpCounters{.in_errors = *errors,
                     .receive_buffer_errors = value_of(*all, "Udp:", "RcvbufErrors").value_or(0),
                     .checksum_errors = value_of(*all, "Udp:", "InCsumErrors").value_or(0)};
}

Result<IpCounters> parse_proc_netstat(std::string_view text) {
  const auto all = parse_counters(
      text, [](std::string_view what) { return what == "TcpExt:" || what == "IpExt:"; });
  if (!all) return std::unexpected(all.error());
  return IpCounters{.reverse_path_filtered = value_of(*all, "TcpExt:", "IPReversePathFilter"),
                    .multicast_packets = value_of(*all, "IpExt:", "InMcastPkts")};
}

Result<std::vector<UdpSocket>> parse_proc_udp(std::string_view text, Family family) {
  std::vector<UdpSocket> result;
  Lines lines(text);
  (void)lines.next();  // the title
  while (auto line = lines.next()) {
    (void)take_word(*line);  // "1775:", the bucket
    const auto local = parse_endpoint(take_word(*line), family);
    (void)take_word(*line);  // the other end
    (void)take_word(*line);  // state
    const auto receive_queue = parse_receive_queue(take_word(*line));
    (void)take_word(*line);  // timer
    (void)take_word(*line);  // retransmissions
    (void)take_word(*line);  // user
    (void)take_word(*line);  // timeout
    const auto inode = parse_number<std::uint64_t>(take_word(*line));
    (void)take_word(*line);  // references
    (void)take_word(*line);  // pointer
    const auto drops = parse_number<std::uint64_t>(take_word(*line));
    if (!local || !receive_queue || !inode || !drops || !take_word(*line).empty()) {
      return lines.error("not a UDP socket");
    }
    result.push_back({.address = local->address,
                      .port = local->port,
                      .receive_queue = *receive_queue,
                      .drops = *drops,
                      .inode = *inode});
  }
  return result;
}

Result<UdpCounters> read_udp_counters(const std::filesystem::path& proc_root) {
  const std::filesystem::path path = proc_root / "net/snmp";
  const auto text = read_proc_file(path);
  if (!text) return std::unexpected(text.error());
  return in_file(path, parse_proc_snmp(*text));
}

Result<IpCounters> read_ip_counters(const std::filesystem::path& proc_root) {
  const std::filesystem::path path = proc_root / "net/netstat";
  const auto text = read_proc_file(path);
  if (!text) return std::unexpected(text.error());
  return in_file(path, parse_proc_netstat(*text));
}

Result<std::vector<UdpSocket>> read_udp_sockets(const std::filesystem::path& proc_root,
                                                Family family) {
  const std::filesystem::path path = proc_root / (family == Family::kIpv4 ? "net/udp" : "net/udp6");
  const auto text = read_proc_file(path);
  if (!text && text.error().code == ENOENT && family == Family::kIpv6) {
    return std::vector<UdpSocket>();
  }
  if (!text) return std::unexpected(text.error());
  return in_file(path, parse_proc_udp(*text, family));
}

}  // namespace mcast::netlink
