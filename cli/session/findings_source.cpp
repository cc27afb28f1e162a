#include "cli/session/findings_source.h"

#include <algorithm>
#include <utility>

#include "api/host_json.h"
#include "base/text.h"

namespace mcast::cli {

LocalFindings::LocalFindings(LocalSession& session, const Clock& clock, Log& log)
    : log_(log),
      diagnosis_({.host = {.host = session.reader().host(),
                           .read = [&session] { return session.reader().read(); },
                           .clock = clock},
                  .silent = [&session] { return session.snapshot_of_silent(); },
                  .look_interval = 500 * kMillisecond,
                  .repeat = 10 * kSecond}) {}

std::vector<findings::Schedule::New> LocalFindings::advance() {
  Diagnosis::Progress progress = diagnosis_.advance();
  if (progress.error) {
    log_.warning("why nothing arrives cannot be found out", {{"reason", progress.error->message}});
  }
  return std::move(progress.news);
}

std::vector<findings::Schedule::New> AgentFindings::advance() {
  const Nanoseconds now = clock_.monotonic();
  if (now < next_ || !session_.lost().empty()) return {};
  next_ = now + kSecond;
  std::vector<findings::Subject> silent;
  for (const ReceiverSnapshot& receiver : session_.snapshot().receivers) {
    if (mcast::is_silent(receiver)) silent.push_back(subject_of(receiver));
  }
  is_silent_ = !silent.empty();
  found_.set_silent(silent, now);
  if (!is_silent_) return {};

  const auto answer = client_.get("/api/v1/findings");
  // An agent that is gone is the session's to tell.
  if (!answer) return {};
  auto examined = api::parse_findings(*answer);
  if (!examined) {
    log_.warning("why nothing arrives is not understood",
                 {{"reason", printable(examined.error().message)}});
    return {};
  }
  // What the schedule knows a stream by is the subject of this side.
  for (findings::StreamFindings& each : *examined) {
    const auto ours = std::ranges::find(silent, each.subject.stream, &findings::Subject::stream);
    if (ours != silent.end()) each.subject = *ours;
  }
  return found_.take(std::move(*examined), now);
}

}  // namespace mcast::cli
