#include "cli/status/why_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>
#include <utility>

#include "api/host_json.h"
#include "api/json_values.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/terminal/text_width.h"

namespace mcast::cli {
namespace {

using findings::Finding;
using findings::Verdict;

constexpr std::size_t kIndent = 10;
constexpr std::size_t kMaxHolders = 4;

Span label(std::string text, Style style) {
  text.resize(std::max(text.size(), kIndent), ' ');
  return {std::move(text), style};
}

// The label stands in front of the first line. No word is cut: it may be a name to look for.
void add_wrapped(Screen& screen, const char* first, Style style, const std::string& text,
                 int columns) {
  std::size_t width = static_cast<std::size_t>(columns) - kIndent;
  for (const auto word : std::views::split(text, ' ')) width = std::max(width, word.size());
  Span front = label(first, style);
  for (std::string& part : wrapped(text, static_cast<int>(width), true)) {
    screen.lines.push_back({std::exchange(front, label("", Style::kPlain)), {std::move(part)}});
  }
}

std::string title_of(const findings::Subject& subject) {
  std::string text = subject.group.to_string();
  if (const auto& source = subject.wanted_source()) text += " from " + source->to_string();
  if (!subject.interface.empty()) text += " on " + mcast::printable(subject.interface);
  if (subject.port) text += ", UDP port " + std::to_string(*subject.port);
  return text;
}

std::string holders_of(const WhySubject& subject) {
  std::string text;
  const std::size_t listed = std::min(subject.holders.size(), kMaxHolders);
  for (std::size_t i = 0; i < listed; ++i) text += (i == 0 ? "" : ", ") + subject.holders[i];
  const std::size_t more = subject.holders.size() - listed;
  return more == 0 ? text : text + " and " + std::to_string(more) + " more";
}

std::size_t number_of(const std::vector<Finding>& findings, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(findings, verdict, &Finding::verdict));
}

void add_answer(Screen& screen, const WhyAnswer& answer, int columns) {
  screen.lines.push_back({{title_of(answer.about.subject), Style::kHeading}});
  if (!answer.about.holders.empty()) {
    add_wrapped(screen, "for", Style::kFaint, holders_of(answer.about), columns);
  }
  screen.lines.emplace_back();
  for (const Finding& finding : answer.findings) {
    if (finding.verdict != Verdict::kFound) continue;
    add_wrapped(screen, "FOUND", Style::kBad, std::string(to_string(finding.check)), columns);
    add_wrapped(screen, "  seen", Style::kFaint, finding.seen, columns);
    add_wrapped(screen, "  meaning", Style::kFaint, finding.meaning, columns);
    // A command is copied from here: it stays in one line.
    screen.lines.push_back({label("  try", Style::kFaint), {finding.remedy, Style::kHeading}});
    screen.lines.emplace_back();
  }
  for (const auto& [verdict, word, style] :
       {std::tuple(Verdict::kFine, "fine", Style::kGood),
        std::tuple(Verdict::kUnknown, "unknown", Style::kWarning)}) {
    for (const Finding& finding : answer.findings) {
      if (finding.verdict != verdict) continue;
      const std::string about =
          verdict == Verdict::kFine ? "" : std::string(expectation_of(finding.check)) + ": ";
      add_wrapped(screen, word, style, about + finding.seen, columns);
    }
  }
  screen.lines.emplace_back();
  const std::size_t wrong = number_of(answer.findings, Verdict::kFound);
  const std::size_t open = number_of(answer.findings, Verdict::kUnknown);
  std::string end = wrong == 0   ? "Nothing wrong was found"
                    : wrong == 1 ? "1 thing is wrong"
                                 : std::to_string(wrong) + " things are wrong";
  const std::size_t good = number_of(answer.findings, Verdict::kFine);
  end += "; " + std::to_string(good) + (good == 1 ? " is fine, " : " are fine, ") +
         std::to_string(open) + " cannot be known from here.";
  screen.lines.push_back({{end, wrong == 0 ? Style::kGood : Style::kBad}});
}

}  // namespace

bool something_is_wrong(const WhyReport& report) {
  return std::ranges::any_of(report.answers, [](const WhyAnswer& answer) {
    return number_of(answer.findings, Verdict::kFound) > 0;
  });
}

Screen why_screen(const WhyReport& report, int columns) {
  Screen screen;
  for (const WhyAnswer& answer : report.answers) {
    if (!screen.lines.empty()) screen.lines.emplace_back();
    add_answer(screen, answer, columns);
  }
  return screen;
}

std::string why_json(const WhyReport& report) {
  using Json = nlohmann::ordered_json;
  Json answers = Json::array();
  for (const WhyAnswer& answer : report.answers) {
    Json findings = Json::array();
    for (const Finding& finding : answer.findings) findings.push_back(api::finding_json(finding));
    Json holders = Json::array();
    for (const auto& holder : answer.about.holders) holders.push_back(api::valid_utf8(holder));
    const findings::Subject& subject = answer.about.subject;
    answers.push_back(
        {{"group", subject.group.to_string()},
         {"source", subject.wanted_source() ? Json(subject.wanted_source()->to_string()) : Json()},
         {"interface",
          subject.interface.empty() ? Json() : Json(api::valid_utf8(subject.interface))},
         {"port", subject.port ? Json(*subject.port) : Json()},
         {"streams", std::move(holders)},
         {"findings", std::move(findings)}});
  }
  const Json json{{"tool", "mcast-status"},
                  {"version", version()},
                  {"watched_seconds", to_seconds(report.watched)},
                  {"wrong", something_is_wrong(report)},
                  {"answers", std::move(answers)}};
  return api::to_text(json, true);
}

}  // namespace mcast::cli
