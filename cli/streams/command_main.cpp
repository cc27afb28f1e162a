#include "cli/streams/command_main.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>
#include <iostream>
#include <random>
#include <utility>

#include "base/crash_handler.h"
#include "base/text.h"
#include "cli/terminal/terminal.h"

namespace mcast::cli {
namespace {

constexpr std::size_t kMaxMessages = 1'000;
constexpr std::ptrdiff_t kMaxShown = 20;

}  // namespace

void CommandLog::write(LogLevel level, std::string_view message, Fields fields) {
  // What a command does, it says itself; only what goes wrong is for its person.
  if (level != LogLevel::kWarning && level != LogLevel::kError) return;
  std::string text(message);
  for (const LogField& field : fields) {
    if (field.key == "reason") text += ": " + printable(field.value, 400);
  }
  const std::scoped_lock lock(mutex_);
  // A thousand streams may have the same to say.
  if (seen_.size() >= kMaxMessages || !seen_.insert(text).second) return;
  new_.push_back(std::move(text));
}

void CommandLog::take_new() {
  const std::scoped_lock lock(mutex_);
  for (std::string& text : std::exchange(new_, {})) shown_.push_back(std::move(text));
}

void CommandLog::print() {
  take_new();
  for (const std::string& text : std::exchange(shown_, {})) {
    err_ << command_ << ": " << text << "\n" << std::flush;
  }
}

const std::vector<std::string>& CommandLog::shown() {
  take_new();
  if (std::ssize(shown_) > kMaxShown) shown_.erase(shown_.begin(), shown_.end() - kMaxShown);
  return shown_;
}

int end_with(std::string_view command, int code) {
  std::cout.flush();
  if (std::cout) return code;
  // Streams do not say why: the end of a line that is broken anyway does. A reader that has gone
  // away knows.
  const int reason = ::write(STDOUT_FILENO, "\n", 1) == 1 ? 0 : errno;
  if (reason != EPIPE) {
    std::cerr << command << ": cannot write to stdout"
              << (reason == 0 ? "" : ": " + errno_text(reason)) << "\n";
  }
  return code == kSuccess ? kFailed : code;
}

int print_and_end(std::string_view command, const EndNow& end) {
  (end.code == kSuccess ? std::cout : std::cerr) << end.text << std::flush;
  return end_with(command, end.code);
}

int run_with_parts(bool wants_view, std::string_view command, std::vector<std::string> command_line,
                   const std::function<int(const CommandParts&)>& run) {
  try {
    const OutputForm form = output_form();
    // Before any thread: threads inherit what is blocked here.
    auto signals = Signals::block({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE});
    if (!signals) {
      std::cerr << command << ": cannot handle signals: " << signals.error().message << "\n";
      return kFailed;
    }
    CommandLog log(command, std::cerr);
    netlink::ForcedVersions forced_versions("/proc", netlink::kStateDirectory);
    put_back_versions(forced_versions, log);
    const CrashHandler crash_handler;
    restore_in_a_crash(forced_versions);
    const SystemClock clock;
    std::random_device random;
    const int code = run({.clock = clock,
                          .random = [&random] { return random(); },
                          .forced_versions = forced_versions,
                          .log = log,
                          .command_line = std::move(command_line),
                          .signals = *signals,
                          .out = std::cout,
                          .err = std::cerr,
                          .view = wants_view && Terminal::usable(),
                          .colour = form.colour});
    return end_with(command, code);
  } catch (const std::exception& error) {
    // Out of memory, or a bug: nothing in here throws on purpose.
    std::cerr << command << ": " << error.what() << "\n";
    return kFailed;
  }
}

}  // namespace mcast::cli
