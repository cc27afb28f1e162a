#include "cli/streams/fail_conditions.h"

#include "base/text.h"
#include "cli/streams/receive_sum.h"
#include "cli/terminal/line_text.h"

namespace mcast::cli {

std::vector<std::string> conditions_met(const FailConditions& conditions,
                                        const std::vector<ReceiverSnapshot>& streams) {
  std::vector<std::string> reasons;
  if (!conditions.fail_on_loss && !conditions.fail_on_stall) return reasons;
  for (const ReceiverSnapshot& stream : streams) {
    const std::string name = printable(stream.spec.name);
    const ReceiveSum totals = sum_of(std::span(&stream, 1));
    if (totals.counters.packets == 0) {
      reasons.push_back("no packet arrived in " + name);
      continue;
    }
    if (conditions.fail_on_loss && totals.loss_percent() > *conditions.fail_on_loss) {
      reasons.push_back("loss in " + name + " is " + plain_number(totals.loss_percent()) + " % (" +
                        std::to_string(totals.counters.lost) + " packets), more than " +
                        plain_number(*conditions.fail_on_loss) + " %");
    }
    if (conditions.fail_on_stall && stream.stalls > 0) {
      reasons.push_back(name + " stalled " + std::to_string(stream.stalls) +
                        (stream.stalls == 1 ? " time" : " times"));
    }
  }
  return reasons;
}

}  // namespace mcast::cli
