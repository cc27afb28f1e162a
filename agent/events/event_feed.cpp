#include "agent/events/event_feed.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "api/event_json.h"
#include "api/json_values.h"

namespace mcast::agent {
namespace {

constexpr Nanoseconds kWindow = 10 * kSecond;
// The hub remembers 4,096 events, so that one must not be long.
constexpr std::size_t kReloadErrors = 10;

std::string line_of(const nlohmann::ordered_json& json) {
  return json.dump();
}

}  // namespace

void EventFeed::on_stream_event(const StreamEvent& event, const ReceiverSpec& spec) {
  event_log_.write(event, spec.name);
  const auto json = api::event_json(event, spec.name, spec.group.to_string(),
                                    clock_.realtime() - clock_.monotonic());
  hub_.publish(std::string(api::event_name(event.type)), spec.name, line_of(json));
}

void EventFeed::on_stream_change(const StreamChange& change) {
  const std::string name = change.added ? "stream-added" : "stream-removed";
  hub_.publish(name, change.name,
               line_of({{"event", name},
                        {"time", api::time_text(clock_.realtime())},
                        {"stream", api::valid_utf8(change.name)},
                        {"group", change.group.to_string()},
                        {"kind", to_string(change.kind)},
                        {"origin", to_string(change.origin)}}));
  // Whoever applies a configuration logs its streams in one line.
  if (change.origin == StreamOrigin::kConfigured) return;
  log_.info(change.added ? "stream added" : "stream removed",
            {{"stream", change.name},
             {"kind", std::string(to_string(change.kind))},
             {"group", change.group.to_string()},
             {"origin", std::string(to_string(change.origin))}});
}

void EventFeed::on_reload(const std::vector<std::string>& errors) {
  std::vector<std::string> first(
      errors.begin(),
      errors.begin() + static_cast<std::ptrdiff_t>(std::min(errors.size(), kReloadErrors)));
  if (first.size() < errors.size()) {
    first.push_back("and " + std::to_string(errors.size() - first.size()) + " more");
  }
  // They quote files.
  for (std::string& error : first) error = api::valid_utf8(error);
  hub_.publish("reload", "",
               line_of({{"event", "reload"},
                        {"time", api::time_text(clock_.realtime())},
                        {"successful", errors.empty()},
                        {"errors", first}}));
}

void EventFeed::on_dropped(std::uint64_t events) {
  hub_.publish(
      "dropped", "",
      line_of(
          {{"event", "dropped"}, {"time", api::time_text(clock_.realtime())}, {"events", events}}));
}

void EventFeed::on_membership(const netlink::MembershipEvent& event, const std::string& interface) {
  const auto json = api::membership_event_json(event.joined, interface, event.ifindex, event.group,
                                               clock_.realtime());
  const std::string_view name = event.joined ? "join" : "leave";
  hub_.publish(std::string(name), "", line_of(json));

  const Nanoseconds now = clock_.monotonic();
  if (now - window_began_ >= kWindow) {
    if (held_back_ > 0) {
      log_.info("joins and leaves were not logged", {{"events", std::to_string(held_back_)}});
    }
    window_began_ = now;
    lines_ = 0;
    held_back_ = 0;
  }
  if (lines_ == kMembershipLines) {
    ++held_back_;
    return;
  }
  ++lines_;
  log_.info(event.joined ? "host joined" : "host left",
            {{"interface", interface}, {"group", event.group.to_string()}});
}

}  // namespace mcast::agent
