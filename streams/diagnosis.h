// Why receivers get nothing: the one driver of examinations, for the agent, mcast-receive
// and mcast-status --why; and what is wrong with senders. One thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "findings/evidence.h"
#include "findings/examination.h"
#include "findings/schedule.h"
#include "netlink/host.h"
#include "netlink/wire/protocol_watch.h"
#include "probe/snapshot.h"

namespace mcast {

// It waits for its first packet, or is stalled.
[[nodiscard]] bool is_silent(const ReceiverSnapshot& receiver);
// Who asked for a stream of this program, as a remedy changes it.
using OriginOf = std::function<findings::Origin(StreamOrigin)>;
// Of an ad hoc stream of the agent that answers at this socket.
[[nodiscard]] findings::Origin ad_hoc_origin(const std::string& socket);
// What should arrive at a receiver, as an examination asks about it.
[[nodiscard]] findings::Subject subject_of(const ReceiverSnapshot& receiver);
[[nodiscard]] findings::Subject subject_of(const SenderSnapshot& sender);

// The IGMP that is heard on some interfaces, and since when; or why it is not heard.
class ProtocolHearing {
 public:
  // It outlives this.
  explicit ProtocolHearing(const Clock& clock) : clock_(clock) {}

  // EPERM: CAP_NET_RAW is missing.
  [[nodiscard]] Result<void> open();
  [[nodiscard]] bool is_open() const { return watch_.has_value(); }
  // As netlink::ProtocolWatch has it; is_open().
  [[nodiscard]] std::vector<netlink::ProtocolWatch::Failure> watch(
      const std::vector<netlink::WatchedInterface>& interfaces) {
    return watch_->watch(interfaces);
  }
  // Opens, and hears what comes in on one interface. What fails is what heard() says.
  void listen_on(netlink::Host& host, const std::string& interface);
  void close() { watch_ = fail("IGMP is not watched yet"); }

  // To poll for; -1: nothing, or drain() has failed: it may stay readable until retry().
  [[nodiscard]] int fd() const { return watch_ && !failure_ ? watch_->fd() : -1; }
  [[nodiscard]] Result<void> drain();
  void retry() { failure_.reset(); }

  [[nodiscard]] findings::WatchedProtocols heard() const;
  // Messages that the kernel had no room for, since open().
  [[nodiscard]] std::uint64_t dropped() { return watch_ ? watch_->dropped().value_or(0) : 0; }

 private:
  const Clock& clock_;
  Result<netlink::ProtocolWatch> watch_ = fail("IGMP is not watched yet");
  std::optional<Error> failure_;  // of drain()
  std::string interface_;         // of listen_on()
  Nanoseconds since_ = 0;
};

// What an examination asks; all outlive it.
struct ExaminedHost {
  netlink::Host& host;
  std::function<Result<netlink::HostSnapshot>()> read;
  const Clock& clock;
  std::filesystem::path proc_root = "/proc";
};

// Begins to listen; `igmp` outlives the examination. `outgoing` as for an Examination.
[[nodiscard]] findings::Examination begin_examination(
    const ExaminedHost& host, ProtocolHearing& igmp,
    std::function<Result<findings::Delivery>(const findings::Subject&)> delivery,
    std::vector<findings::Subject> subjects,
    netlink::GroupWatch::Outgoing outgoing = netlink::GroupWatch::Outgoing::kIgnored);

// Examines the silent receivers of an engine, each for two seconds and again while it stays
// silent. That its interface is down or has no carrier is said at once, of any receiver, and those
// are examined, too, behind whose interface queries stay without an answer. Keeps no
// packet socket open while none is silent.
class Diagnosis {
 public:
  struct Parts {
    ExaminedHost host;
    // The receivers that are silent now or on one of these interfaces, each with a name of its
    // own, and where there are any all sockets of their engine.
    std::function<ProbeSnapshot(const std::set<std::string>& interfaces)> silent;
    OriginOf origin = {};  // may be empty
    // Outlives this and is kept going by its owner; nullptr: while something is silent, IGMP is
    // heard on the interface of the first of these streams.
    ProtocolHearing* igmp = nullptr;
    Nanoseconds look_interval = kSecond;  // how often silent receivers are looked for
    Nanoseconds repeat = findings::Schedule::kRepeat;
  };
  explicit Diagnosis(Parts parts);
  Diagnosis(const Diagnosis&) = delete;
  Diagnosis& operator=(const Diagnosis&) = delete;

  // To poll for, and advance() when one is readable; -1: nothing.
  [[nodiscard]] std::array<int, 2> fds() const {
    return {examination_ ? examination_->fd() : -1, own_igmp_.fd()};
  }
  // When advance() is wanted next, at the latest.
  [[nodiscard]] Nanoseconds next() const {
    return examination_ ? std::min(next_look_, end_) : next_look_;
  }

  struct Progress {
    bool looked = false;  // found() may be another one
    std::vector<findings::Schedule::New> news;
    std::optional<Error> error;  // the host could not be read
  };
  Progress advance();

  // Something changed that may be a cause, or its end: all silent streams are due.
  void make_due();

  // What the subject's socket had got at the newest look: rejected datagrams count, too. An
  // error: its receiver was not silent then.
  [[nodiscard]] Result<findings::Delivery> delivery(const findings::Subject& subject) const;

  [[nodiscard]] const findings::Schedule& found() const { return schedule_; }
  [[nodiscard]] bool is_examining() const { return examination_.has_value(); }
  // Packets to the groups that made no sense, of all examinations.
  [[nodiscard]] std::uint64_t malformed() const { return malformed_; }

 private:
  void look(Nanoseconds now, Progress& progress);
  void read_links();
  [[nodiscard]] std::set<std::string> unanswered() const;
  void tell_interfaces(const std::vector<findings::Subject>& subjects, Nanoseconds now,
                       Progress& progress);
  void begin(Nanoseconds now);
  void finish(Nanoseconds now, Progress& progress);

  const Parts parts_;
  findings::Schedule schedule_;
  findings::HostEvidence links_;  // nothing but these
  std::set<std::string> faulty_;  // interfaces: down, or without a carrier
  bool links_changed_ = true;
  std::map<std::string, findings::Delivery> deliveries_;  // by stream
  ProtocolHearing own_igmp_;
  std::optional<findings::Examination> examination_;  // after what it refers to
  std::uint64_t malformed_ = 0;
  Nanoseconds end_ = 0;  // of the examination
  Nanoseconds next_look_ = 0;
  Nanoseconds next_begin_ = 0;  // later where the host could not be read
};

// Whether senders send: judged by their own counters and the state of their interfaces, every
// five seconds and when something changes. Listens to nothing.
class SenderDiagnosis {
 public:
  struct Parts {
    netlink::Host& host;  // these outlive this
    const Clock& clock;
    std::function<std::vector<SenderSnapshot>()> senders;
    OriginOf origin = {};                   // may be empty
    const ProtocolHearing* igmp = nullptr;  // may be missing; else as that of Diagnosis
  };
  explicit SenderDiagnosis(Parts parts) : parts_(std::move(parts)) {}

  // When advance() is wanted next, at the latest.
  [[nodiscard]] Nanoseconds next() const { return next_look_; }
  // What is wrong and was not so the last time.
  [[nodiscard]] std::vector<findings::Schedule::New> advance();
  void make_due() { next_look_ = 0; }
  // Of those with something wrong.
  [[nodiscard]] const findings::Schedule& found() const { return schedule_; }

 private:
  struct Counted {
    findings::SentPackets total = {};
    Nanoseconds at = 0;
    // Between the last two countings.
    Result<findings::SentPackets> sent = fail("packets are being counted");
    Nanoseconds counted = 0;
    Nanoseconds failed_since = 0;  // 0: it has not
  };
  const Counted& count(const SenderSnapshot& sender, Nanoseconds now);

  const Parts parts_;
  findings::Schedule schedule_;
  std::map<std::string, Counted> counted_;  // by stream
  Nanoseconds next_look_ = 0;
};

}  // namespace mcast
