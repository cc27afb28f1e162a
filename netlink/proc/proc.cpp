#include "netlink/proc/proc.h"

#include <cstdint>
#include <optional>

#include "netlink/proc/proc_text.h"

namespace mcast::netlink {
namespace {

// The version in operation: "V1" to "V3", or "NONE" (0).
std::optional<int> parse_querier(std::string_view word) {
  if (word == "NONE") return 0;
  if (word.size() != 2 || word[0] != 'V' || word[1] < '1' || word[1] > '3') return std::nullopt;
  return word[1] - '0';
}

// "1\teth0      :     2      V3": the name may hold anything but '/' and white space,
// colons too, so it ends at the last colon before the two numbers.
std::optional<ProcIgmp::Interface> parse_interface(std::string_view line) {
  const auto index = parse_number<int>(take_word(line));
  const std::size_t colon = line.rfind(':');
  if (!index || *index <= 0 || colon == std::string_view::npos) return std::nullopt;
  std::string_view before = line.substr(0, colon);
  std::string_view after = line.substr(colon + 1);
  const std::string_view name = take_word(before);
  const auto count = parse_number<std::uint32_t>(take_word(after));
  const auto version = parse_querier(take_word(after));
  if (name.empty() || !take_word(before).empty() || !count || !version) {
    return std::nullopt;
  }
  return ProcIgmp::Interface{.ifindex = *index, .name = std::string(name), .version = *version};
}

Result<std::vector<SourceFilter>> parse_filter(
    std::string_view text, std::optional<IpAddress> (*parse_address)(std::string_view)) {
  std::vector<SourceFilter> result;
  Lines lines(text);
  // The title comes with the first entry, so an empty file has none.
  (void)lines.next();
  while (auto line = lines.next()) {
    const auto index = parse_number<int>(take_word(*line));
    const std::string_view name = take_word(*line);
    const auto group = parse_address(take_word(*line));
    const auto source = parse_address(take_word(*line));
    const auto includes = parse_number<std::uint32_t>(take_word(*line));
    const auto excludes = parse_number<std::uint32_t>(take_word(*line));
    if (!index || *index <= 0 || name.empty() || !group || !group->is_multicast() || !source ||
        !includes || !excludes || !take_word(*line).empty()) {
      return lines.error("not a source filter");
    }
    result.push_back(SourceFilter{.ifindex = *index,
                                  .group = *group,
                                  .source = *source,
                                  .includes = *includes,
                                  .excludes = *excludes});
  }
  return result;
}

}  // namespace

Result<ProcIgmp> parse_proc_igmp(std::string_view text) {
  ProcIgmp result;
  Lines lines(text);
  (void)lines.next();  // the title
  while (const auto line = lines.next()) {
    if (!line->empty() && !is_blank(line->front())) {
      auto interface = parse_interface(*line);
      if (!interface) return lines.error("not an interface");
      result.interfaces.push_back(std::move(*interface));
      continue;
    }
    std::string_view rest = *line;
    const std::string_view word = take_word(rest);
    const auto group = word.size() == 8 ? parse_memory_hex(word) : std::nullopt;
    const auto users = parse_number<std::uint32_t>(take_word(rest));
    if (result.interfaces.empty() || !group || !users) return lines.error("not a membership");
    if (!group->is_multicast()) return lines.error(group->to_string() + " is no group");
    result.memberships.push_back(
        Membership{.ifindex = result.interfaces.back().ifindex, .group = *group, .users = *users});
  }
  return result;
}

Result<std::vector<Membership>> parse_proc_igmp6(std::string_view text) {
  std::vector<Membership> result;
  Lines lines(text);
  while (auto line = lines.next()) {
    const auto index = parse_number<int>(take_word(*line));
    const std::string_view name = take_word(*line);
    const auto group = parse_v6_hex(take_word(*line));
    const auto users = parse_number<std::uint32_t>(take_word(*line));
    if (!index || *index <= 0 || name.empty() || !group || !group->is_multicast() || !users) {
      return lines.error("not a membership");
    }
    result.push_back(Membership{.ifindex = *index, .group = *group, .users = *users});
  }
  return result;
}

Result<std::vector<SourceFilter>> parse_proc_mcfilter(std::string_view text) {
  return parse_filter(text, parse_v4_hex);
}

Result<std::vector<SourceFilter>> parse_proc_mcfilter6(std::string_view text) {
  return parse_filter(text, parse_v6_hex);
}

}  // namespace mcast::netlink
