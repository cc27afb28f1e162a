// Looks at this host and listens to its wire for a while, for a few subjects at a
// time, and then says what the checks find. Changes nothing on the host: joins nothing,
// sends nothing. One thread.
//
// It begins with its construction; then drain() whenever fd() is readable; then finish().
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "findings/evidence.h"
#include "findings/finding.h"
#include "findings/subject_view.h"
#include "netlink/host.h"
#include "netlink/types.h"
#include "netlink/wire/group_watch.h"

namespace mcast::findings {

// What a subject's socket has got so far; only differences matter.
struct Delivery {
  std::uint64_t datagrams = 0;  // to the subject's group, whatever they hold
  // For want of room in the socket's buffer; nullopt: not known whose they are.
  std::optional<std::uint64_t> drops;
};

// The IGMP that somebody watches, and for how long.
struct WatchedProtocols {
  Result<std::vector<netlink::InterfaceActivity>> activity;
  Nanoseconds watched = 0;
};

// Asks for the routes that the checks judge a sender by.
void ask_for_routes(netlink::Host& host, SenderEvidence& evidence,
                    const std::vector<netlink::Link>& links);

class Examination {
 public:
  // All outlive it.
  struct Parts {
    netlink::Host& host;
    std::function<Result<netlink::HostSnapshot>()> read_host;
    std::function<Result<Delivery>(const Subject&)> delivery;
    std::function<WatchedProtocols()> igmp;
    const Clock& clock;
    std::filesystem::path proc_root;
    // How a packet of our own programs begins.
    std::vector<std::uint8_t> signature;
  };
  // At most this many groups are watched at a time.
  static constexpr std::size_t kMaxGroups = netlink::GroupWatch::kMaxGroups;

  // Starts to watch. What cannot be watched makes findings unknown, no error.
  // `subjects` have at most kMaxGroups groups between them.
  //
  // `outgoing`: whether packets that leave are seen; senders among the subjects are judged by them.
  Examination(Parts parts, std::vector<Subject> subjects,
              netlink::GroupWatch::Outgoing outgoing = netlink::GroupWatch::Outgoing::kIgnored);

  // To poll for; -1: nothing.
  [[nodiscard]] int fd() const { return watch_ ? watch_->fd() : -1; }
  void drain();
  // Packets to the groups that made no sense.
  [[nodiscard]] std::uint64_t malformed() const { return watch_ ? watch_->malformed() : 0; }

  struct Outcome {
    Nanoseconds watched = 0;
    std::vector<StreamFindings> judged;  // in the order of the subjects
    // What programs of this host send to the groups beside the subjects that are senders.
    std::vector<StreamFindings> others;
  };
  // Judges what was seen until now. An error: this host could not be read at all.
  [[nodiscard]] Result<Outcome> finish();

 private:
  [[nodiscard]] HostEvidence gather_host(netlink::HostSnapshot snapshot);
  [[nodiscard]] std::vector<Finding> judge(std::size_t subject, const HostEvidence& host);
  [[nodiscard]] std::vector<Subject> other_senders(const HostEvidence& host) const;
  [[nodiscard]] Result<ProtocolCounters> counted_since(const Result<ProtocolCounters>& before,
                                                       Family family) const;
  [[nodiscard]] std::vector<SourceEvidence> judge_sources(const SubjectView& view);

  Parts parts_;
  std::vector<Subject> subjects_;
  netlink::GroupWatch::Outgoing outgoing_;
  Nanoseconds started_;
  Result<netlink::GroupWatch> watch_;
  Result<std::vector<netlink::MulticastRoute>> routes_before_;
  Result<ProtocolCounters> counters_before_;
  Result<ProtocolCounters> counters_ipv6_before_;
  std::vector<Result<Delivery>> deliveries_before_;
};

}  // namespace mcast::findings
