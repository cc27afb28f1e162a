// Are these bytes text at all? Asked before the YAML library reads them, which
// passes broken UTF-8 on and takes one control character for the end of the file.
#pragma once

#include <optional>
#include <string_view>

#include "agent/configuration_errors.h"

namespace mcast::agent {

// Length of the well-formed UTF-8 sequence (RFC 3629) that `text` starts with,
// 1 to 4; 0 where there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);

struct TextFault {
  Place place;
  std::string_view message;
};
// The first byte that no configuration file may contain: broken UTF-8 or a
// control character other than tab and line ends.
[[nodiscard]] std::optional<TextFault> find_text_fault(std::string_view text);

}  // namespace mcast::agent
