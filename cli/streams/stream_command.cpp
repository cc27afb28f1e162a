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
#include "cli/streams/stream_totals.h"
#include "streams/running_streams.h"

namespace mcast::cli {
namespace {

constexpr Nanoseconds kStatusInterval = 5 * kSecond;
constexpr Nanoseconds kRateSpan = 5 * kSecond;

// Starts the streams in an agent and leaves them there: says how to watch them and how to end
// them.
Result<void> detach(const WantedStreams& wanted, const CommandParts& parts) {
  const std::string& socket = *wanted.options.agent;
  AgentClient client(socket);
  const auto warning = check_agent_version(client);
  if (!warning) return std::unexpected(warning.error());
  if (!warning->empty()) parts.log.warning(*warning);
  const bool receives = wanted.kind == AgentStreams::kReceivers;
  const std::string path = receives ? "/api/v1/receivers" : "/api/v1/senders";
  const auto answer = client.post(path, wanted.request);
  if (!answer) return std::unexpected(answer.error());
  const auto started = api::parse_started_streams(*answer);
  if (!started) return std::unexpected(started.error());

  parts.log.print();
  if (wanted.options.json) {
    // One line, as the agent writes it.
    parts.out << *answer << (answer->ends_with('\n') ? "" : "\n") << std::flush;
    return {};
  }
  const std::string agent =
      socket == kDefaultAgentSocket ? "--agent" : "--agent=" + shell_word(socket);
  const std::string name = printable(started->name);
  parts.out << "the agent goes on with " << name
            << "; to watch it: " << (receives ? "mcast-receive " : "mcast-status ") << agent
            << (receives ? " --name " + shell_word(name) : "")
            << "; to end it: curl -X DELETE --unix-socket " << shell_word(socket) << " http://agent"
            << path << "/" << api::percent_encoded(started->name) << "\n"
            << std::flush;
  return {};
}

}  // namespace

void StreamCommand::CloseTerminal::operator()(Terminal* terminal) const {
  CrashHandler::remove(terminal);
  const std::unique_ptr<Terminal> closed(terminal);
}

StreamCommand::StreamCommand(const Run& run) : run_(run), options_(run.wanted.options) {
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
                    pollfd{.fd = run_.parts.signals.fd(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = run_.session.fd(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = more[0], .events = POLLIN, .revents = 0},
                    pollfd{.fd = more[1], .events = POLLIN, .revents = 0}};
  const Nanoseconds left = std::max<Nanoseconds>(0, until - now());
  const timespec timeout{.tv_sec = left / kSecond, .tv_nsec = left % kSecond};
  (void)::ppoll(polled.data(), polled.size(), &timeout, nullptr);
  if (run_.parts.signals.take()) return false;
  if (has_view()) {
    // A terminal that has gone away is readable for ever.
    if ((polled[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return false;
    while (const auto key = terminal_->key()) {
      if (*key == 'q' || *key == 'Q') return false;
    }
  }
  run_.session.look_after();
  return true;
}

void StreamCommand::show() {
  const Nanoseconds time = now();
  if (time < next_show_) return;
  next_show_ = time + kPictureInterval;
  if (!has_view()) {
    run_.parts.log.print();
    if (!options_.wants_view()) return;
  }
  const ReceptionCounters sum = totals_of(streams()).counters;
  history_.add(time, {.packets = sum.packets,
                      .bytes = sum.bytes,
                      .lost = sum.lost,
                      .duplicates = sum.duplicates,
                      .late = sum.late});
  if (has_view()) {
    terminal_->draw(picture(terminal_->size()));
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
  complete();
  (void)streams();
  terminal_.reset();
  run_.parts.log.print();
  const bool as_line = options_.events && !options_.json;
  (as_line ? run_.parts.err : run_.parts.out) << summary(result_, options_.json) << std::flush;
  if (const std::string lost = run_.session.lost(); !lost.empty()) {
    complain(lost);
    return kFailed;
  }
  return conclude();
}

const ProbeSnapshot& StreamCommand::streams() {
  if (!std::exchange(is_current_, true)) result_.streams = run_.session.snapshot();
  return result_.streams;
}

void StreamCommand::fill(ViewInput& input, Nanoseconds duration) {
  input.history = &history_;
  input.elapsed = now() - run_.started;
  input.duration = duration;
  input.warnings = run_.parts.log.shown();
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
  if (wanted.options.detach) {
    if (const auto done = detach(wanted, parts); !done) return fail_with(done.error());
    return parts.out ? kSuccess : kFailed;
  }
  const Nanoseconds began = parts.clock.monotonic();
  if (wanted.options.agent) {
    const AgentSession::Parts agent{.clock = parts.clock, .log = parts.log};
    const std::string& socket = *wanted.options.agent;
    auto session = wanted.request.empty()
                       ? AgentSession::watch(agent, socket, wanted.options.name)
                       : AgentSession::start(agent, socket, wanted.kind, wanted.request);
    if (!session) return refuse(session.error());
    return run({wanted, parts, **session, began});
  }
  auto session = LocalSession::open({.clock = parts.clock,
                                     .random = parts.random,
                                     .igmp_versions = parts.igmp_versions,
                                     .log = parts.log,
                                     .command_line = parts.command_line});
  if (!session) return refuse(session.error());
  const Nanoseconds started = parts.clock.monotonic();
  if (const auto running = wanted.start(**session); !running) return refuse(running.error());
  return run({wanted, parts, **session, started});
}

}  // namespace mcast::cli
