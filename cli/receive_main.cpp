// mcast-receive: joins one group or several and measures until time, number or person ends it.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "api/agent_json.h"
#include "api/host_json.h"
#include "api/json_values.h"
#include "api/stream_json.h"
#include "cli/streams/findings_report.h"
#include "cli/streams/stream_command.h"
#include "cli/streams/stream_names.h"
#include "cli/streams/stream_view.h"

namespace mcast::cli {
namespace {

constexpr Nanoseconds kHostInterval = kSecond;

// A path that flaps with every packet gets no more lines.
constexpr std::uint64_t kMaxLinesASecond = 10;

class Receiving final : public StreamCommand {
 public:
  Receiving(const ReceiveOptions& options, const Run& run)
      : StreamCommand(run), options_(options), first_(receivers().front().spec) {
    for (const ReceiverSnapshot& receiver : receivers()) {
      groups_.emplace(receiver.spec.name, receiver.spec.group.to_string());
    }
    if (options.duration > 0) end_ = run.started + options.duration;
    // An agent forces what its streams ask for, and nothing else.
    result_.version_requested = first_.wanted_version();
    if (!result_.version_requested && options.force && !options.agent) {
      result_.version_requested = first_.group.is_v4() ? 3 : 2;
    }
  }

 private:
  const Receivers& receivers() { return streams().receivers; }

  void begin() override {
    const auto has = [this](bool (IpAddress::*is)() const) {
      return std::ranges::any_of(receivers(), [is](const ReceiverSnapshot& receiver) {
        return (receiver.spec.group.*is)();
      });
    };
    if (has(&IpAddress::is_ssm) && !first_.source) {
      run_.parts.log.warning(std::string(first_.group.is_v4() ? "232.0.0.0/8" : "ff3x::/32") +
                             " is for SSM: without a source, routers forward nothing for it");
    }
    if (has(&IpAddress::is_never_routed)) {
      run_.parts.log.warning(never_routed_warning(first_.group));
    }
    read_host();
  }

  bool turn() override {
    take_events();
    take_findings();
    return complete_ < groups_.size() && run_.parts.out;
  }

  void take_events() {
    const Nanoseconds offset = run_.parts.clock.realtime() - now();
    while (const auto event = run_.session.take_event()) {
      if (event->type == StreamEventType::kComplete) ++complete_;
      const std::string stream = run_.session.name_of(event->stream);
      if (options_.events) {
        print_event(api::event_json(*event, stream, groups_[stream], offset));
      } else if (!has_view() && has_line(event->time)) {
        print(event_line(*event, stream, offset));
      }
    }
    if (options_.events) {
      report_states(offset);
      run_.parts.out << std::flush;
    } else if (held_back_ > 0 && now() - second_ >= kSecond) {
      print(std::to_string(std::exchange(held_back_, 0)) + " more events were not shown");
    }
  }

  // Whether what happened at `time` (monotonic, going up) gets a line.
  bool has_line(Nanoseconds time) {
    if (time - second_ >= kSecond) {
      second_ = time;
      lines_ = 0;
    }
    const bool has_room = lines_ < kMaxLinesASecond;
    ++(has_room ? lines_ : held_back_);
    return has_room;
  }

  // Why nothing arrives: what is new of it. The view draws all of it with every picture.
  void take_findings() {
    for (const auto& [subject, finding] : run_.session.new_findings()) {
      if (options_.events) {
        print_event(api::finding_event_json(subject, finding, run_.parts.clock.realtime()));
        run_.parts.out << std::flush;
      } else if (!has_view() && has_line(now())) {
        print("mcast-receive: " + finding_line(subject, finding, groups_.size() > 1));
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

  void print_event(const std::string& json) { run_.parts.out << json << "\n"; }

  void read_host() {
    const std::string& interface = receivers().front().interface;
    const Family family = first_.group.family();
    result_.version_in_operation = run_.session.version_on(interface, family);
    interface_address_ = run_.session.address_of(interface, family);
  }

  ViewInput& view_input() override { return view_; }
  void refresh() override {
    if (now() >= next_host_) {
      next_host_ = now() + kHostInterval;
      read_host();
    }
    ProbeSnapshot shown = shown_streams();
    view_.duration = options_.duration;
    view_.receivers = std::move(shown.receivers);
    view_.sockets = std::move(shown.sockets);
    view_.interface_address = interface_address_;
    view_.version_requested = result_.version_requested;
    view_.version_in_operation = result_.version_in_operation;
    view_.findings =
        findings_report(view_.receivers, run_.session.findings(), run_.session.is_looking());
  }
  Screen picture(const ScreenSize& size) override { return receive_view(view_, size); }

  void complete() override {
    take_events();
    read_host();
    result_.failures = failures(options_, receivers(), result_.elapsed);
    // What cannot be followed to its end has not passed.
    if (const std::string lost = run_.session.lost(); !lost.empty()) {
      result_.failures.push_back({.condition = "agent", .stream = 0, .text = lost});
    }
  }
  int conclude() override {
    // Of a stream without a packet, all conditions say the same.
    std::set<std::string> said;
    for (const Failure& failure : result_.failures) {
      if (said.insert(failure.text).second) complain(failure.text);
    }
    if (!result_.failures.empty()) return kConditionMet;
    return run_.parts.out ? kSuccess : kFailed;
  }

  const ReceiveOptions& options_;
  const ReceiverSpec first_;
  Nanoseconds second_ = 0;  // that began with the first of `lines_`
  std::uint64_t lines_ = 0;
  std::uint64_t held_back_ = 0;                // events that got none
  std::map<std::string, std::string> groups_;  // by stream name
  std::set<std::string> failed_;               // by stream name
  std::size_t complete_ = 0;                   // streams that have all their packets
  ReceiveViewInput view_;
  std::string interface_address_;
  Nanoseconds next_states_ = 0;
  Nanoseconds next_host_ = 0;
};

int run_receive(const ReceiveOptions& options, const CommandParts& parts) {
  return run_streams(
      {.command = "mcast-receive",
       .options = options,
       .kind = AgentStreams::kReceivers,
       .requests = requests_of(options, options.streams),
       // In an agent a version is forced only where somebody asks for it.
       .wants_newest_version = options.force,
       .start = [&](LocalSession& session) { return session.start(options.streams); }},
      parts, [&](const StreamCommand::Run& run) { return Receiving(options, run).run(); });
}

}  // namespace
}  // namespace mcast::cli

int main(int argc, char** argv) {
  using namespace mcast::cli;
  return command_main<ReceiveOptions>("mcast-receive", argc, argv, parse_receive_options,
                                      run_receive);
}
