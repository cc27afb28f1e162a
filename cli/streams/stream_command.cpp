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
#include "cli/arguments/exit_code.h"
#include "cli/session/agent_client.h"

namespace mcast::cli {
namespace {

constexpr Nanoseconds kStatusInterval = 5 * kSecond;
constexpr Nanoseconds kRateSpan = 5 * kSecond;

}  // namespace

void StreamCommand::CloseTerminal::operator()(Terminal* terminal) const {
  CrashHandler::remove(terminal);
  const std::unique_ptr<Terminal> closed(terminal);
}

StreamCommand::StreamCommand(const CommandParts& parts, Session& session, const Output& output,
                             Nanoseconds started)
    : parts_(parts), session_(session), output_(output), started_(started) {
  if (parts_.view) open_terminal();
}

// Where the terminal cannot be drawn on, the log says why, and the command prints lines.
void StreamCommand::open_terminal() {
  auto terminal = Terminal::open(parts_.colour);
  if (!terminal) {
    parts_.log.warning("no live view", {{"reason", terminal.error().message}});
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
    parts_.log.print();
    print(opening_line());
  }
  while (true) {
    const Nanoseconds time = now();
    const Nanoseconds next = next_turn(time);
    if (next <= time || !wait(next)) break;
    streams_.reset();
    if (!turn() || !session_.lost().empty()) break;
    show();
  }
  return finish();
}

// Until `until` (monotonic) at the longest. False: the person wants the command to end (a
// signal, or the key q).
bool StreamCommand::wait(Nanoseconds until) {
  // Descriptors below zero are left out by poll.
  const std::array<int, 2> more = more_fds();
  std::array polled{pollfd{.fd = has_view() ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
                    pollfd{.fd = parts_.signals.fd(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = session_.fd(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = more[0], .events = POLLIN, .revents = 0},
                    pollfd{.fd = more[1], .events = POLLIN, .revents = 0}};
  const Nanoseconds left = std::max<Nanoseconds>(0, until - now());
  const timespec timeout{.tv_sec = left / kSecond, .tv_nsec = left % kSecond};
  (void)::ppoll(polled.data(), polled.size(), &timeout, nullptr);
  if (parts_.signals.take()) return false;
  if (has_view()) {
    // A terminal that has gone away is readable for ever.
    if ((polled[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return false;
    while (const auto key = terminal_->key()) {
      if (*key == 'q' || *key == 'Q') return false;
    }
  }
  session_.look_after();
  return true;
}

void StreamCommand::show() {
  const Nanoseconds time = now();
  if (time < next_show_) return;
  next_show_ = time + kPictureInterval;
  if (!has_view()) {
    parts_.log.print();
    if (output_.quiet || output_.json || output_.events) return;
  }
  history_.add(time, totals());
  if (has_view()) {
    terminal_->draw(picture(terminal_->size()));
    return;
  }
  if (time < next_status_) return;
  if (next_status_ != 0) print(status(history_.packets_per_second(kRateSpan)));
  next_status_ = time + kStatusInterval;
}

int StreamCommand::finish() {
  StreamResult result;
  result.elapsed = now() - started_;
  session_.settle();
  streams_.reset();
  complete(result);
  result.streams = streams();
  terminal_.reset();
  parts_.log.print();
  const std::string text = summary(result, output_.json);
  if (output_.json) {
    parts_.out << text << std::flush;
  } else {
    print(text);
  }
  if (const std::string lost = session_.lost(); !lost.empty()) {
    complain(lost);
    return kFailed;
  }
  return conclude(result);
}

const ProbeSnapshot& StreamCommand::streams() {
  if (!streams_) streams_ = session_.snapshot();
  return *streams_;
}

void StreamCommand::fill(ViewInput& input, Nanoseconds duration) {
  input.history = &history_;
  input.elapsed = now() - started_;
  input.duration = duration;
  input.warnings = parts_.log.shown();
}

void StreamCommand::print(const std::string& line) {
  std::ostream& out = output_.json || output_.events ? parts_.err : parts_.out;
  out << line << "\n" << std::flush;
}

void StreamCommand::complain(const std::string& message) {
  parts_.err << output_.command << ": " << message << "\n";
}

int refuse(std::string_view command, const CommandParts& parts, const Error& error) {
  parts.err << command << ": " << error.message << "\n";
  return error.code == ENODEV ? kWrongUse : kFailed;
}

Result<std::unique_ptr<LocalSession>> open_local_session(const CommandParts& parts) {
  return LocalSession::open({.clock = parts.clock,
                             .random = parts.random,
                             .igmp_versions = parts.igmp_versions,
                             .log = parts.log});
}

int run_detached(const DetachedStream& stream, const CommandParts& parts) {
  AgentClient client(stream.socket);
  const auto fail_with = [&](const Error& error) {
    parts.err << stream.command << ": " << error.message << "\n";
    return kFailed;
  };
  const auto warning = check_agent_version(client);
  if (!warning) return fail_with(warning.error());
  if (!warning->empty()) parts.log.warning(*warning);
  const bool receives = stream.kind == AgentStreams::kReceivers;
  const std::string path = receives ? "/api/v1/receivers" : "/api/v1/senders";
  const auto answer = client.post(path, stream.request);
  if (!answer) return fail_with(answer.error());
  const auto started = api::parse_started_streams(*answer);
  if (!started) return fail_with(started.error());

  parts.log.print();
  if (stream.json) {
    // One line, as the agent writes it.
    parts.out << *answer << (answer->ends_with('\n') ? "" : "\n") << std::flush;
    return parts.out ? kSuccess : kFailed;
  }
  const std::string agent =
      stream.socket == kDefaultAgentSocket ? "--agent" : "--agent=" + shell_word(stream.socket);
  const std::string name = mcast::printable(started->name);
  parts.out << "the agent goes on with " << name
            << "; to watch it: " << (receives ? "mcast-receive " : "mcast-status ") << agent
            << (receives ? " --name " + shell_word(name) : "")
            << "; to end it: curl -X DELETE --unix-socket " << shell_word(stream.socket)
            << " http://agent" << path << "/" << api::percent_encoded(started->name) << "\n"
            << std::flush;
  return parts.out ? kSuccess : kFailed;
}

}  // namespace mcast::cli
