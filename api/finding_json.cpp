#include "api/finding_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/json_reader.h"
#include "api/json_values.h"

namespace mcast::api {
namespace {

using findings::Verdict;

std::vector<findings::Finding> read_checks(const JsonReader& json) {
  std::vector<findings::Finding> result;
  for (const JsonReader& check : json.list("checks")) {
    const std::string name = check.text("check");
    const auto* const known = std::ranges::find(findings::kAllChecks, name,
                                                [](findings::Check c) { return to_string(c); });
    if (known == findings::kAllChecks.end()) continue;
    findings::Finding finding{
        .check = *known,
        .verdict = check.one_of("verdict", {Verdict::kFine, Verdict::kFound, Verdict::kUnknown}),
        .seen = check.text("seen"),
        .meaning = {},
        .remedy = {}};
    if (finding.verdict == Verdict::kFound) {
      finding.meaning = check.text("meaning");
      finding.remedy = check.text("remedy");
    }
    result.push_back(std::move(finding));
  }
  return result;
}

}  // namespace

nlohmann::ordered_json finding_json(const findings::Finding& finding) {
  nlohmann::ordered_json json{{"check", to_string(finding.check)},
                              {"verdict", to_string(finding.verdict)},
                              {"seen", valid_utf8(finding.seen)}};
  if (finding.verdict == findings::Verdict::kFound) {
    json["meaning"] = valid_utf8(finding.meaning);
    json["remedy"] = valid_utf8(finding.remedy);
  }
  return json;
}

nlohmann::ordered_json findings_json(const std::vector<findings::StreamFindings>& streams) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const findings::StreamFindings& stream : streams) {
    const findings::Subject& subject = stream.subject;
    Json checks = Json::array();
    for (const findings::Finding& finding : stream.findings)
      checks.push_back(finding_json(finding));
    list.push_back({{"stream", valid_utf8(subject.stream)},
                    {"group", subject.group.to_string()},
                    {"source", subject.source ? Json(subject.source->to_string()) : Json()},
                    {"interface", valid_utf8(subject.interface)},
                    {"port", subject.port ? Json(*subject.port) : Json()},
                    {"examined", time_text(stream.examined)},
                    {"checks", std::move(checks)}});
  }
  return {{"findings", std::move(list)}};
}

Result<std::vector<findings::StreamFindings>> parse_findings(std::string_view text) {
  using Streams = std::vector<findings::StreamFindings>;
  return read_json<Streams>(text, [](const JsonReader& json) {
    Streams streams;
    for (const JsonReader& stream : json.list("findings")) {
      findings::StreamFindings& read = streams.emplace_back();
      read.subject.stream = stream.text("stream");
      read.subject.group = stream.address("group");
      read.subject.source = stream.optional_address("source");
      read.subject.interface = stream.text("interface");
      if (stream.optional("port")) {
        read.subject.port = static_cast<std::uint16_t>(stream.integer("port", 0, 65'535));
      }
      read.examined = stream.time("examined").value_or(0);
      read.findings = read_checks(stream);
    }
    return streams;
  });
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
