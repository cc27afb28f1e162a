#include "agent/events/event_log.h"

#include <array>
#include <cstdio>

#include "base/dscp.h"
#include "probe/snapshot.h"

namespace mcast::agent {
namespace {

constexpr Nanoseconds kWindow = 10 * kSecond;
constexpr std::uint64_t kLinesAWindow = 5;
constexpr std::size_t kMostWindows = 10'000;

std::string seconds_text(Nanoseconds duration) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.3f", to_seconds(duration));
  return text.data();
}

}  // namespace

// Streams come and go for months.
void EventLog::forget_the_old(Nanoseconds now) {
  if (windows_.size() < kMostWindows) return;
  std::erase_if(windows_, [now](const auto& entry) { return now - entry.second.began >= kWindow; });
}

void EventLog::write(const StreamEvent& event, const std::string& stream) {
  forget_the_old(event.time);
  Window& window = windows_[{event.stream, event.type}];
  if (event.time - window.began >= kWindow) {
    if (window.held_back > 0) {
      log_.info("similar events were not logged",
                {{"stream", stream}, {"events", std::to_string(window.held_back)}});
    }
    window = Window{.began = event.time, .written = 0, .held_back = 0};
  }
  if (window.written == kLinesAWindow) {
    ++window.held_back;
    return;
  }
  ++window.written;

  const std::string source = event.source.to_string();
  const auto high = static_cast<std::uint8_t>(event.value >> 8U);
  const auto low = static_cast<std::uint8_t>(event.value);
  switch (event.type) {
    case StreamEventType::kFirstPacket:
      log_.info("first packet", {{"stream", stream}, {"sender", source}});
      break;
    case StreamEventType::kStall:
      log_.warning("stalled", {{"stream", stream}, {"reason", "no packet for stall_timeout"}});
      break;
    case StreamEventType::kRecovery:
      log_.info("receiving again", {{"stream", stream},
                                    {"sender", source},
                                    {"stalled_seconds", seconds_text(event.duration)}});
      break;
    case StreamEventType::kRestart:
      log_.info("sender restarted",
                {{"stream", stream},
                 {"sender", source},
                 {"sender_id", sender_id_text(static_cast<std::uint32_t>(event.value))}});
      break;
    case StreamEventType::kRemark:
      log_.warning("DSCP remarked on the way", {{"stream", stream},
                                                {"sender", source},
                                                {"sent", describe_dscp(low)},
                                                {"arrived", describe_dscp(high)}});
      break;
    case StreamEventType::kTtlChange:
      log_.info("TTL changed", {{"stream", stream},
                                {"sender", source},
                                {"from", std::to_string(low)},
                                {"to", std::to_string(high)}});
      break;
    case StreamEventType::kBurst:
      log_.info("packets lost", {{"stream", stream},
                                 {"sender", source},
                                 {"packets", std::to_string(event.value)},
                                 {"interruption_seconds", seconds_text(event.duration)}});
      break;
    case StreamEventType::kComplete:
      log_.info("packet limit reached", {{"stream", stream}});
      break;
  }
}

}  // namespace mcast::agent
