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
#include "findings/checks.h"
#include "findings/remedy.h"
#include "findings/wording.h"
#include "streams/diagnosis.h"

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
  if (subject.sending) {
    const auto& address = subject.sending->address;
    text += " sent" +
            (address ? " from " + with_zone(*address, mcast::printable(subject.interface)) : "") +
            (subject.interface.empty() ? "" : " out of " + mcast::printable(subject.interface));
  } else {
    if (const auto& source = subject.wanted_source()) {
      text += " from " + with_zone(*source, mcast::printable(subject.interface));
    }
    if (!subject.interface.empty()) text += " on " + mcast::printable(subject.interface);
  }
  if (subject.port) text += ", UDP port " + std::to_string(*subject.port);
  return text;
}

std::string holders_of(const WhyAnswer& answer) {
  const std::size_t named = std::min(answer.holders.size(), kMaxHolders);
  const std::size_t more = answer.holders.size() - named;
  return listed(std::span(answer.holders).first(named), std::identity()) +
         (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

std::string holder_text(const std::string& program, pid_t pid, const std::string& stream) {
  return mcast::printable(program) + "[" + std::to_string(pid) + "] " + mcast::printable(stream);
}

// The value of an option as `--option=VALUE` or `--option VALUE`; "" where it is not there.
std::string option_of(const std::vector<std::string>& words, const std::string& option) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with(option + "=")) return words[i].substr(option.size() + 1);
    if (words[i] == option && i + 1 < words.size()) return words[i + 1];
  }
  return "";
}

// Of a stream of another process, by its command line.
findings::Origin origin_of(const RunningStreams& streams, pid_t pid, StreamOrigin origin) {
  const auto found = streams.commands.find(pid);
  if (found == streams.commands.end() || found->second.empty()) return {};
  const std::vector<std::string>& words = found->second;
  const std::string program = words.front().substr(words.front().rfind('/') + 1);
  if (program == "mcast-receive" || program == "mcast-send") return {.command = words};
  const std::string file = option_of(words, "--config.file");
  if (origin == StreamOrigin::kConfigured && !file.empty()) return {.file = file};
  return ad_hoc_origin(option_of(words, "--api.socket"));
}

std::size_t number_of(const WhyAnswer& answer, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(answer.findings, verdict, &Finding::verdict));
}

// "50 pps of 200 bytes, TTL 1: it ends at the first router"
std::string sending_of(const findings::Subject& subject) {
  const findings::Sending& sending = *subject.sending;
  std::string text;
  if (sending.packets_per_second > 0) {
    text = findings::rate_text(sending.packets_per_second, "pps") + " of " +
           std::to_string(sending.size) + " bytes, ";
  }
  return text + findings::hops_word(subject.group.family()) + " " + std::to_string(sending.ttl) +
         (sending.ttl == 0                  ? ": it stays on this host"
          : sending.ttl == 1                ? ": it ends at the first router"
          : subject.group.is_never_routed() ? ": no router forwards this group"
                                            : "");
}

// What decided the answer.
const Finding* deciding(const WhyAnswer& answer, Verdict verdict) {
  using enum findings::Check;
  for (const auto check : {kNotSent, kNotDelivered, kNoTraffic, kMulticastRoute}) {
    for (const Finding& finding : answer.findings) {
      if (finding.check == check && finding.verdict == verdict) return &finding;
    }
  }
  return nullptr;
}

std::string checks(std::size_t number, const char* one, const char* many) {
  return std::to_string(number) + (number == 1 ? one : many);
}

Line conclusion_of(const WhyAnswer& answer, bool verbose) {
  const std::size_t wrong = number_of(answer, Verdict::kFound);
  const bool known = findings::is_answered(answer.findings);
  const Finding* const reason =
      wrong > 0 ? nullptr : deciding(answer, known ? Verdict::kFine : Verdict::kUnknown);
  std::string text = wrong == 1  ? "1 thing is wrong"
                     : wrong > 1 ? std::to_string(wrong) + " things are wrong"
                     : known     ? "Nothing is wrong"
                                 : "Nothing wrong was found, but too little is known to be sure";
  if (reason != nullptr) text += ": " + reason->seen;
  text += ". " +
          checks(number_of(answer, Verdict::kFine), " check is fine, ", " checks are fine, ") +
          std::to_string(number_of(answer, Verdict::kUnknown)) + " unknown" +
          (verbose ? "." : " (-v lists them).");
  return {{std::move(text), wrong > 0 ? Style::kBad : known ? Style::kGood : Style::kWarning}};
}

// Commands are copied from here: each system's stay in one line.
void add_router_commands(Screen& screen, const Finding& finding) {
  const auto& commands = finding.router_commands;
  for (auto command = commands.begin(); command != commands.end();) {
    const std::string& system = command->system;
    std::string line;
    for (; command != commands.end() && command->system == system; ++command) {
      line += (line.empty() ? "" : "; ") + command->command;
    }
    screen.lines.push_back({label("  " + system, Style::kFaint), {std::move(line)}});
  }
}

void add_answer(Screen& screen, const WhyAnswer& answer, int columns, bool verbose) {
  screen.lines.push_back({{title_of(answer.subject), Style::kHeading}});
  const auto& sending = answer.subject.sending;
  if (!answer.holders.empty() || sending) {
    add_wrapped(screen, sending ? "by" : "for", Style::kFaint,
                answer.holders.empty() ? "a program that is not ours" : holders_of(answer),
                columns);
  }
  if (sending) add_wrapped(screen, "sends", Style::kFaint, sending_of(answer.subject), columns);
  screen.lines.emplace_back();
  for (const Finding& finding : answer.findings) {
    if (finding.verdict != Verdict::kFound) continue;
    add_wrapped(screen, "FOUND", Style::kBad, std::string(to_string(finding.check)), columns);
    add_wrapped(screen, "  seen", Style::kFaint, finding.seen, columns);
    add_wrapped(screen, "  meaning", Style::kFaint, finding.meaning, columns);
    // A command is copied from here: it stays in one line.
    screen.lines.push_back({label("  try", Style::kFaint), {finding.remedy, Style::kHeading}});
    add_router_commands(screen, finding);
    screen.lines.emplace_back();
  }
  for (const Finding& finding : answer.findings) {
    if (!verbose || finding.verdict != Verdict::kFine) continue;
    add_wrapped(screen, "fine", Style::kGood, finding.seen, columns);
  }
  for (const Finding& finding : answer.findings) {
    if (!verbose || finding.verdict != Verdict::kUnknown) continue;
    const std::string expected(expectation_of(finding.check));
    add_wrapped(screen, "unknown", Style::kWarning, expected + ": " + finding.seen, columns);
  }
  if (verbose) screen.lines.emplace_back();
  Line conclusion = conclusion_of(answer, verbose);
  for (std::string& part : wrapped(conclusion.front().text, columns, true)) {
    screen.lines.push_back({{std::move(part), conclusion.front().style}});
  }
}

}  // namespace

Result<findings::Subject> parse_why(std::string_view name, std::string_view text) {
  const std::size_t comma = text.find(',');
  const auto parsed_group = group(name, text.substr(0, comma));
  if (!parsed_group) return std::unexpected(parsed_group.error());
  findings::Subject question{.stream = "",
                             .group = parsed_group->address,
                             .source = std::nullopt,
                             .interface = parsed_group->zone,
                             .port = std::nullopt};
  if (comma == std::string_view::npos) return question;
  const auto source = host_address(name, text.substr(comma + 1));
  if (!source) return std::unexpected(source.error());
  if (source->family() != question.group.family()) {
    return fail(std::string(name) + ": the group " + question.group.to_string() +
                " and the source " + source->to_string() + " are of different families");
  }
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
    subject.origin = origin_of(streams, stream.pid, join.origin);
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
    const std::string holder = holder_text(stream.program, stream.pid, join.stream);
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
  for (const RunningSender& running : streams.senders) {
    const HeldSender& sender = running.sender;
    const auto link = std::ranges::find(links, sender.ifindex, &netlink::Link::index);
    const std::string interface = link != links.end() ? link->name : "";
    if (sender.group != question.group ||
        (question.asked_source && sender.source != question.asked_source) ||
        (!question.interface.empty() && question.interface != interface) ||
        (question.port && *question.port != sender.port) || result.size() == kMaxSubjects) {
      continue;
    }
    findings::Subject subject{
        .stream = sender.stream,
        .group = sender.group,
        .source = std::nullopt,
        .interface = interface,
        .port = sender.port,
        .sending = findings::Sending{.packets_per_second = sender.packets_per_second,
                                     .size = sender.size,
                                     .ttl = sender.ttl,
                                     .address = sender.source},
        .origin = origin_of(streams, running.pid, sender.origin)};
    // Only where its command line can be read is it known that it names none.
    subject.sending->interface_chosen = findings::names_interface(subject) == false;
    result.push_back({.subject = std::move(subject),
                      .holders = {holder_text(running.program, running.pid, sender.stream)}});
  }
  return result;
}

void leave_to_senders(WhyReport& report) {
  if (std::ranges::none_of(report.answers, [](const WhyAnswer& answer) {
        return answer.subject.sending.has_value();
      })) {
    return;
  }
  // A router's answer stands: it forwards what others send, too.
  std::erase_if(report.answers, [](const WhyAnswer& answer) {
    const auto is_fine = [](const Finding& finding) {
      return finding.check == findings::Check::kNotJoined && finding.verdict == Verdict::kFine;
    };
    return !answer.subject.sending && answer.holders.empty() &&
           std::ranges::none_of(answer.findings, is_fine);
  });
}

bool something_is_wrong(const WhyReport& report) {
  return std::ranges::any_of(report.answers, [](const WhyAnswer& answer) {
    return number_of(answer, Verdict::kFound) > 0;
  });
}

bool enough_is_known(const WhyReport& report) {
  return std::ranges::all_of(report.answers, [](const WhyAnswer& answer) {
    return findings::is_answered(answer.findings);
  });
}

Screen why_screen(const WhyReport& report, int columns, bool verbose) {
  Screen screen;
  for (const WhyAnswer& answer : report.answers) {
    if (!screen.lines.empty()) screen.lines.emplace_back();
    add_answer(screen, answer, columns, verbose);
  }
  return screen;
}

std::string why_json(const WhyReport& report) {
  using Json = nlohmann::ordered_json;
  Json answers = Json::array();
  for (const WhyAnswer& answer : report.answers) {
    const findings::Subject& subject = answer.subject;
    const auto& sending = subject.sending;
    Json& json = answers.emplace_back(api::tree_of([&](auto& io) {
      io("kind", sending ? "sender" : "receiver");
      io("group", subject.group);
      io("source", sending ? sending->address : subject.wanted_source());
      io("interface", subject.interface, api::kTextOrNull);
      io("port", subject.port);
      io("streams", answer.holders);
      if (!sending) return;
      const auto if_known = [](auto value) {
        return value > 0 ? std::optional(value) : std::nullopt;
      };
      io("rate_pps", if_known(sending->packets_per_second));
      io("size", if_known(sending->size));
      io("ttl", sending->ttl);
    }));
    Json& findings = json["findings"] = Json::array();
    for (const Finding& finding : answer.findings) findings.push_back(api::finding_json(finding));
  }
  return api::to_text({{"tool", "mcast-status"},
                       {"version", version()},
                       {"watched_seconds", to_seconds(report.watched)},
                       {"wrong", something_is_wrong(report)},
                       {"known", something_is_wrong(report) || enough_is_known(report)},
                       {"answers", std::move(answers)}},
                      true);
}

}  // namespace mcast::cli
