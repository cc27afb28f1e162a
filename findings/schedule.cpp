#include "findings/schedule.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace mcast::findings {

void Schedule::set_silent(const std::vector<Subject>& subjects, Nanoseconds now) {
  std::map<std::string, Entry> silent;
  for (const Subject& subject : subjects) {
    Entry& entry = silent[subject.stream];
    const auto known = entries_.find(subject.stream);
    if (known == entries_.end() || known->second.subject != subject) {
      entry.subject = subject;
      entry.next = now + kSettle;
      if (known == entries_.end()) continue;
      // It started, or did not, and is the same stream: what was said of it is not said again.
      Subject before = known->second.subject;
      before.failure = subject.failure;
      if (before == subject) entry.result = std::move(known->second.result);
    } else {
      entry = std::move(known->second);
    }
    entries_.erase(known);
  }
  entries_ = std::move(silent);
}

void Schedule::make_due(Nanoseconds now) {
  for (auto& [name, entry] : entries_) entry.next = std::min(entry.next, now);
}

std::vector<Subject> Schedule::due(Nanoseconds now) const {
  std::vector<const Entry*> waiting;
  for (const auto& [name, entry] : entries_) {
    if (entry.next <= now) waiting.push_back(&entry);
  }
  std::ranges::sort(waiting, {}, [](const Entry* entry) {
    return std::pair(entry->next, std::string_view(entry->subject.stream));
  });
  std::vector<Subject> result;
  std::set<IpAddress> groups;
  for (const Entry* entry : waiting) {
    const IpAddress& group = entry->subject.group;
    if (!groups.contains(group) && groups.size() == Examination::kMaxGroups) continue;
    groups.insert(group);
    result.push_back(entry->subject);
  }
  return result;
}

std::vector<Schedule::New> Schedule::take(std::vector<StreamFindings> examined, Nanoseconds now) {
  std::vector<New> news;
  for (StreamFindings& each : examined) {
    const auto found = entries_.find(each.subject.stream);
    if (found == entries_.end() || found->second.subject != each.subject) continue;
    Entry& entry = found->second;
    for (const Finding& finding : each.findings) {
      if (finding.verdict != Verdict::kFound) continue;
      const bool is_known = std::ranges::any_of(entry.result.findings, [&](const Finding& before) {
        return before.check == finding.check && before.verdict == Verdict::kFound;
      });
      if (!is_known) news.push_back({.subject = each.subject, .finding = finding});
    }
    entry.next = now + repeat_;
    entry.result = std::move(each);
  }
  return news;
}

std::vector<StreamFindings> Schedule::results() const {
  std::vector<StreamFindings> result;
  for (const auto& [name, entry] : entries_) {
    if (!entry.result.findings.empty()) result.push_back(entry.result);
  }
  return result;
}

const StreamFindings* Schedule::result_of(const std::string& stream) const {
  const auto found = entries_.find(stream);
  if (found == entries_.end() || found->second.result.findings.empty()) return nullptr;
  return &found->second.result;
}

}  // namespace mcast::findings
