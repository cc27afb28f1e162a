#include "cli/streams/receive_command.h"

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "api/agent_json.h"
#include "api/host_json.h"
#include "api/json_values.h"
#include "api/stream_json.h"
#include "cli/session/findings_source.h"
#include "cli/streams/findings_report.h"
#include "cli/streams/receive_view.h"
#include "cli/streams/stream_command.h"
#include "cli/streams/stream_totals.h"

namespace mcast::cli {
namespace {

constexpr std::string_view kName = "mcast-receive";
constexpr Nanoseconds kHostInterval = kSecond;
// Events wait for their line at most so long.
constexpr Nanoseconds kEventInterval = 20 * kMillisecond;

// Holds lines back when a path flaps with every packet: at most a few a second.
class EventLimit {
 public:
  // Whether an event at `time` (monotonic, going up) gets a line.
  bool allows(Nanoseconds time) {
    if (time - began_ >= kSecond) {
      began_ = time;
      lines_ = 0;
    }
    if (lines_ < kLinesASecond) return ++lines_ > 0;
    ++held_back_;
    return false;
  }
  // How many events got none in seconds that are over; asked once, then 0.
  std::uint64_t held_back(Nanoseconds now) {
    return now - began_ < kSecond ? 0 : std::exchange(held_back_, 0);
  }

 private:
  static constexpr std::uint64_t kLinesASecond = 10;

  Nanoseconds began_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t held_back_ = 0;
};

class Receiving final : public StreamCommand {
 public:
  Receiving(const ReceiveOptions& options, const CommandParts& parts, Session& session,
            FindingsSource& findings, Nanoseconds started)
      : StreamCommand(parts, session,
                      {.command = kName,
                       .quiet = options.quiet,
                       .json = options.json,
                       .events = options.events},
                      started),
        options_(options),
        findings_(findings),
        first_(receivers().front().spec) {
    for (const ReceiverSnapshot& receiver : receivers()) {
      groups_.emplace(receiver.spec.name, receiver.spec.group.to_string());
    }
  }

 private:
  const Receivers& receivers() { return streams().receivers; }
  [[nodiscard]] Nanoseconds duration() const {
    return static_cast<Nanoseconds>(options_.duration_seconds) * kSecond;
  }

  void begin() override {
    if (first_.group.is_ssm() && !first_.source) {
      parts_.log.warning(
          "232.0.0.0/8 is for SSM: without a source, routers forward nothing for it");
    }
    if (first_.group.is_link_local_multicast()) {
      parts_.log.warning("224.0.0.0/24 is link-local: no router forwards it");
    }
    read_host();
  }
  std::string opening_line() override { return joined_line(receivers(), igmp_in_operation_); }

  Nanoseconds next_turn(Nanoseconds now) override {
    const Nanoseconds end =
        duration() == 0 ? std::numeric_limits<Nanoseconds>::max() : started_ + duration();
    return std::min(end, now + kEventInterval);
  }
  std::array<int, 2> more_fds() const override { return findings_.fds(); }
  bool turn() override {
    take_events();
    take_findings();
    return complete_ < groups_.size() && parts_.out;
  }

  void take_events() {
    const Nanoseconds offset = parts_.clock.realtime() - now();
    while (const auto event = session_.take_event()) {
      if (event->type == StreamEventType::kComplete) ++complete_;
      const std::string stream = session_.name_of(event->stream);
      if (options_.events) {
        print_event(api::event_json(*event, stream, groups_[stream], offset));
      } else if (!has_view() && event_limit_.allows(event->time)) {
        print(event_line(*event, stream, offset));
      }
    }
    if (options_.events) {
      report_states(offset);
      parts_.out << std::flush;
    } else if (const auto held_back = event_limit_.held_back(now())) {
      print(std::to_string(held_back) + " more events were not shown");
    }
  }

  // Why nothing arrives: what is new of it. The view draws all of it with every picture.
  void take_findings() {
    for (const auto& [subject, finding] : findings_.advance()) {
      if (options_.events) {
        print_event(api::finding_event_json(subject, finding, parts_.clock.realtime()));
        parts_.out << std::flush;
      } else if (!has_view() && event_limit_.allows(now())) {
        const bool many = groups_.size() > 1;
        print(std::string(kName) + ": " + finding_line(subject, finding, many));
      }
    }
  }

  // What an engine does not tell: a stream that cannot go on, and one that can again.
  void report_states(Nanoseconds offset) {
    const Nanoseconds time = now();
    if (time < next_states_) return;
    next_states_ = time + kPictureInterval;
    for (const ReceiverSnapshot& stream : receivers()) {
      const bool failed = stream.state == ReceiverState::kFailed;
      if (failed == failed_.contains(stream.spec.name)) continue;
      nlohmann::ordered_json json = {{"event", failed ? "failed" : "joined"},
                                     {"time", api::time_text(time + offset)},
                                     {"stream", api::valid_utf8(stream.spec.name)},
                                     {"group", stream.spec.group.to_string()}};
      if (failed) {
        json["reason"] = api::valid_utf8(stream.error);
        failed_.insert(stream.spec.name);
      } else {
        failed_.erase(stream.spec.name);
      }
      print_event(json.dump());
    }
  }

  void print_event(const std::string& json) { parts_.out << json << "\n"; }

  void read_host() {
    const std::string& interface = receivers().front().interface;
    igmp_in_operation_ = session_.igmp_version_on(interface);
    interface_address_ = session_.address_of(interface);
  }

  RateHistory::Totals totals() override {
    const ReceptionCounters sum = totals_of(receivers()).counters;
    return {.packets = sum.packets,
            .bytes = sum.bytes,
            .lost = sum.lost,
            .duplicates = sum.duplicates,
            .late = sum.late};
  }
  Screen picture(const ScreenSize& size) override {
    if (now() >= next_host_) {
      next_host_ = now() + kHostInterval;
      read_host();
    }
    ReceiveViewInput input;
    fill(input, duration());
    input.receivers = receivers();
    input.sockets = streams().sockets;
    input.interface_address = interface_address_;
    input.igmp_requested = first_.igmp_version;
    input.igmp_in_operation = igmp_in_operation_;
    input.now = parts_.clock.realtime();
    input.findings = findings_report(input.receivers, findings_.found(), findings_.is_looking());
    return receive_view(input, size);
  }
  std::string status(double packets_per_second) override {
    return status_line(receivers(), packets_per_second);
  }

  void complete(StreamResult& result) override {
    take_events();
    read_host();
    result.igmp_requested = first_.igmp_version;
    result.igmp_in_operation = igmp_in_operation_;
  }
  std::string summary(const StreamResult& result, bool json) override {
    return json ? received_json(result) : received_lines(result);
  }
  int conclude(const StreamResult& result) override {
    const auto reasons = conditions_met(
        {.fail_on_loss = options_.fail_on_loss, .fail_on_stall = options_.fail_on_stall},
        result.streams.receivers);
    for (const std::string& reason : reasons) complain(reason);
    if (!reasons.empty()) return kConditionMet;
    return parts_.out ? kSuccess : kFailed;
  }

  const ReceiveOptions& options_;
  FindingsSource& findings_;
  const ReceiverSpec first_;
  EventLimit event_limit_;
  std::map<std::string, std::string> groups_;  // by stream name
  std::set<std::string> failed_;               // by stream name
  std::size_t complete_ = 0;                   // streams that have all their packets
  std::string interface_address_;
  std::optional<int> igmp_in_operation_;
  Nanoseconds next_states_ = 0;
  Nanoseconds next_host_ = 0;
};

std::string request_of(const ReceiveOptions& options) {
  ReceiverSpec first = options.streams.front();
  // In an agent a version is forced only where somebody asks for it.
  if (!options.igmp_version_given) first.igmp_version.reset();
  return api::stream_request_json(
      first, {.name = options.name, .count = options.streams.size(), .detach = options.detach});
}

}  // namespace

int run_receive(const ReceiveOptions& options, const CommandParts& parts) {
  if (options.detach) {
    return run_detached({.command = kName,
                         .socket = *options.agent,
                         .kind = AgentStreams::kReceivers,
                         .request = request_of(options),
                         .json = options.json},
                        parts);
  }
  const Nanoseconds began = parts.clock.monotonic();
  if (options.agent) {
    const AgentSession::Parts agent{.clock = parts.clock, .log = parts.log};
    auto session = options.streams.empty()
                       ? AgentSession::watch(agent, *options.agent, options.name)
                       : AgentSession::start(agent, *options.agent, AgentStreams::kReceivers,
                                             request_of(options));
    if (!session) return refuse(kName, parts, session.error());
    AgentFindings findings(**session, *options.agent, parts.clock, parts.log);
    return Receiving(options, parts, **session, findings, began).run();
  }
  auto session = open_local_session(parts);
  if (!session) return refuse(kName, parts, session.error());
  const Nanoseconds started = parts.clock.monotonic();
  if (auto running = (*session)->start(options.streams); !running)
    return refuse(kName, parts, running.error());
  LocalFindings findings(**session, parts.clock, parts.log);
  return Receiving(options, parts, **session, findings, started).run();
}

}  // namespace mcast::cli
