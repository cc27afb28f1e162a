// The command line of mcast-status as checked values. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "cli/arguments/exit_code.h"
#include "cli/status/why_subjects.h"
#include "streams/membership_report.h"

namespace mcast::cli {

struct StatusOptions {
  MembershipSelection selection;
  std::optional<std::string> agent = {};  // the socket of the agent to ask
  bool json = false;
  bool watch = false;
  std::optional<WhyQuestion> why = {};
  Nanoseconds why_watch = 3 * kSecond;
};

[[nodiscard]] std::variant<StatusOptions, EndNow> parse_status_options(
    std::span<const std::string_view> arguments);

}  // namespace mcast::cli
