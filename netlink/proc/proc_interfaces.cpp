#include "netlink/proc/proc_interfaces.h"

#include "netlink/proc/proc_files.h"
#include "netlink/proc/proc_text.h"

namespace mcast::netlink {

Result<std::vector<std::string>> parse_proc_dev(std::string_view text) {
  std::vector<std::string> result;
  Lines lines(text);
  // The title has two lines.
  (void)lines.next();
  (void)lines.next();
  while (auto line = lines.next()) {
    // Names may hold no colon today, but could once; behind the name there is none.
    const std::size_t colon = line->rfind(':');
    if (colon == std::string_view::npos) return lines.error("not an interface");
    std::string_view before = line->substr(0, colon);
    const std::string_view name = take_word(before);
    if (!is_valid_interface_name(name) || !take_word(before).empty()) {
      return lines.error("not the name of an interface");
    }
    result.emplace_back(name);
  }
  return result;
}

Result<std::vector<InterfaceAddress>> parse_proc_if_inet6(std::string_view text) {
  constexpr int kMostBits = 128;
  std::vector<InterfaceAddress> result;
  Lines lines(text);
  while (auto line = lines.next()) {
    const auto address = parse_v6_hex(take_word(*line));
    const auto index = parse_number<int>(take_word(*line), 16);
    const auto length = parse_number<int>(take_word(*line), 16);
    if (!address || !index || *index <= 0 || !length || *length < 0 || *length > kMostBits) {
      return lines.error("not an address");
    }
    result.push_back({.ifindex = *index, .address = *address, .prefix_length = *length});
  }
  return result;
}

}  // namespace mcast::netlink
