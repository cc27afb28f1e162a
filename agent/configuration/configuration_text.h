// Are these bytes text at all? Asked before the YAML library reads them, which
// passes broken UTF-8 on and takes one control character for the end of the file.
#pragma once

#include <optional>
#include <string_view>

#include "agent/configuration/configuration_errors.h"

namespace mcast::agent {

struct TextFault {
  Place place;
  std::string_view message;
};
// The first byte that no configuration file may contain: broken UTF-8 or a
// control character other than tab and line ends.
[[nodiscard]] std::optional<TextFault> find_text_fault(std::string_view text);

}  // namespace mcast::agent
