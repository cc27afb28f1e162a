#include "api/finding_json.h"

#include <algorithm>
#include <array>
#include <string>

#include "api/json_reader.h"
#include "api/json_writer.h"

namespace mcast::api {
namespace {

constexpr std::array kVerdicts{findings::Verdict::kFine, findings::Verdict::kFound,
                               findings::Verdict::kUnknown};

bool is_known_check(const JsonReader& finding) {
  std::string name;
  finding("check", name);
  return std::ranges::any_of(findings::kAllChecks,
                             [&](findings::Check check) { return to_string(check) == name; });
}

}  // namespace

void fields(auto& io, Like<findings::Finding> auto& finding) {
  io("check", one_of(finding.check, findings::kAllChecks));
  io("verdict", one_of(finding.verdict, kVerdicts));
  io("seen", finding.seen);
  if (finding.verdict == findings::Verdict::kFound) {
    io("meaning", finding.meaning);
    io("remedy", finding.remedy);
  }
}

void fields(auto& io, Like<findings::StreamFindings> auto& stream) {
  auto& subject = stream.subject;
  io("stream", subject.stream);
  io("group", subject.group);
  io("source", subject.source);
  io("interface", subject.interface);
  io("port", subject.port);
  io("examined", time(stream.examined));
  io("checks", known(stream.findings, is_known_check));
}

nlohmann::ordered_json finding_json(const findings::Finding& finding) {
  return tree_of(finding);
}

nlohmann::ordered_json findings_json(const std::vector<findings::StreamFindings>& streams) {
  return tree_of(object([&](auto& io) { io("findings", streams); }));
}

Result<std::vector<findings::StreamFindings>> parse_findings(std::string_view text) {
  using Streams = std::vector<findings::StreamFindings>;
  return read_json<Streams>(
      text, [](const JsonReader& json, Streams& streams) { json("findings", streams); });
}

nlohmann::ordered_json finding_event_json(const findings::Subject& subject,
                                          const findings::Finding& finding, Nanoseconds time) {
  return {{"event", "finding"},
          {"time", time_text(time)},
          {"stream", valid_utf8(subject.stream)},
          {"group", subject.group.to_string()},
          {"check", to_string(finding.check)},
          {"seen", valid_utf8(finding.seen)},
          {"meaning", valid_utf8(finding.meaning)},
          {"remedy", valid_utf8(finding.remedy)}};
}

}  // namespace mcast::api
