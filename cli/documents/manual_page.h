// A man page from what a command's description says. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/arguments/command_description.h"

namespace mcast::cli {

struct Edition {
  std::string_view version;  // of the programs, "0.1.0"
  // "2026-03-01", or nothing: a page that is built again tomorrow is the same page.
  std::string_view date = {};
};

// In man(7), for groff and mandoc. SEE ALSO names the other ones of `all`.
[[nodiscard]] std::string manual_page(const CommandDescription& command,
                                      std::span<const CommandDescription* const> all,
                                      const Edition& edition);

// Any text as one that roff shows as it is, on lines that are none of its requests.
[[nodiscard]] std::string roff_text(std::string_view text);

}  // namespace mcast::cli
