// mcast-send: sends to one group or several until time, number or person ends it.
#include <algorithm>
#include <string>

#include "base/text.h"
#include "cli/streams/findings_report.h"
#include "cli/streams/stream_command.h"
#include "cli/streams/stream_names.h"
#include "cli/streams/stream_totals.h"
#include "cli/streams/stream_view.h"

namespace mcast::cli {
namespace {

// How often is asked whether all streams have finished; of thousands more seldom.
constexpr Nanoseconds kAskInterval = 20 * kMillisecond;
constexpr Nanoseconds kAskIntervalAStream = 50 * kMicrosecond;

class Sending final : public StreamCommand {
 public:
  Sending(const SendOptions& options, const Run& run) : StreamCommand(run) {
    const auto count = static_cast<Nanoseconds>(senders().size());
    turn_interval_ = std::min(kAskInterval + count * kAskIntervalAStream, kPictureInterval);
    result_.duration_requested = options.duration;
  }

 private:
  const Senders& senders() { return streams().senders; }

  void begin() override {
    // The view says it by itself.
    if (!has_view() && senders().front().spec.group.is_never_routed()) {
      run_.parts.log.warning(never_routed_warning(senders().front().spec.group));
    }
  }

  // The streams end by themselves.
  bool turn() override {
    for (const auto& [subject, finding] : run_.session.new_findings()) {
      if (!has_view()) {
        complain(finding_line(subject, finding, senders().size() > 1));
      }
    }
    return !std::ranges::all_of(senders(), [](const SenderSnapshot& sender) {
      return sender.state == SenderState::kFinished;
    });
  }

  ViewInput& view_input() override { return view_; }
  void refresh() override {
    view_.senders = shown_streams().senders;
    const SenderSnapshot& first = view_.senders.front();
    view_.duration = first.spec.duration;
    view_.local_address = first.local_address ? first.local_address->to_string() : "";
    view_.findings = findings_report(view_.senders, run_.session.findings());
  }
  Screen picture(const ScreenSize& size) override { return send_view(view_, size); }

  void complete() override {
    // This loop only hears of the streams' end a little later.
    const Nanoseconds asked_for = senders().front().spec.duration;
    if (asked_for > 0) result_.elapsed = std::min(result_.elapsed, asked_for);
  }
  int conclude() override {
    const ReceptionCounters sum = totals_of(senders()).counters;
    if (sum.packets > 0 || sum.lost == 0) return kSuccess;
    const SenderSnapshot& first = senders().front();
    complain("no packet could be sent" +
             (first.error.empty() ? "" : ": " + printable(first.error, 300)) +
             (first.errors.contains("EPERM")
                  ? "; a firewall on this host may forbid it (see: nft list ruleset)"
                  : ""));
    return kFailed;
  }

  SendViewInput view_;
};

int run_send(const SendOptions& options, const CommandParts& parts) {
  return run_streams(
      {.command = "mcast-send",
       .options = options,
       .kind = AgentStreams::kSenders,
       .requests = requests_of(options, options.streams),
       .wants_newest_version = false,
       .start = [&](LocalSession& session) { return session.start(options.streams); }},
      parts, [&](const StreamCommand::Run& run) { return Sending(options, run).run(); });
}

}  // namespace
}  // namespace mcast::cli

int main(int argc, char** argv) {
  using namespace mcast::cli;
  return command_main<SendOptions>("mcast-send", argc, argv, parse_send_options, run_send);
}
