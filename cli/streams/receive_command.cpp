#include "cli/streams/receive_command.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/event_json.h"
#include "api/finding_json.h"
#include "api/json_values.h"
#include "api/stream_request_json.h"
#include "cli/session/agent_session.h"
#include "cli/session/findings_source.h"
#include "cli/session/local_session.h"
#include "cli/streams/command_loop.h"
#include "cli/streams/detached_stream.h"
#include "cli/streams/event_limit.h"
#include "cli/streams/fail_conditions.h"
#include "cli/streams/live_terminal.h"
#include "cli/streams/notices.h"
#include "cli/streams/rate_history.h"
#include "cli/streams/receive_lines.h"
#include "cli/streams/receive_sum.h"
#include "cli/streams/receive_summary.h"
#include "cli/streams/receive_view.h"

namespace mcast::cli {
namespace {

constexpr std::string_view kName = "mcast-receive";
constexpr Nanoseconds kPictureInterval = 200 * kMillisecond;
constexpr Nanoseconds kStatusInterval = 5 * kSecond;
constexpr Nanoseconds kRateSpan = 5 * kSecond;
constexpr Nanoseconds kHostInterval = kSecond;
// Events wait for their line at most so long.
constexpr Nanoseconds kEventInterval = 20 * kMillisecond;

class Receiving {
 public:
  Receiving(const ReceiveOptions& options, const CommandParts& parts, Session& session,
            FindingsSource& findings, LiveTerminal terminal, Nanoseconds started)
      : options_(options),
        parts_(parts),
        session_(session),
        terminal_(std::move(terminal)),
        notices_(kName, parts.log, options.json || options.events ? parts.err : parts.out,
                 parts.err),
        findings_(findings),
        first_(session.snapshot().receivers.front().spec),
        started_(started) {
    for (const ReceiverSnapshot& receiver : session.snapshot().receivers) {
      groups_.emplace(receiver.spec.name, receiver.spec.group.to_string());
    }
  }

  int run() {
    warn_of_group();
    read_host();
    if (terminal_ == nullptr) {
      notices_.print_warnings();
      notices_.line(joined_line(session_.snapshot().receivers, igmp_in_operation_));
    }
    CommandLoop loop(parts_.clock, parts_.signals, session_, terminal_.get());
    const Nanoseconds end =
        options_.duration_seconds == 0
            ? std::numeric_limits<Nanoseconds>::max()
            : started_ + static_cast<Nanoseconds>(options_.duration_seconds) * kSecond;
    while (true) {
      const Nanoseconds now = parts_.clock.monotonic();
      if (now >= end || !loop.wait(std::min(end, now + kEventInterval), findings_.fds())) {
        break;
      }
      take_events();
      take_findings();
      if (complete_ >= groups_.size() || !parts_.out || !session_.lost().empty()) break;
      show();
    }
    return finish();
  }

 private:
  void warn_of_group() {
    const ReceiverSpec& spec = first_;
    if (spec.group.is_ssm() && !spec.source) {
      parts_.log.warning(
          "232.0.0.0/8 is for SSM: without a source, routers forward nothing for it");
    }
    if (spec.group.is_link_local_multicast()) {
      parts_.log.warning("224.0.0.0/24 is link-local: no router forwards it");
    }
  }

  void take_events() {
    const Nanoseconds offset = parts_.clock.realtime() - parts_.clock.monotonic();
    while (const auto event = session_.take_event()) {
      if (event->type == StreamEventType::kComplete) ++complete_;
      const std::string stream = session_.name_of(event->stream);
      if (options_.events) {
        parts_.out << api::event_json(*event, stream, groups_[stream], offset).dump() << "\n";
      } else if (terminal_ == nullptr) {
        if (event_limit_.allows(event->time)) {
          notices_.line(event_line(*event, stream, offset));
        }
      }
    }
    if (options_.events) {
      report_states(offset);
      parts_.out << std::flush;
    } else if (const auto held_back = event_limit_.held_back(parts_.clock.monotonic())) {
      notices_.line(std::to_string(held_back) + " more events were not shown");
    }
  }

  // Why nothing arrives: what is new of it. The view draws all of it with every picture.
  void take_findings() {
    for (const auto& [subject, finding] : findings_.advance()) {
      if (options_.events) {
        parts_.out << api::finding_event_json(subject, finding, parts_.clock.realtime()).dump()
                   << "\n"
                   << std::flush;
      } else if (terminal_ == nullptr && event_limit_.allows(parts_.clock.monotonic())) {
        const bool many = groups_.size() > 1;
        notices_.line(std::string(kName) + ": " + finding_line(subject, finding, many));
      }
    }
  }

  // What an engine does not tell: a stream that cannot go on, and one that can again.
  void report_states(Nanoseconds offset) {
    const Nanoseconds now = parts_.clock.monotonic();
    if (now < next_states_) return;
    next_states_ = now + kPictureInterval;
    for (const ReceiverSnapshot& stream : session_.snapshot().receivers) {
      const bool failed = stream.state == ReceiverState::kFailed;
      if (failed == (failed_.count(stream.spec.name) != 0)) continue;
      nlohmann::ordered_json json = {{"event", failed ? "failed" : "joined"},
                                     {"time", api::time_text(now + offset)},
                                     {"stream", api::valid_utf8(stream.spec.name)},
                                     {"group", stream.spec.group.to_string()}};
      if (failed) {
        json["reason"] = api::valid_utf8(stream.error);
        failed_.insert(stream.spec.name);
      } else {
        failed_.erase(stream.spec.name);
      }
      parts_.out << json.dump() << "\n";
    }
  }

  void read_host() {
    const auto receivers = session_.snapshot().receivers;
    interface_ = receivers.front().interface;
    igmp_in_operation_ = session_.igmp_version_on(interface_);
    interface_address_ = session_.address_of(interface_);
  }

  void show() {
    const Nanoseconds now = parts_.clock.monotonic();
    if (now < next_show_) return;
    next_show_ = now + kPictureInterval;
    if (now >= next_host_) {
      next_host_ = now + kHostInterval;
      if (terminal_ != nullptr) read_host();
    }
    if (terminal_ == nullptr) notices_.print_warnings();
    const bool has_status_lines = !options_.quiet && !options_.json && !options_.events;
    if (terminal_ == nullptr && !has_status_lines) return;

    ProbeSnapshot snapshot = session_.snapshot();
    const ReceiveSum totals = sum_of(snapshot.receivers);
    history_.add(now, {.packets = totals.counters.packets,
                       .bytes = totals.counters.bytes,
                       .lost = totals.counters.lost});
    if (terminal_ != nullptr) {
      terminal_->draw(receive_view(view_of(std::move(snapshot), now), terminal_->size()));
      return;
    }
    if (now < next_status_) return;
    if (next_status_ != 0) {
      notices_.line(status_line(snapshot.receivers, history_.packets_per_second(kRateSpan)));
    }
    next_status_ = now + kStatusInterval;
  }

  [[nodiscard]] ReceiveViewInput view_of(ProbeSnapshot snapshot, Nanoseconds now) {
    ReceiveViewInput input;
    input.receivers = std::move(snapshot.receivers);
    input.sockets = std::move(snapshot.sockets);
    input.history = &history_;
    input.interface_address = interface_address_;
    input.igmp_requested = first_.igmp_version;
    input.igmp_in_operation = igmp_in_operation_;
    input.elapsed = now - started_;
    input.duration = static_cast<Nanoseconds>(options_.duration_seconds) * kSecond;
    input.now = parts_.clock.realtime();
    input.warnings = notices_.warnings();
    input.findings = findings_report(input.receivers, findings_.found(), findings_.is_looking());
    return input;
  }

  int finish() {
    ReceiveResult result;
    result.elapsed = parts_.clock.monotonic() - started_;
    session_.settle();
    take_events();
    read_host();
    ProbeSnapshot snapshot = session_.snapshot();
    result.receivers = std::move(snapshot.receivers);
    result.sockets = std::move(snapshot.sockets);
    result.igmp_requested = first_.igmp_version;
    result.igmp_in_operation = igmp_in_operation_;
    terminal_.reset();
    notices_.print_warnings();
    if (options_.json) {
      parts_.out << receive_summary(result, options_.events) << std::flush;
    } else {
      notices_.line(summary_lines(result));
    }
    if (const std::string lost = session_.lost(); !lost.empty()) {
      parts_.err << kName << ": " << lost << "\n";
      return kFailed;
    }
    const auto reasons = conditions_met(
        {.fail_on_loss = options_.fail_on_loss, .fail_on_stall = options_.fail_on_stall},
        result.receivers);
    for (const std::string& reason : reasons) parts_.err << kName << ": " << reason << "\n";
    if (!reasons.empty()) return kConditionMet;
    return parts_.out ? kSuccess : kFailed;
  }

  const ReceiveOptions& options_;
  const CommandParts& parts_;
  Session& session_;
  LiveTerminal terminal_;
  Notices notices_;
  FindingsSource& findings_;
  const ReceiverSpec first_;
  EventLimit event_limit_;
  RateHistory history_;
  std::map<std::string, std::string> groups_;  // by stream name
  std::set<std::string> failed_;               // by stream name
  std::size_t complete_ = 0;                   // streams that have all their packets
  std::string interface_;
  std::string interface_address_;
  std::optional<int> igmp_in_operation_;
  Nanoseconds started_;
  Nanoseconds next_show_ = 0;
  Nanoseconds next_states_ = 0;
  Nanoseconds next_status_ = 0;
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
  const auto refuse = [&](const Error& error) {
    parts.err << kName << ": " << error.message << "\n";
    return error.code == ENODEV ? kWrongUse : kFailed;
  };
  const Nanoseconds began = parts.clock.monotonic();
  if (options.agent) {
    const AgentSession::Parts agent{.clock = parts.clock, .log = parts.log};
    auto session = options.streams.empty()
                       ? AgentSession::watch(agent, *options.agent, options.name)
                       : AgentSession::start(agent, *options.agent, AgentStreams::kReceivers,
                                             request_of(options));
    if (!session) return refuse(session.error());
    AgentFindings findings(**session, *options.agent, parts.clock, parts.log);
    return Receiving(options, parts, **session, findings, open_live_terminal(parts), began).run();
  }
  auto session = LocalSession::open({.clock = parts.clock,
                                     .random = parts.random,
                                     .igmp_versions = parts.igmp_versions,
                                     .log = parts.log});
  if (!session) return refuse(session.error());
  const Nanoseconds started = parts.clock.monotonic();
  if (auto running = (*session)->start(options.streams); !running) return refuse(running.error());
  LocalFindings findings(**session, parts.clock, parts.log);
  return Receiving(options, parts, **session, findings, open_live_terminal(parts), started).run();
}

}  // namespace mcast::cli
