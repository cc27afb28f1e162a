// A picture as lines for a terminal that shows colour, without drawing on it: for
// what is printed once. Pure.
#pragma once

#include <string>

#include "cli/terminal/screen.h"

namespace mcast::cli {

// As plain_text(), with the ANSI sequences (ECMA-48 SGR) of the styles.
[[nodiscard]] std::string ansi_text(const Screen& screen);

}  // namespace mcast::cli
