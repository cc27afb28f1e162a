#include "exporter/families.h"

namespace mcast::exporter {

void add_finding_families(const std::vector<findings::StreamFindings>& streams,
                          Families& families) {
  FamilyBuilder finding(families, Kind::kGauge, "mcast_finding",
                        "1 if this is why a silent receiver gets nothing, 0 if it is not; absent "
                        "where it cannot be known.");
  for (const findings::StreamFindings& stream : streams) {
    for (const findings::Finding& each : stream.findings) {
      if (each.verdict == findings::Verdict::kUnknown) continue;
      LabelSet labels;
      labels.add("stream", stream.subject.stream).add("check", to_string(each.check));
      finding.add(labels, each.verdict == findings::Verdict::kFound ? 1.0 : 0.0);
    }
  }
}

}  // namespace mcast::exporter
