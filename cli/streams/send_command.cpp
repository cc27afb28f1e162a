#include "cli/streams/send_command.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include "api/stream_request_json.h"
#include "base/text.h"
#include "cli/session/agent_session.h"
#include "cli/session/local_session.h"
#include "cli/streams/command_loop.h"
#include "cli/streams/detached_stream.h"
#include "cli/streams/live_terminal.h"
#include "cli/streams/notices.h"
#include "cli/streams/rate_history.h"
#include "cli/streams/send_lines.h"
#include "cli/streams/send_summary.h"
#include "cli/streams/send_view.h"

namespace mcast::cli {
namespace {

constexpr std::string_view kName = "mcast-send";
constexpr Nanoseconds kPictureInterval = 200 * kMillisecond;
constexpr Nanoseconds kStatusInterval = 5 * kSecond;
constexpr Nanoseconds kRateSpan = 5 * kSecond;
// Whether all streams have finished is asked so often; thousands take longer.
constexpr Nanoseconds kAskInterval = 20 * kMillisecond;
constexpr Nanoseconds kAskIntervalAStream = 50 * kMicrosecond;

bool all_finished(const std::vector<SenderSnapshot>& senders) {
  return std::ranges::all_of(
      senders, [](const SenderSnapshot& sender) { return sender.state == SenderState::kFinished; });
}

RateHistory::Totals totals_of(const std::vector<SenderSnapshot>& senders) {
  RateHistory::Totals totals;
  for (const SenderSnapshot& sender : senders) {
    totals.packets += sender.packets;
    totals.bytes += sender.bytes;
  }
  totals.lost = send_errors(senders);
  return totals;
}

class Sending {
 public:
  Sending(const SendOptions& options, const CommandParts& parts, Session& session,
          LiveTerminal terminal, Nanoseconds started)
      : options_(options),
        parts_(parts),
        session_(session),
        terminal_(std::move(terminal)),
        notices_(kName, parts.log, options.json ? parts.err : parts.out, parts.err),
        started_(started) {}

  int run() {
    std::vector<SenderSnapshot> senders = session_.snapshot().senders;
    if (terminal_ == nullptr) {
      // The view says it by itself.
      if (senders.front().spec.group.is_link_local_multicast()) {
        parts_.log.warning("224.0.0.0/24 is link-local: no router forwards it");
      }
      notices_.print_warnings();
      notices_.line(sending_line(senders));
    }
    CommandLoop loop(parts_.clock, parts_.signals, session_, terminal_.get());
    const Nanoseconds ask_interval =
        kAskInterval + static_cast<Nanoseconds>(senders.size()) * kAskIntervalAStream;
    while (true) {
      const Nanoseconds now = parts_.clock.monotonic();
      if (!loop.wait(now + std::min(ask_interval, kPictureInterval))) break;
      senders = session_.snapshot().senders;
      if (all_finished(senders) || !session_.lost().empty()) break;
      show(senders);
    }
    return finish();
  }

 private:
  void show(const std::vector<SenderSnapshot>& senders) {
    const Nanoseconds now = parts_.clock.monotonic();
    if (now < next_show_) return;
    next_show_ = now + kPictureInterval;
    history_.add(now, totals_of(senders));
    if (terminal_ != nullptr) {
      terminal_->draw(send_view(view_of(senders, now), terminal_->size()));
      return;
    }
    notices_.print_warnings();
    if (options_.quiet || options_.json || now < next_status_) return;
    if (next_status_ != 0) {
      notices_.line(status_line(senders, history_.packets_per_second(kRateSpan)));
    }
    next_status_ = now + kStatusInterval;
  }

  [[nodiscard]] SendViewInput view_of(const std::vector<SenderSnapshot>& senders, Nanoseconds now) {
    SendViewInput input;
    input.senders = senders;
    input.history = &history_;
    if (senders.front().local_address) {
      input.local_address = senders.front().local_address->to_string();
    }
    input.elapsed = now - started_;
    input.duration = senders.front().spec.duration;
    input.warnings = notices_.warnings();
    return input;
  }

  int finish() {
    SendResult result;
    session_.settle();
    result.senders = session_.snapshot().senders;
    result.duration_requested_seconds = options_.duration_seconds;
    result.elapsed = parts_.clock.monotonic() - started_;
    // The streams end by themselves; this loop only hears of it a little later.
    const Nanoseconds asked_for = result.senders.front().spec.duration;
    if (asked_for > 0) result.elapsed = std::min(result.elapsed, asked_for);
    const bool nothing_went_out = std::ranges::all_of(
        result.senders, [](const SenderSnapshot& sender) { return sender.packets == 0; });
    terminal_.reset();
    notices_.print_warnings();
    if (options_.json) {
      parts_.out << send_summary(result) << std::flush;
    } else {
      notices_.line(summary_lines(result));
    }
    if (const std::string lost = session_.lost(); !lost.empty()) {
      parts_.err << kName << ": " << lost << "\n";
      return kFailed;
    }
    if (nothing_went_out && send_errors(result.senders) > 0) {
      const SenderSnapshot& first = result.senders.front();
      parts_.err << kName << ": no packet could be sent"
                 << (first.error.empty() ? "" : ": " + printable(first.error, 300))
                 << (first.errors.contains("EPERM")
                         ? "; a firewall on this host may forbid it (see: nft list ruleset)"
                         : "")
                 << "\n";
      return kFailed;
    }
    return kSuccess;
  }

  const SendOptions& options_;
  const CommandParts& parts_;
  Session& session_;
  LiveTerminal terminal_;
  Notices notices_;
  RateHistory history_;
  Nanoseconds started_;
  Nanoseconds next_show_ = 0;
  Nanoseconds next_status_ = 0;
};

std::string request_of(const SendOptions& options) {
  return api::stream_request_json(
      options.streams.front(),
      {.name = options.name, .count = options.streams.size(), .detach = options.detach});
}

}  // namespace

int run_send(const SendOptions& options, const CommandParts& parts) {
  if (options.detach) {
    return run_detached({.command = kName,
                         .socket = *options.agent,
                         .kind = AgentStreams::kSenders,
                         .request = request_of(options),
                         .json = options.json},
                        parts);
  }
  const auto refuse = [&](const Error& error) {
    parts.err << kName << ": " << error.message << "\n";
    return error.code == ENODEV ? kWrongUse : kFailed;
  };
  if (options.agent) {
    const Nanoseconds began = parts.clock.monotonic();
    auto session = AgentSession::start({.clock = parts.clock, .log = parts.log}, *options.agent,
                                       AgentStreams::kSenders, request_of(options));
    if (!session) return refuse(session.error());
    return Sending(options, parts, **session, open_live_terminal(parts), began).run();
  }
  auto session = LocalSession::open({.clock = parts.clock,
                                     .random = parts.random,
                                     .igmp_versions = parts.igmp_versions,
                                     .log = parts.log});
  if (!session) return refuse(session.error());
  const Nanoseconds started = parts.clock.monotonic();
  if (auto running = (*session)->start(options.streams); !running) return refuse(running.error());
  return Sending(options, parts, **session, open_live_terminal(parts), started).run();
}

}  // namespace mcast::cli
