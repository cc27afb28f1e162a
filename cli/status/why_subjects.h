// What `mcast-status --why` is about: the streams of our own programs that hold the
// group, or what the person named. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "findings/evidence.h"
#include "netlink/types.h"
#include "streams/running_streams.h"

namespace mcast::cli {

struct WhyQuestion {
  IpAddress group;
  std::optional<IpAddress> source;
  std::string interface;              // "": wherever it is joined
  std::optional<std::uint16_t> port;  // nullopt: of the stream that holds it
};

// "GROUP" or "GROUP,SOURCE".
[[nodiscard]] Result<WhyQuestion> parse_why(std::string_view name, std::string_view text);

struct WhySubject {
  findings::Subject subject;
  std::vector<std::string> holders;  // "mcast-agent[17] video"
};

// A subject for each (source, interface, port) that streams of ours hold the group
// with, where they fit the question, at most 64; else one of the question's own.
[[nodiscard]] std::vector<WhySubject> why_subjects(const WhyQuestion& question,
                                                   const std::vector<netlink::Link>& links,
                                                   const RunningStreams& streams);

}  // namespace mcast::cli
