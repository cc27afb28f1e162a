#include "cli/session/agent_silence.h"

#include <algorithm>
#include <map>
#include <utility>

#include "api/finding_json.h"
#include "base/text.h"

namespace mcast::cli {
namespace {

constexpr Nanoseconds kInterval = kSecond;

bool is_silent(const ReceiverSnapshot& receiver) {
  return receiver.state == ReceiverState::kWaiting || receiver.state == ReceiverState::kStalled;
}

}  // namespace

std::vector<findings::Schedule::New> AgentSilence::advance() {
  const Nanoseconds now = parts_.clock.monotonic();
  if (now < next_ || !parts_.session.lost().empty()) return {};
  next_ = now + kInterval;
  std::map<std::string, findings::Subject> silent;
  for (const ReceiverSnapshot& receiver : parts_.session.snapshot().receivers) {
    if (!is_silent(receiver)) continue;
    findings::Subject subject;
    subject.stream = receiver.spec.name;
    subject.group = receiver.spec.group;
    subject.source = receiver.spec.source;
    subject.interface = receiver.interface;
    subject.port = receiver.spec.port;
    silent.emplace(subject.stream, std::move(subject));
  }
  is_silent_ = !silent.empty();
  std::vector<findings::Subject> subjects;
  subjects.reserve(silent.size());
  for (const auto& [name, subject] : silent) subjects.push_back(subject);
  found_.set_silent(subjects, now);
  if (!is_silent_) return {};

  const auto answer = client_.get("/api/v1/findings");
  // An agent that is gone is the session's to tell.
  if (!answer) return {};
  auto streams = api::parse_findings(*answer);
  if (!streams) {
    parts_.log.warning("why nothing arrives is not understood",
                       {{"reason", mcast::printable(streams.error().message)}});
    return {};
  }
  std::vector<findings::Examination::Judged> judged;
  for (findings::StreamFindings& stream : *streams) {
    const auto ours = silent.find(stream.subject.stream);
    if (ours == silent.end()) continue;
    judged.push_back({.subject = ours->second, .findings = std::move(stream.findings)});
  }
  return found_.take(judged, now, parts_.clock.realtime());
}

SilenceReport AgentSilence::report(const std::vector<ReceiverSnapshot>& receivers) const {
  return silence_report(receivers, found_, is_silent_);
}

}  // namespace mcast::cli
