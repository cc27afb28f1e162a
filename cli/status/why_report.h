// What `mcast-status --why` prints. Pure; names from outside come out without control
// characters.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/status/why_subjects.h"
#include "cli/terminal/screen.h"
#include "findings/finding.h"

namespace mcast::cli {

struct WhyAnswer {
  WhySubject about;
  std::vector<findings::Finding> findings;
};

struct WhyReport {
  Nanoseconds watched = 0;
  std::vector<WhyAnswer> answers;
};

[[nodiscard]] bool something_is_wrong(const WhyReport& report);

// For each subject first what was found, with its meaning and its remedy, then a line
// for each other check.
[[nodiscard]] Screen why_screen(const WhyReport& report, int columns);

// One object in one line, with its newline.
[[nodiscard]] std::string why_json(const WhyReport& report);

}  // namespace mcast::cli
