// Breaks a text into lines at white space. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mcast::cli {

struct WrapOptions {
  std::size_t width = 80;
  std::string first_indent = {};  // in front of the first line
  std::string indent = {};        // in front of the others
};

// Lines of at most `width` columns (a longer word stands alone), each ended by
// '\n'. Newlines in `text` stay.
[[nodiscard]] std::string wrap(std::string_view text, const WrapOptions& options);

}  // namespace mcast::cli
