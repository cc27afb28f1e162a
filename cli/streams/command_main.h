// What the main() functions of mcast-send and mcast-receive have in common: the parts of the
// program, put together in the order in which they start.
#pragma once

#include <functional>
#include <mutex>
#include <ostream>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/signals.h"
#include "cli/arguments/exit_code.h"
#include "netlink/forcing/forced_versions.h"
#include "probe/send_engine.h"

namespace mcast::cli {

// What libraries have to say to the person at a command: warnings and errors, each once,
// kept until the command shows them, on stderr or in the live view. Any thread writes; the
// command's main loop shows.
class CommandLog final : public Log {
 public:
  // `err` outlives the log.
  CommandLog(std::string_view command, std::ostream& err) : command_(command), err_(err) {}

  // Keeps "message: reason".
  void write(LogLevel level, std::string_view message, Fields fields) override;

  // Prints what is new, and what a view has shown: it is gone with the view.
  void print();
  // For the view: the newest few, oldest first.
  [[nodiscard]] const std::vector<std::string>& shown();

 private:
  void take_new();

  std::string command_;
  std::ostream& err_;
  std::vector<std::string> shown_;
  std::mutex mutex_;
  std::vector<std::string> new_;
  std::set<std::string> seen_;
};

struct CommandParts {
  const Clock& clock;
  SendEngine::RandomSenderId random;
  netlink::ForcedVersions& forced_versions;
  CommandLog& log;
  std::vector<std::string> command_line;  // as typed, the program first
  // SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGPIPE, blocked.
  Signals& signals;
  std::ostream& out;
  std::ostream& err;
  // A live view may be drawn on stdout, in colour if `colour`.
  bool view = false;
  bool colour = false;
};

// Builds the parts and calls `run` with them.
[[nodiscard]] int run_with_parts(bool wants_view, std::string_view command,
                                 std::vector<std::string> command_line,
                                 const std::function<int(const CommandParts&)>& run);

// The exit code of a program that has printed all it had to: what could not be written to stdout
// is told, and is no success.
[[nodiscard]] int end_with(std::string_view command, int code);
// Prints the text where it belongs; its code.
[[nodiscard]] int print_and_end(std::string_view command, const EndNow& end);

template <typename Options>
[[nodiscard]] int command_main(
    std::string_view command, int argc, const char* const* argv,
    std::variant<Options, EndNow> (*parse)(std::span<const std::string_view>),
    int (*run)(const Options&, const CommandParts&)) {
  const auto parsed = parse(arguments_of(argc, argv));
  if (const auto* now = std::get_if<EndNow>(&parsed); now != nullptr) {
    return print_and_end(command, *now);
  }
  const auto& options = std::get<Options>(parsed);
  return run_with_parts(options.wants_view(), command, {argv, argv + argc},
                        [&](const CommandParts& parts) { return run(options, parts); });
}

}  // namespace mcast::cli
