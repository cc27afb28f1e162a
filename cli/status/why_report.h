// What `mcast-status --why` is about, and what it prints. Pure; names from outside come out
// without control characters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/terminal/screen.h"
#include "findings/evidence.h"
#include "findings/finding.h"
#include "netlink/types.h"
#include "streams/running_streams.h"

namespace mcast::cli {

// "GROUP" or "GROUP,SOURCE", as it is examined where no stream of ours holds the group.
[[nodiscard]] Result<findings::Subject> parse_why(std::string_view name, std::string_view text);

struct WhyAnswer {
  findings::Subject subject;              // of a sender .sending is given
  std::vector<std::string> holders = {};  // "mcast-agent[17] video"
  std::vector<findings::Finding> findings = {};
};

// An answer, without findings yet, for each (source, interface, port) that streams of ours hold
// the group with, where they fit the question, else one to the question itself; and one for each
// sender of ours. At most 64.
[[nodiscard]] std::vector<WhyAnswer> why_subjects(const findings::Subject& question,
                                                  const std::vector<netlink::Link>& links,
                                                  const RunningStreams& streams);

struct WhyReport {
  Nanoseconds watched = 0;
  std::vector<WhyAnswer> answers;
};

// Nobody has joined the group here: the question itself has no answer of its own where this host
// sends the group, and nobody expects to receive it.
void leave_to_senders(WhyReport& report);

[[nodiscard]] bool something_is_wrong(const WhyReport& report);
// Where nothing is: whether that is known.
[[nodiscard]] bool enough_is_known(const WhyReport& report);

// For each subject first what was found, with its meaning, its remedy and what to ask routers; with
// `verbose` then a line for each other check.
[[nodiscard]] Screen why_screen(const WhyReport& report, int columns, bool verbose);

// One object in one line, with its newline.
[[nodiscard]] std::string why_json(const WhyReport& report);

}  // namespace mcast::cli
