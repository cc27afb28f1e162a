// What one run of mcast-send and of mcast-receive have in common: where the streams run, the loop
// that waits for time, keys, signals and the network, what is shown meanwhile, and the end. One
// thread.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/session/agent_session.h"
#include "cli/session/local_session.h"
#include "cli/session/session.h"
#include "cli/streams/command_main.h"
#include "cli/streams/rate_history.h"
#include "cli/streams/stream_options.h"
#include "cli/streams/stream_report.h"
#include "cli/streams/stream_view.h"
#include "cli/streams/view_controls.h"
#include "cli/terminal/terminal.h"

namespace mcast::cli {

// The streams that a command asks for.
struct WantedStreams {
  std::string_view command;  // "mcast-send"
  const StreamOptions& options;
  AgentStreams kind;
  // The bodies of the POSTs to an agent; none: one of its streams is watched.
  std::vector<std::string> requests;
  // Of receivers that ask for no IGMP or MLD version.
  bool wants_newest_version = false;
  std::function<Result<void>(LocalSession&)> start;
};

// The bodies of the POSTs for these streams: of consecutive groups one, of a list one for each.
template <typename Spec>
[[nodiscard]] std::vector<std::string> requests_of(const StreamOptions& options,
                                                   const std::vector<Spec>& streams);

class StreamCommand {
 public:
  // What a run has; all outlives it.
  struct Run {
    const WantedStreams& wanted;
    const CommandParts& parts;
    Session& session;
    Nanoseconds started = 0;  // when the streams began
  };
  explicit StreamCommand(const Run& run);
  StreamCommand(const StreamCommand&) = delete;
  StreamCommand& operator=(const StreamCommand&) = delete;
  virtual ~StreamCommand() = default;

  // Until time, number or person ends it. The exit code.
  [[nodiscard]] int run();

 protected:
  static constexpr Nanoseconds kPictureInterval = 200 * kMillisecond;

  virtual void begin() = 0;  // before anything is shown
  // Looks at what has happened. False: the streams have come to their end.
  [[nodiscard]] virtual bool turn() = 0;
  // The picture: what it is made of, brought up to date unless it is paused, and drawn.
  [[nodiscard]] virtual ViewInput& view_input() = 0;
  virtual void refresh() = 0;
  [[nodiscard]] virtual Screen picture(const ScreenSize& size) = 0;
  // The end: what the result lacks, and which code.
  virtual void complete() = 0;
  [[nodiscard]] virtual int conclude() = 0;

  [[nodiscard]] bool has_view() const { return terminal_ != nullptr; }
  [[nodiscard]] Nanoseconds now() const { return run_.parts.clock.monotonic(); }
  // The streams in this turn.
  [[nodiscard]] const ProbeSnapshot& streams();
  // The same for the view, whose counters a person may have reset.
  [[nodiscard]] ProbeSnapshot shown_streams();
  // A line for the person: on stdout, unless that holds JSON.
  void print(const std::string& line);
  void complain(const std::string& message);

  const Run run_;
  StreamResult result_;
  Nanoseconds turn_interval_ = 20 * kMillisecond;
  Nanoseconds end_ = std::numeric_limits<Nanoseconds>::max();

 private:
  // Looked after by the crash handler while it is open.
  struct CloseTerminal {
    void operator()(Terminal* terminal) const;
  };

  void open_terminal();
  [[nodiscard]] bool wait(Nanoseconds until);
  [[nodiscard]] bool take_keys();
  void show();
  void draw();
  [[nodiscard]] int finish();

  const StreamOptions& options_;
  std::unique_ptr<Terminal, CloseTerminal> terminal_;
  bool is_current_ = false;  // the snapshot in result_
  // A stream that is only watched: what it had counted when this command began.
  std::optional<ProbeSnapshot> before_;
  Nanoseconds before_realtime_ = 0;
  RateHistory history_;
  RateHistory paused_history_;  // as it was when the picture was paused
  StreamRates rates_;
  ViewControls controls_;
  Screen::List list_;         // of the picture that is shown
  ProbeSnapshot reset_from_;  // what is taken off the shown counters
  Nanoseconds next_show_ = 0;
  Nanoseconds next_status_ = 0;
};

// Has them run, in this process or in an agent, and calls `run`; with --detach they are left to
// the agent at once. Returns the exit code.
[[nodiscard]] int run_streams(const WantedStreams& wanted, const CommandParts& parts,
                              const std::function<int(const StreamCommand::Run&)>& run);

}  // namespace mcast::cli
