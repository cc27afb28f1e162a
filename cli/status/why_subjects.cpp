#include "cli/status/why_subjects.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cli/arguments/argument_values.h"

namespace mcast::cli {
namespace {

constexpr std::size_t kMaxSubjects = 64;

std::string holder_text(const RunningStream& stream) {
  return printable(stream.program) + "[" + std::to_string(stream.pid) + "] " +
         printable(stream.join.stream);
}

bool fits(const WhyQuestion& question, const HeldJoin& join, const std::string& interface) {
  return join.group == question.group &&
         // A join of any source gets the one that is asked for too.
         (!question.source || !join.source || *join.source == *question.source) &&
         (question.interface.empty() || question.interface == interface) &&
         (!question.port || *question.port == join.port);
}

}  // namespace

Result<WhyQuestion> parse_why(std::string_view name, std::string_view text) {
  WhyQuestion question;
  const std::size_t comma = text.find(',');
  const auto parsed_group = group(name, text.substr(0, comma));
  if (!parsed_group) return std::unexpected(parsed_group.error());
  question.group = *parsed_group;
  if (comma != std::string_view::npos) {
    const auto source = host_address(name, text.substr(comma + 1));
    if (!source) return std::unexpected(source.error());
    question.source = *source;
  }
  return question;
}

std::vector<WhySubject> why_subjects(const WhyQuestion& question,
                                     const std::vector<netlink::Link>& links,
                                     const RunningStreams& streams) {
  std::vector<WhySubject> result;
  for (const RunningStream& stream : streams.streams) {
    const auto link = std::ranges::find(links, stream.join.ifindex, &netlink::Link::index);
    const std::string interface = link != links.end() ? link->name : "";
    if (!fits(question, stream.join, interface)) continue;
    const findings::Subject subject{.stream = stream.join.stream,
                                    .group = question.group,
                                    .source = stream.join.source,
                                    .asked_source = question.source,
                                    .interface = interface,
                                    .port = stream.join.port,
                                    .expects_probe_packets = true};
    const auto same = std::ranges::find_if(result, [&](const WhySubject& known) {
      return known.subject.source == subject.source &&
             known.subject.interface == subject.interface && known.subject.port == subject.port;
    });
    if (same != result.end()) {
      same->holders.push_back(holder_text(stream));
    } else if (result.size() < kMaxSubjects) {
      result.push_back({.subject = subject, .holders = {holder_text(stream)}});
    }
  }
  if (!result.empty()) return result;
  result.push_back({.subject = {.stream = "",
                                .group = question.group,
                                .source = std::nullopt,
                                .asked_source = question.source,
                                .interface = question.interface,
                                .port = question.port,
                                .expects_probe_packets = false},
                    .holders = {}});
  return result;
}

}  // namespace mcast::cli
