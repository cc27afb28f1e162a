// What to ask routers and switches about a finding: one table, finding -> commands by system.
// docs/findings.md has the same, held together by a test. Pure, any thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "findings/evidence.h"
#include "findings/finding.h"

namespace mcast::findings {

struct RouterQuestion {
  Check check;
  std::string_view system;
  // With "; " between; GROUP and SOURCE stand for the subject's. Of IPv4; "" where it has none.
  std::string_view ipv4;
  std::string_view ipv6;
};
[[nodiscard]] std::span<const RouterQuestion> router_questions();

// Those of one finding, in the order of the table. Without a source known, those that ask for
// one are left out.
[[nodiscard]] std::vector<RouterCommand> router_commands(Check check, const Subject& subject);

}  // namespace mcast::findings
