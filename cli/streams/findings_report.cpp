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
    if (finding.verdict != Verdict::kFound) continue;
    // What is wrong with one group is mostly wrong with its neighbours as well.
    const auto shown =
        std::ranges::find(report.found, finding.check,
                          [](const FindingsReport::Found& found) { return found.finding.check; });
    if (shown != report.found.end()) {
      if (shown->group != group) ++shown->alike;
    } else if (report.found.size() < FindingsReport::kMaxShown) {
      report.found.push_back({.group = group, .finding = finding});
    }
  }
}

// "Why?  ..." in a few lines.
void add_text(std::vector<Line>& lines, std::string label, Style label_style,
              const std::string& text, Style style, const ScreenSize& size) {
  const int indent = size.columns >= kIndentedFrom ? kIndent : 0;
  const std::string safe = (indent > 0 ? "" : label + " ") + drawable(text, size.unicode);
  for (auto& part : wrapped(safe, size.columns - indent, size.unicode, kMaxReasonLines)) {
    lines.push_back(
        {{padded(std::exchange(label, ""), indent, Align::kLeft, size.unicode), label_style},
         {std::move(part), style}});
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
  for (const auto& [group, finding, alike] : report.found) {
    std::string text = with_groups ? group.to_string() : "";
    if (alike > 0) text += " and " + std::to_string(alike) + " more alike";
    text.append(text.empty() ? "" : ": ").append(to_string(finding.check)).append(": ");
    add_text(lines, "Why?", Style::kBad, text + finding.seen, Style::kPlain, size);
    add_text(lines, "Try", Style::kFaint, finding.remedy, Style::kHeading, size);
  }
  if (report.nothing_wrong) {
    const auto [fine, unknown] = *report.nothing_wrong;
    add_text(lines, "Why?", Style::kFaint,
             "nothing wrong was found here: " + std::to_string(fine) + " checks are fine, " +
                 std::to_string(unknown) + " cannot be known",
             Style::kPlain, size);
  }
  if (report.looking) {
    add_text(lines, "Why?", Style::kFaint, "looking ...", Style::kPlain, size);
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
