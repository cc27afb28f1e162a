// What was found of one stream, and when. A plain value.
#pragma once

#include <vector>

#include "base/clock.h"
#include "findings/evidence.h"
#include "findings/finding.h"

namespace mcast::findings {

struct StreamFindings {
  Subject subject;
  Nanoseconds examined = 0;  // since 1970
  std::vector<Finding> findings;
};

}  // namespace mcast::findings
