#include "cli/streams/send_command.h"

#include <algorithm>
#include <string>

#include "api/stream_json.h"
#include "base/text.h"
#include "cli/streams/send_view.h"
#include "cli/streams/stream_command.h"
#include "cli/streams/stream_totals.h"

namespace mcast::cli {
namespace {

constexpr std::string_view kName = "mcast-send";
// How often is asked whether all streams have finished; of thousands more seldom.
constexpr Nanoseconds kAskInterval = 20 * kMillisecond;
constexpr Nanoseconds kAskIntervalAStream = 50 * kMicrosecond;

class Sending final : public StreamCommand {
 public:
  Sending(const SendOptions& options, const CommandParts& parts, Session& session,
          Nanoseconds started)
      : StreamCommand(parts, session,
                      {.command = kName, .quiet = options.quiet, .json = options.json}, started),
        options_(options) {}

 private:
  const Senders& senders() { return streams().senders; }

  void begin() override {
    // The view says it by itself.
    if (!has_view() && senders().front().spec.group.is_link_local_multicast()) {
      parts_.log.warning("224.0.0.0/24 is link-local: no router forwards it");
    }
  }
  std::string opening_line() override { return sending_line(senders()); }

  // The streams end by themselves.
  Nanoseconds next_turn(Nanoseconds now) override {
    const auto count = static_cast<Nanoseconds>(senders().size());
    return now + std::min(kAskInterval + count * kAskIntervalAStream, kPictureInterval);
  }
  bool turn() override {
    return !std::ranges::all_of(senders(), [](const SenderSnapshot& sender) {
      return sender.state == SenderState::kFinished;
    });
  }

  RateHistory::Totals totals() override {
    const StreamTotals sum = totals_of(senders());
    return {.packets = sum.counters.packets, .bytes = sum.counters.bytes, .lost = sum.failed_sends};
  }
  Screen picture(const ScreenSize& size) override {
    SendViewInput input;
    const SenderSnapshot& first = senders().front();
    fill(input, first.spec.duration);
    input.senders = senders();
    if (first.local_address) input.local_address = first.local_address->to_string();
    return send_view(input, size);
  }
  std::string status(double packets_per_second) override {
    return status_line(senders(), packets_per_second);
  }

  void complete(StreamResult& result) override {
    result.duration_requested_seconds = options_.duration_seconds;
    // The streams end by themselves; this loop only hears of it a little later.
    const Nanoseconds asked_for = senders().front().spec.duration;
    if (asked_for > 0) result.elapsed = std::min(result.elapsed, asked_for);
  }
  std::string summary(const StreamResult& result, bool json) override {
    return json ? sent_json(result) : sent_line(result);
  }
  int conclude(const StreamResult& result) override {
    const StreamTotals sum = totals_of(result.streams.senders);
    if (sum.counters.packets > 0 || sum.failed_sends == 0) return kSuccess;
    const SenderSnapshot& first = result.streams.senders.front();
    complain("no packet could be sent" +
             (first.error.empty() ? "" : ": " + printable(first.error, 300)) +
             (first.errors.contains("EPERM")
                  ? "; a firewall on this host may forbid it (see: nft list ruleset)"
                  : ""));
    return kFailed;
  }

  const SendOptions& options_;
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
  if (options.agent) {
    const Nanoseconds began = parts.clock.monotonic();
    auto session = AgentSession::start({.clock = parts.clock, .log = parts.log}, *options.agent,
                                       AgentStreams::kSenders, request_of(options));
    if (!session) return refuse(kName, parts, session.error());
    return Sending(options, parts, **session, began).run();
  }
  auto session = open_local_session(parts);
  if (!session) return refuse(kName, parts, session.error());
  const Nanoseconds started = parts.clock.monotonic();
  if (auto running = (*session)->start(options.streams); !running) {
    return refuse(kName, parts, running.error());
  }
  return Sending(options, parts, **session, started).run();
}

}  // namespace mcast::cli
