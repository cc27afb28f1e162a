// What one run of mcast-send and of mcast-receive have in common: the loop that waits for
// time, keys, signals and the network, what is shown meanwhile, and the end. One thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cli/session/agent_session.h"
#include "cli/session/local_session.h"
#include "cli/session/session.h"
#include "cli/streams/command_parts.h"
#include "cli/streams/rate_history.h"
#include "cli/streams/stream_report.h"
#include "cli/streams/view_blocks.h"
#include "cli/terminal/terminal.h"

namespace mcast::cli {

class StreamCommand {
 public:
  struct Output {
    std::string_view command;  // "mcast-send"
    bool quiet = false;
    bool json = false;
    bool events = false;
  };
  // All outlive it. `started`: when the streams began.
  StreamCommand(const CommandParts& parts, Session& session, const Output& output,
                Nanoseconds started);
  StreamCommand(const StreamCommand&) = delete;
  StreamCommand& operator=(const StreamCommand&) = delete;
  virtual ~StreamCommand() = default;

  // Until time, number or person ends it. The exit code.
  [[nodiscard]] int run();

 protected:
  static constexpr Nanoseconds kPictureInterval = 200 * kMillisecond;

  virtual void begin() = 0;  // before anything is shown
  [[nodiscard]] virtual std::string opening_line() = 0;
  // The latest moment of the next turn(); `now` or before: the end.
  [[nodiscard]] virtual Nanoseconds next_turn(Nanoseconds now) = 0;
  // To poll for besides; -1: nothing.
  [[nodiscard]] virtual std::array<int, 2> more_fds() const { return {-1, -1}; }
  // Looks at what has happened. False: the streams have come to their end.
  [[nodiscard]] virtual bool turn() = 0;

  [[nodiscard]] virtual RateHistory::Totals totals() = 0;
  [[nodiscard]] virtual Screen picture(const ScreenSize& size) = 0;
  [[nodiscard]] virtual std::string status(double packets_per_second) = 0;

  // The end: what is said of it, and with which code.
  virtual void complete(StreamResult& result) = 0;
  [[nodiscard]] virtual std::string summary(const StreamResult& result, bool json) = 0;
  [[nodiscard]] virtual int conclude(const StreamResult& result) = 0;

  [[nodiscard]] bool has_view() const { return terminal_ != nullptr; }
  [[nodiscard]] Nanoseconds now() const { return parts_.clock.monotonic(); }
  // The streams in this turn.
  [[nodiscard]] const ProbeSnapshot& streams();
  void fill(ViewInput& input, Nanoseconds duration);
  // A line for the person: on stdout, unless that holds JSON.
  void print(const std::string& line);
  void complain(const std::string& message);

  const CommandParts& parts_;
  Session& session_;
  const Output output_;
  const Nanoseconds started_;

 private:
  // Looked after by the crash handler while it is open.
  struct CloseTerminal {
    void operator()(Terminal* terminal) const;
  };

  void open_terminal();
  [[nodiscard]] bool wait(Nanoseconds until);
  void show();
  [[nodiscard]] int finish();

  std::unique_ptr<Terminal, CloseTerminal> terminal_;
  std::optional<ProbeSnapshot> streams_;
  RateHistory history_;
  Nanoseconds next_show_ = 0;
  Nanoseconds next_status_ = 0;
};

// Why a run could not begin, for its person. The exit code.
[[nodiscard]] int refuse(std::string_view command, const CommandParts& parts, const Error& error);

[[nodiscard]] Result<std::unique_ptr<LocalSession>> open_local_session(const CommandParts& parts);

// --detach: starts streams in an agent and leaves them there.
struct DetachedStream {
  std::string_view command;  // "mcast-send"
  std::string socket;
  AgentStreams kind{};
  std::string request;  // body of the POST
  bool json = false;    // the agent's answer in place of the sentences
};
// Says how to watch them and how to end them. Returns the exit code.
[[nodiscard]] int run_detached(const DetachedStream& stream, const CommandParts& parts);

}  // namespace mcast::cli
