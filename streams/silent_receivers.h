// The receivers that get nothing, as an examination of the host asks about them. For the
// agent and for the commands. Pure state; one thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "findings/evidence.h"
#include "findings/examination.h"
#include "probe/snapshot.h"

namespace mcast {

class SilentReceivers {
 public:
  // In place of what was looked at before: silent receivers, each with a name of its own,
  // and all sockets of their engine.
  void look(const std::vector<ReceiverSnapshot>& receivers,
            const std::vector<SocketSnapshot>& sockets);

  // One a receiver, in their order.
  [[nodiscard]] const std::vector<findings::Subject>& subjects() const { return subjects_; }

  // What the subject's socket had got at the newest look: datagrams to its group that were
  // rejected count, too. An error: its receiver was not silent then.
  [[nodiscard]] Result<findings::Delivery> delivery(const findings::Subject& subject) const;

 private:
  std::vector<findings::Subject> subjects_;
  std::map<std::string, findings::Delivery> deliveries_;  // by stream
};

}  // namespace mcast
