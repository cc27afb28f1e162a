#include <cerrno>
#include <string>
#include <vector>

#include "base/text.h"
#include "findings/checks.h"
#include "findings/wording.h"

namespace mcast::findings {
namespace {

using netlink::ReversePathFilter;

std::string number_of(ReversePathFilter filter) {
  return std::to_string(static_cast<int>(filter));
}

// Nothing to judge: finding with the reason.
std::optional<Finding> nothing_to_judge(const SubjectView& view) {
  const netlink::Link* place = view.interface;
  if (place != nullptr && !is_usable(view.host, *place)) {
    return unknown(printable(place->name) + " cannot receive now");
  }
  if (view.evidence.sources.empty() && view.has_arrived()) {
    return fine("packets arrive, so none of them is filtered");
  }
  if (view.evidence.sources.empty()) {
    return unknown("no source is known: none was named and none was seen sending");
  }
  return std::nullopt;
}

// Of the interface that the source's packets arrive on.
Result<ReversePathFilter> rp_filter_of(const HostEvidence& host, int ifindex) {
  const auto settings = host.settings.find(ifindex);
  if (settings == host.settings.end()) {
    return fail("rp_filter of " + name_of(host, ifindex) + " is not known");
  }
  return settings->second.rp_filter;
}

bool has_no_route(const SourceEvidence& source) {
  if (source.route_back) return false;
  // The other two are answers of blackhole and prohibit routes.
  const int code = source.route_back.error().code;
  return code == ENETUNREACH || code == EINVAL || code == EACCES;
}

}  // namespace

Finding check_reverse_path_filter(const SubjectView& view) {
  const HostEvidence& host = view.host;
  if (auto nothing = nothing_to_judge(view)) return std::move(*nothing);
  std::string doubt;
  std::string seen;
  for (const SourceEvidence& source : view.evidence.sources) {
    const std::string address = source.source.to_string();
    const std::string name = name_of(host, source.ifindex);
    const Result<ReversePathFilter> filter = rp_filter_of(host, source.ifindex);
    if (!filter) {
      doubt = filter.error().message;
      continue;
    }
    if (*filter != ReversePathFilter::kStrict) {
      seen = "rp_filter of " + name + " is " + number_of(*filter);
      continue;
    }
    // Without any route it is the other check's.
    if (has_no_route(source)) continue;
    if (!source.route_back) {
      doubt = source.route_back.error().message;
      continue;
    }
    if (source.route_back->ifindex == source.ifindex || (source.accepted && *source.accepted)) {
      seen = "the route to " + address + " leaves by " + name + ", where it comes in";
      continue;
    }
    const std::uint64_t drops = host.counters ? host.counters->reverse_path_drops : 0;
    // Several routes may lead back, of which one was named. Then the filter drops nothing.
    if (!source.accepted && host.counters && drops == 0 &&
        !on_interface(view.flows, source.ifindex).empty()) {
      doubt = "the route to " + address + " leaves by " +
              name_of(host, source.route_back->ifindex) + ", but rp_filter dropped nothing";
      continue;
    }
    return found("packets of " + address + " come in on " + name + ", the route to " + address +
                     " leaves by " + name_of(host, source.route_back->ifindex) +
                     ", and rp_filter of " + name + " is 1 (strict)" +
                     (drops > 0 ? "; it dropped " + count_text(drops, "packet") + " in " +
                                      seconds_text(host.watched)
                                : ""),
                 "the kernel drops packets that come in elsewhere than it would answer them",
                 sysctl_command(link_name(host, source.ifindex), "rp_filter", 2));
  }
  if (!doubt.empty()) return unknown(doubt);
  return fine(seen.empty() ? "no source is filtered" : seen);
}

Finding check_route_to_source(const SubjectView& view) {
  const HostEvidence& host = view.host;
  if (auto nothing = nothing_to_judge(view)) return std::move(*nothing);
  std::string doubt;
  std::string seen;
  for (const SourceEvidence& source : view.evidence.sources) {
    const std::string address = source.source.to_string();
    if (source.route_back) {
      seen = "the route to " + address + " leaves by " + name_of(host, source.route_back->ifindex);
      continue;
    }
    if (!has_no_route(source)) {
      doubt = source.route_back.error().message;
      continue;
    }
    const Result<ReversePathFilter> filter = rp_filter_of(host, source.ifindex);
    const std::string name = name_of(host, source.ifindex);
    if (!filter) {
      doubt = filter.error().message;
    } else if (*filter == ReversePathFilter::kOff) {
      seen = "there is no route to " + address + ", which does no harm while rp_filter of " + name +
             " is 0";
    } else {
      return found(
          "there is no route to " + address + ", and rp_filter of " + name + " is " +
              number_of(*filter),
          "the kernel drops packets of a source that it has no route to",
          "ip route replace " + address + " via ROUTER dev " + word_of(host, source.ifindex));
    }
  }
  if (!doubt.empty()) return unknown(doubt);
  return fine(seen);
}

}  // namespace mcast::findings
