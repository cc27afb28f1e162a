// What mcast-receive says about why nothing arrives and mcast-send about why nothing leaves: chosen
// from what was found of their streams, drawn for the live view, written as a line. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "cli/terminal/layout.h"
#include "cli/terminal/screen.h"
#include "findings/finding.h"
#include "findings/schedule.h"
#include "probe/snapshot.h"

namespace mcast::cli {

struct FindingsReport {
  // So many are shown: the others seldom say more, and the view has other things to show.
  static constexpr std::size_t kMaxShown = 2;

  struct Found {
    IpAddress group;
    findings::Finding finding;
    std::size_t alike = 0;  // other silent streams with the same one
  };
  struct Checks {
    std::size_t fine = 0;
    std::size_t unknown = 0;
  };
  // An examination listens, and nothing is known yet.
  bool looking = false;
  // What is wrong with the first silent streams, each check once.
  std::vector<Found> found;
  // The first silent stream's that was examined; given where nothing was found.
  std::optional<Checks> nothing_wrong;
};

// What is said of those `receivers` that wait or are stalled, or of which something was found
// before they are, in their order. `looking`: an
// examination is under way.
[[nodiscard]] FindingsReport findings_report(const std::vector<ReceiverSnapshot>& receivers,
                                             const findings::Schedule& schedule, bool looking);

// Of senders with which something is wrong.
[[nodiscard]] FindingsReport findings_report(const std::vector<SenderSnapshot>& senders,
                                             const findings::Schedule& schedule);

// "Why?  ..." and "Try   ..." in a few lines for each finding; no row where there is nothing to
// say. `with_groups`: several are received, so findings name theirs.
[[nodiscard]] Block findings_block(const FindingsReport& report, bool with_groups,
                                   const ScreenSize& size);

// Not of a sender, and not where packets arrive, but others than those that are waited for.
[[nodiscard]] bool says_why_nothing_arrives(const findings::Subject& subject,
                                            const findings::Finding& finding);

// "why nothing arrives: SEEN; try: REMEDY", or where it is not that "SEEN; try: REMEDY", without a
// newline; `with_group` in front of it.
[[nodiscard]] std::string finding_line(const findings::Subject& subject,
                                       const findings::Finding& finding, bool with_group);

}  // namespace mcast::cli
