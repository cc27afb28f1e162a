#include "api/finding_json.h"

#include <nlohmann/json.hpp>

#include "api/json_values.h"

namespace mcast::api {

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
