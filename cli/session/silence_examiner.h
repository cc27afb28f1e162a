// Finds out why streams of this process get nothing, while they get nothing: a stream that
// is silent for a second is examined for two, and again every ten while that lasts. Opens
// nothing on the host before that, and keeps nothing open after it. One thread, the
// command's main loop; reading the host takes about 1 ms of it, twice an examination.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/session/silence.h"
#include "cli/streams/silence_report.h"
#include "findings/examination.h"
#include "findings/schedule.h"
#include "netlink/host.h"
#include "netlink/host_reader.h"
#include "netlink/wire/igmp_watch.h"
#include "probe/snapshot.h"
#include "streams/silent_receivers.h"

namespace mcast::cli {

class SilenceExaminer final : public Silence {
 public:
  // All outlive it.
  struct Parts {
    std::function<ProbeSnapshot()> look;  // at the silent receivers and their sockets
    const Clock& clock;
    Log& log;
  };
  explicit SilenceExaminer(Parts parts) : parts_(std::move(parts)) {}
  ~SilenceExaminer() override;

  [[nodiscard]] std::array<int, 2> fds() const override;
  std::vector<findings::Schedule::New> advance() override;
  [[nodiscard]] SilenceReport report(
      const std::vector<ReceiverSnapshot>& receivers) const override {
    return silence_report(receivers, schedule_, examination_.has_value());
  }

 private:
  // What asks the host; there while a silence lasts.
  struct Tools {
    netlink::Host host;
    netlink::HostReader reader;
    Result<netlink::IgmpWatch> igmp;  // or why nothing is heard
    Nanoseconds igmp_since = 0;
    std::string igmp_interface;  // that is watched
  };
  [[nodiscard]] Result<void> open_tools();
  void hear_igmp();
  void watch_igmp_on(const std::string& interface);
  [[nodiscard]] findings::WatchedIgmp watched_igmp() const;

  void look(Nanoseconds now);
  void begin(Nanoseconds now);
  std::vector<findings::Schedule::New> end(Nanoseconds now);

  static constexpr Nanoseconds kRepeat = 10 * kSecond;

  Parts parts_;
  findings::Schedule schedule_{kRepeat};
  SilentReceivers silent_;
  std::unique_ptr<Tools> tools_;
  std::optional<findings::Examination> examination_;  // after tools_, which it refers to
  Nanoseconds examination_end_ = 0;
  Nanoseconds next_look_ = 0;
  Nanoseconds next_begin_ = 0;  // later where the host could not be asked
};

}  // namespace mcast::cli
