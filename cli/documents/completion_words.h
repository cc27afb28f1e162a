// Lists of words, as both shells want them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments/command_description.h"

namespace mcast::cli {

// A folder an interface, and "all" and "default". Of the shell's network namespace,
// which /sys/class/net is not where somebody entered one without mounting /sys again.
inline constexpr std::string_view kInterfaceFolder = "/proc/sys/net/ipv4/conf";

// "a b c"
[[nodiscard]] inline std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : " ") + word;
  return list;
}

// Of a value "debug|info|warn": its words. Nothing where any value may be allowed.
[[nodiscard]] inline std::vector<std::string> choices_of(const OptionDescription& option) {
  std::vector<std::string> choices;
  std::string_view rest = option.value;
  if (!rest.contains('|')) return choices;
  while (true) {
    const std::size_t end = rest.find('|');
    choices.emplace_back(rest.substr(0, end));
    if (end == std::string_view::npos) return choices;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace mcast::cli
