// The command line of mcast-status as checked values. Pure.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "cli/argument_parser.h"
#include "cli/status_report.h"

namespace mcast::cli {

struct StatusOptions {
  StatusSelection selection;
  bool json = false;
  bool watch = false;
};

[[nodiscard]] std::variant<StatusOptions, EndNow> parse_status_options(
    std::span<const std::string_view> arguments);

}  // namespace mcast::cli
