#include "cli/streams/stream_command.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include "api/stream_json.h"
#include "base/crash_handler.h"
#include "base/text.h"
#include "cli/session/agent_client.h"
#include "cli/streams/stream_json.h"
#include "cli/streams/stream_totals.h"
#include "streams/running_streams.h"

namespace mcast::cli {
namespace {

constexpr Nanoseconds kStatusInterval = 5 * kSecond;
constexpr Nanoseconds kRateSpan = 5 * kSecond;

// Starts the streams in an agent and leaves them there: says how to watch them and how to end
// them.
Result<void> detach(const WantedStreams& wanted, AgentClient& client, const CommandParts& parts) {
  const bool receives = wanted.kind == AgentStreams::kReceivers;
  const std::string agent =
      client.socket() == kDefaultAgentSocket ? "--agent" : "--agent=" + shell_word(client.socket());
  std::vector<std::string> names;
  std::string text;
  for (const std::string& request : wanted.requests) {
    const auto started = start_in_agent(client, wanted.kind, request);
    if (!started) {
      // All of a list or none.
      for (const std::string& name : names) (void)remove_from_agent(client, wanted.kind, name);
      return std::unexpected(started.error());
    }
    names.push_back(started->name);
    if (wanted.options.json) {
      text += api::started_streams_json(*started);
    } else {
      const std::string name = " --name " + shell_word(printable(started->name));
      text += "the agent keeps running ";
      text += printable(started->name);
      text += "; to watch it: ";
      text.append(receives ? "mcast-receive " : "mcast-status ").append(agent);
      if (receives) text += name;
      text.append("; to end it: ").append(wanted.command).append(" ").append(agent);
      text.append(name).append(" --delete");
    }
    text += "\n";
  }
  parts.out << text;
  return {};
}

// Streams of an agent that come or go, while this command does not stay.
Result<void> change_agent(const WantedStreams& wanted, const CommandParts& parts) {
  AgentClient client(*wanted.options.agent);
  const auto warning = check_agent_version(client);
  if (!warning) return std::unexpected(warning.error());
  if (!warning->empty()) parts.log.warning(*warning);
  parts.log.print();
  if (wanted.options.detach) return detach(wanted, client, parts);
  const auto removed = remove_from_agent(client, wanted.kind, wanted.options.name);
  if (removed) parts.out << "ended " << printable(wanted.options.name) << "\n";
  return removed;
}

}  // namespace

template <typename Spec>
std::vector<std::string> requests_of(const StreamOptions& options,
                                     const std::vector<Spec>& streams) {
  std::vector<std::string> requests;
  const std::size_t each = options.is_list ? 1 : streams.size();
  for (std::size_t i = 0; i < streams.size(); i += each) {
    requests.push_back(api::stream_request_json(
        streams[i],
        {.name = options.name.empty() || !options.is_list ? options.name : streams[i].name,
         .count = each,
         .detach = options.detach,
         .keys = options.given}));
  }
  return requests;
}
template std::vector<std::string> requests_of(const StreamOptions&, const std::vector<SenderSpec>&);
template std::vector<std::string> requests_of(const StreamOptions&,
                                              const std::vector<ReceiverSpec>&);

void StreamCommand::CloseTerminal::operator()(Terminal* terminal) const {
  CrashHandler::remove(terminal);
  const std::unique_ptr<Terminal> closed(terminal);
}

StreamCommand::StreamCommand(const Run& run) : run_(run), options_(run.wanted.options) {
  if (options_.agent && run.wanted.requests.empty()) {
    before_realtime_ = run.parts.clock.realtime();
    before_ = run.session.snapshot();
  }
  if (run.parts.view) open_terminal();
}

// Where the terminal cannot be drawn on, the log says why, and the command prints lines.
void StreamCommand::open_terminal() {
  auto terminal = Terminal::open(run_.parts.colour);
  if (!terminal) {
    run_.parts.log.warning("no live view", {{"reason", terminal.error().message}});
    return;
  }
  CrashHandler::add(
      [](void* what) noexcept { static_cast<const Terminal*>(what)->restore_after_crash(); },
      terminal->get());
  terminal_.reset(terminal->release());
}

int StreamCommand::run() {
  begin();
  if (!has_view()) {
    run_.parts.log.print();
    (void)streams();
    print(opening_line(result_));
  }
  while (true) {
    const Nanoseconds time = now();
    if (end_ <= time || !wait(std::min(end_, time + turn_interval_))) break;
    is_current_ = false;
    if (!turn() || !run_.session.lost().empty()) break;
    show();
  }
  return finish();
}

// Until `until` (monotonic) at the longest. False: the person wants the command to end (a
// signal, or the key q).
bool StreamCommand::wait(Nanoseconds until) {
  // Descriptors below zero are left out by poll.
  const std::array<int, 2> more = run_.session.findings_fds();
  std::array polled{pollfd{.fd = has_view() ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
                    pollfd{.fd = STDOUT_FILENO, .events = 0, .revents = 0},
                    pollfd{.fd = run_.parts.signals.fd(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = run_.session.fd(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = more[0], .events = POLLIN, .revents = 0},
                    pollfd{.fd = more[1], .events = POLLIN, .revents = 0}};
  const Nanoseconds left = std::max<Nanoseconds>(0, until - now());
  const timespec timeout{.tv_sec = left / kSecond, .tv_nsec = left % kSecond};
  (void)::ppoll(polled.data(), polled.size(), &timeout, nullptr);
  if (run_.parts.signals.take()) return false;
  // Whoever read what is printed has gone: with a pipe that is all that can be heard of.
  if (polled[1].revents != 0) return false;
  if (has_view()) {
    // A terminal that has gone away is readable for ever.
    if ((polled[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return false;
    if (!take_keys()) return false;
  }
  run_.session.look_after();
  return true;
}

// False: the person wants the command to end.
bool StreamCommand::take_keys() {
  // What pours in for ever must not keep the loop.
  constexpr int kMaxKeys = 100;
  for (int i = 0; i < kMaxKeys; ++i) {
    const auto key = terminal_->key();
    if (!key) break;
    next_show_ = 0;
    switch (press(controls_, *key, list_)) {
      case KeyAction::kNone:
        break;
      case KeyAction::kQuit:
        return false;
      case KeyAction::kPause:
        paused_history_ = history_;
        break;
      case KeyAction::kReset:
        reset_from_ = streams();
        controls_.reset_realtime = run_.parts.clock.realtime();
        break;
    }
  }
  return true;
}

void StreamCommand::draw() {
  ViewInput& input = view_input();
  if (!controls_.is_paused) {
    input.elapsed = now() - run_.started;
    input.now = run_.parts.clock.realtime();
    input.warnings = run_.parts.log.shown();
    input.rates = rates_.current();
    refresh();
  }
  input.history = controls_.is_paused ? &paused_history_ : &history_;
  input.controls = controls_;
  const Screen screen = picture(terminal_->size());
  if (!controls_.shows_help) list_ = screen.list;
  terminal_->draw(screen);
}

void StreamCommand::show() {
  const Nanoseconds time = now();
  if (time < next_show_) return;
  next_show_ = time + kPictureInterval;
  if (!has_view()) {
    run_.parts.log.print();
    if (!options_.wants_view()) return;
  }
  const StreamTotals totals = totals_of(streams());
  const ReceptionCounters& sum = totals.counters;
  history_.add(time, {.packets = sum.packets,
                      .bytes = sum.bytes,
                      .lost = sum.lost - totals.overdue,
                      .duplicates = sum.duplicates,
                      .late = sum.late,
                      .overdue = totals.overdue});
  if (has_view()) {
    rates_.add(time, streams());
    draw();
    return;
  }
  if (time < next_status_) return;
  if (next_status_ != 0) {
    print(status_line(streams(), history_.over(kRateSpan).packets_per_second));
  }
  next_status_ = time + kStatusInterval;
}

int StreamCommand::finish() {
  result_.elapsed = now() - run_.started;
  run_.session.settle();
  is_current_ = false;
  (void)streams();
  complete();
  terminal_.reset();
  run_.parts.log.print();
  const bool as_line = options_.events && !options_.json;
  (as_line ? run_.parts.err : run_.parts.out)
      << (options_.json ? summary_json(result_) : summary(result_)) << std::flush;
  if (const std::string lost = run_.session.lost(); !lost.empty()) {
    complain(lost);
    return kFailed;
  }
  return conclude();
}

const ProbeSnapshot& StreamCommand::streams() {
  if (std::exchange(is_current_, true)) return result_.streams;
  result_.streams = run_.session.snapshot();
  if (before_) {
    result_.streams = counted_since(std::move(result_.streams), *before_, before_realtime_);
  }
  return result_.streams;
}

ProbeSnapshot StreamCommand::shown_streams() {
  return controls_.reset_realtime == 0
             ? streams()
             : counted_since(streams(), reset_from_, controls_.reset_realtime);
}

void StreamCommand::print(const std::string& line) {
  std::ostream& out = options_.json || options_.events ? run_.parts.err : run_.parts.out;
  out << line << "\n" << std::flush;
}

void StreamCommand::complain(const std::string& message) {
  run_.parts.err << run_.wanted.command << ": " << message << "\n";
}

int run_streams(const WantedStreams& wanted, const CommandParts& parts,
                const std::function<int(const StreamCommand::Run&)>& run) {
  const auto fail_with = [&](const Error& error, int code = kFailed) {
    parts.err << wanted.command << ": " << error.message << "\n";
    return code;
  };
  const auto refuse = [&](const Error& error) {
    return fail_with(error, error.code == ENODEV ? kWrongUse : kFailed);
  };
  if (wanted.options.detach || wanted.options.remove) {
    const auto done = change_agent(wanted, parts);
    return done ? kSuccess : fail_with(done.error());
  }
  if (wanted.options.agent) {
    const AgentSession::Parts agent{.clock = parts.clock, .log = parts.log};
    const std::string& socket = *wanted.options.agent;
    auto session = wanted.requests.empty()
                       ? AgentSession::watch(agent, socket, wanted.options.name)
                       : AgentSession::start(agent, socket, wanted.kind, wanted.requests);
    if (!session) return refuse(session.error());
    return run({wanted, parts, **session, parts.clock.monotonic()});
  }
  auto session = LocalSession::open({.clock = parts.clock,
                                     .random = parts.random,
                                     .forced_versions = parts.forced_versions,
                                     .log = parts.log,
                                     .command_line = parts.command_line,
                                     .wants_newest_version = wanted.wants_newest_version,
                                     .quiet = wanted.options.quiet});
  if (!session) return refuse(session.error());
  const Nanoseconds started = parts.clock.monotonic();
  if (const auto running = wanted.start(**session); !running) return refuse(running.error());
  return run({wanted, parts, **session, started});
}

}  // namespace mcast::cli
