#include "netlink/proc/proc_multicast_routes.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "netlink/proc/proc_text.h"

namespace mcast::netlink {
namespace {

// %08X of IPv4; IPv6 as eight groups of four digits (%pI6).
std::optional<IpAddress> parse_address(std::string_view word, Family family) {
  if (family == Family::kIpv4) return word.size() == 8 ? parse_memory_hex(word) : std::nullopt;
  auto address = IpAddress::parse(word);
  if (!address || address->is_v4()) return std::nullopt;
  return *address;
}

// " 1:1    2:1  ": the number of an interface and its TTL threshold, with blanks in
// between. False: not that.
bool parse_outputs(std::string_view rest, const RouterInterfaces& interfaces,
                   std::vector<MulticastRoute::Output>& outputs) {
  for (auto word = take_word(rest); !word.empty(); word = take_word(rest)) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) return false;
    const auto number = parse_number<int>(word.substr(0, colon));
    const auto threshold = parse_number<std::uint8_t>(word.substr(colon + 1));
    if (!number || !threshold) return false;
    const auto found = interfaces.find(*number);
    if (found == interfaces.end()) continue;
    outputs.push_back({.ifindex = found->second, .ttl_threshold = *threshold});
  }
  return true;
}

}  // namespace

Result<std::map<int, std::string>> parse_proc_mr_vif(std::string_view text) {
  std::map<int, std::string> result;
  Lines lines(text);
  (void)lines.next();  // the title
  while (auto line = lines.next()) {
    const auto number = parse_number<int>(take_word(*line));
    const std::string_view name = take_word(*line);
    if (!number || *number < 0 || name.empty()) {
      return lines.error("not an interface of a multicast router");
    }
    result.insert_or_assign(*number, std::string(name));
  }
  return result;
}

Result<std::vector<MulticastRoute>> parse_proc_mr_cache(std::string_view text, Family family,
                                                        const RouterInterfaces& interfaces) {
  std::vector<MulticastRoute> result;
  Lines lines(text);
  (void)lines.next();  // the title
  while (auto line = lines.next()) {
    const auto group = parse_address(take_word(*line), family);
    const auto source = parse_address(take_word(*line), family);
    const auto incoming = parse_number<int>(take_word(*line));
    const auto packets = parse_number<std::uint64_t>(take_word(*line));
    const auto bytes = parse_number<std::uint64_t>(take_word(*line));
    const auto wrong = parse_number<std::uint64_t>(take_word(*line));
    if (!group || (!group->is_multicast() && !group->is_unspecified()) || !source || !incoming ||
        !packets || !bytes || !wrong) {
      return lines.error("not a multicast route");
    }
    const auto found = interfaces.find(*incoming);
    MulticastRoute route{.source = *source,
                         .group = *group,
                         .incoming = found == interfaces.end() ? 0 : found->second,
                         .outgoing = {},
                         .packets = *packets,
                         .bytes = *bytes,
                         .wrong_interface_packets = *wrong};
    if (!parse_outputs(*line, interfaces, route.outgoing)) {
      return lines.error("not outputs of a multicast route");
    }
    result.push_back(std::move(route));
  }
  return result;
}

}  // namespace mcast::netlink
