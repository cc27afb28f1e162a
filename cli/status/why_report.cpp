#include "cli/status/why_report.h"

#include <algorithm>
#include <functional>
#include <ranges>
#include <span>
#include <utility>

#include "api/host_json.h"
#include "api/json.h"
#include "api/json_values.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/arguments/argument_values.h"
#include "cli/terminal/text_width.h"

namespace mcast::cli {
namespace {

using findings::Finding;
using findings::Verdict;

constexpr std::size_t kIndent = 10;
constexpr std::size_t kMaxHolders = 4;  // that are named
constexpr std::size_t kMaxSubjects = 64;

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

std::string holders_of(const WhyAnswer& answer) {
  const std::size_t named = std::min(answer.holders.size(), kMaxHolders);
  const std::size_t more = answer.holders.size() - named;
  return listed(std::span(answer.holders).first(named), std::identity()) +
         (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

std::size_t number_of(const WhyAnswer& answer, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(answer.findings, verdict, &Finding::verdict));
}

void add_answer(Screen& screen, const WhyAnswer& answer, int columns) {
  screen.lines.push_back({{title_of(answer.subject), Style::kHeading}});
  if (!answer.holders.empty()) {
    add_wrapped(screen, "for", Style::kFaint, holders_of(answer), columns);
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
  for (const Finding& finding : answer.findings) {
    if (finding.verdict != Verdict::kFine) continue;
    add_wrapped(screen, "fine", Style::kGood, finding.seen, columns);
  }
  for (const Finding& finding : answer.findings) {
    if (finding.verdict != Verdict::kUnknown) continue;
    const std::string expected(expectation_of(finding.check));
    add_wrapped(screen, "unknown", Style::kWarning, expected + ": " + finding.seen, columns);
  }
  screen.lines.emplace_back();
  const std::size_t wrong = number_of(answer, Verdict::kFound);
  const std::size_t good = number_of(answer, Verdict::kFine);
  const std::string found = wrong == 0   ? "Nothing wrong was found"
                            : wrong == 1 ? "1 thing is wrong"
                                         : std::to_string(wrong) + " things are wrong";
  screen.lines.push_back(
      {{found + "; " + std::to_string(good) + (good == 1 ? " is fine, " : " are fine, ") +
            std::to_string(number_of(answer, Verdict::kUnknown)) + " cannot be known from here.",
        wrong == 0 ? Style::kGood : Style::kBad}});
}

}  // namespace

Result<findings::Subject> parse_why(std::string_view name, std::string_view text) {
  const std::size_t comma = text.find(',');
  const auto parsed_group = group(name, text.substr(0, comma));
  if (!parsed_group) return std::unexpected(parsed_group.error());
  findings::Subject question{.stream = "",
                             .group = *parsed_group,
                             .source = std::nullopt,
                             .interface = "",
                             .port = std::nullopt};
  if (comma == std::string_view::npos) return question;
  const auto source = host_address(name, text.substr(comma + 1));
  if (!source) return std::unexpected(source.error());
  question.asked_source = *source;
  return question;
}

std::vector<WhyAnswer> why_subjects(const findings::Subject& question,
                                    const std::vector<netlink::Link>& links,
                                    const RunningStreams& streams) {
  std::vector<WhyAnswer> result;
  for (const RunningStream& stream : streams.streams) {
    const HeldJoin& join = stream.join;
    if (join.group != question.group) continue;
    const auto link = std::ranges::find(links, join.ifindex, &netlink::Link::index);
    findings::Subject subject = question;
    subject.stream = join.stream;
    subject.source = join.source;
    subject.interface = link != links.end() ? link->name : "";
    subject.port = join.port;
    subject.expects_probe_packets = true;
    // A join of any source gets the one that is asked for too.
    if ((question.asked_source && join.source && *join.source != *question.asked_source) ||
        (!question.interface.empty() && question.interface != subject.interface) ||
        (question.port && *question.port != join.port)) {
      continue;
    }
    const std::string holder = mcast::printable(stream.program) + "[" + std::to_string(stream.pid) +
                               "] " + mcast::printable(join.stream);
    const auto same = std::ranges::find_if(result, [&](const WhyAnswer& known) {
      return known.subject.source == subject.source &&
             known.subject.interface == subject.interface && known.subject.port == subject.port;
    });
    if (same != result.end()) {
      same->holders.push_back(holder);
    } else if (result.size() < kMaxSubjects) {
      result.push_back({.subject = subject, .holders = {holder}});
    }
  }
  if (result.empty()) result.push_back({.subject = question});
  return result;
}

bool something_is_wrong(const WhyReport& report) {
  return std::ranges::any_of(report.answers, [](const WhyAnswer& answer) {
    return number_of(answer, Verdict::kFound) > 0;
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
    const findings::Subject& subject = answer.subject;
    Json& json = answers.emplace_back(api::tree_of([&](auto& io) {
      io("group", subject.group);
      io("source", subject.wanted_source());
      io("interface", subject.interface, api::kTextOrNull);
      io("port", subject.port);
      io("streams", answer.holders);
    }));
    Json& findings = json["findings"] = Json::array();
    for (const Finding& finding : answer.findings) findings.push_back(api::finding_json(finding));
  }
  return api::to_text({{"tool", "mcast-status"},
                       {"version", version()},
                       {"watched_seconds", to_seconds(report.watched)},
                       {"wrong", something_is_wrong(report)},
                       {"answers", std::move(answers)}},
                      true);
}

}  // namespace mcast::cli
