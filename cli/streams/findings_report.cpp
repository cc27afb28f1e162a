#include "cli/streams/findings_report.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "cli/terminal/layout.h"
#include "streams/diagnosis.h"

namespace mcast::cli {
namespace {

using findings::Finding;
using findings::Verdict;

constexpr int kIndent = 6;                  // "Why?  "
constexpr int kIndentedFrom = 20;           // narrower, every column is for the text
constexpr std::size_t kMaxReasonLines = 3;  // of one finding, at most
constexpr std::size_t kMaxTextBytes = 1000;

std::size_t number_of(const std::vector<Finding>& findings, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(findings, verdict, &Finding::verdict));
}

// It still receives, but its interface is down: the last packets are those on their way.
bool is_going_silent(const ReceiverSnapshot& receiver, const findings::StreamFindings& known) {
  return receiver.state == ReceiverState::kReceiving &&
         std::ranges::any_of(known.findings, [](const Finding& finding) {
           return finding.check == findings::Check::kInterfaceDown &&
                  finding.verdict == Verdict::kFound;
         });
}

void add_found(FindingsReport& report, const IpAddress& group,
               const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    if (report.found.size() == FindingsReport::kMaxShown) return;
    // What is wrong with one group is mostly wrong with its neighbours as well.
    const bool is_shown = std::ranges::any_of(
        report.found, [&](const auto& shown) { return shown.finding.check == finding.check; });
    if (finding.verdict != Verdict::kFound || is_shown) continue;
    report.found.push_back({.group = group, .finding = finding});
  }
}

void add_reason(std::vector<Line>& lines, const std::string& text, Style label_style,
                const ScreenSize& size) {
  const int indent = size.columns >= kIndentedFrom ? kIndent : 0;
  const std::string safe = (indent > 0 ? "" : "Why? ") + drawable(text, size.unicode);
  std::string label = "Why?";
  for (auto& part : wrapped(safe, size.columns - indent, size.unicode, kMaxReasonLines)) {
    label = padded(label, indent, Align::kLeft, size.unicode);
    lines.push_back({{std::exchange(label, ""), label_style}, {std::move(part)}});
  }
}

}  // namespace

bool says_why_nothing_arrives(const findings::Subject& subject, const Finding& finding) {
  const bool arrives = finding.check == findings::Check::kUnexpectedTraffic &&
                       finding.seen.find(" arrived in ") != std::string::npos;
  return !subject.sending && !arrives;
}

FindingsReport findings_report(const std::vector<ReceiverSnapshot>& receivers,
                               const findings::Schedule& schedule, bool looking) {
  FindingsReport report;
  bool any_silent = false;
  for (const ReceiverSnapshot& receiver : receivers) {
    const bool silent = is_silent(receiver);
    any_silent = any_silent || silent;
    const findings::StreamFindings* known = schedule.result_of(receiver.spec.name);
    if (known == nullptr || !(silent || is_going_silent(receiver, *known))) continue;
    add_found(report, receiver.spec.group, known->findings);
    if (report.found.size() == FindingsReport::kMaxShown) break;
    if (!report.nothing_wrong) {
      report.nothing_wrong = {.fine = number_of(known->findings, Verdict::kFine),
                              .unknown = number_of(known->findings, Verdict::kUnknown)};
    }
  }
  if (!report.found.empty()) report.nothing_wrong.reset();
  report.looking = any_silent && looking && report.found.empty() && !report.nothing_wrong;
  return report;
}

FindingsReport findings_report(const std::vector<SenderSnapshot>& senders,
                               const findings::Schedule& schedule) {
  FindingsReport report;
  for (const SenderSnapshot& sender : senders) {
    const findings::StreamFindings* known = schedule.result_of(sender.spec.name);
    if (known != nullptr) add_found(report, sender.spec.group, known->findings);
    if (report.found.size() == FindingsReport::kMaxShown) break;
  }
  return report;
}

Block findings_block(const FindingsReport& report, bool with_groups, const ScreenSize& size) {
  std::vector<Line> lines;
  for (const auto& [group, finding] : report.found) {
    std::string text = with_groups ? group.to_string() + ": " : "";
    text.append(to_string(finding.check)).append(": ").append(finding.seen);
    add_reason(lines, text, Style::kBad, size);
    // A command is copied from here: it stays in one line.
    lines.push_back(
        {{"Try   ", Style::kFaint}, {drawable(finding.remedy, size.unicode), Style::kHeading}});
  }
  if (report.nothing_wrong) {
    const auto [fine, unknown] = *report.nothing_wrong;
    add_reason(lines,
               "nothing wrong was found here: " + std::to_string(fine) + " checks are fine, " +
                   std::to_string(unknown) + " cannot be known",
               Style::kFaint, size);
  }
  if (report.looking) {
    add_reason(lines, "looking ...", Style::kFaint, size);
  }
  return block_of(std::move(lines), true);
}

std::string finding_line(const findings::Subject& subject, const Finding& finding,
                         bool with_group) {
  return (with_group ? subject.group.to_string() + ": " : "") +
         (says_why_nothing_arrives(subject, finding) ? "why nothing arrives: " : "") +
         printable(finding.seen, kMaxTextBytes) +
         "; try: " + printable(finding.remedy, kMaxTextBytes);
}

}  // namespace mcast::cli
