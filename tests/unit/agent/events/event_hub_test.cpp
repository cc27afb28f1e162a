// Events for many listeners: who gets what, who loses what.
#include "agent/events/event_hub.h"

#include <gtest/gtest.h>

#include <string>

namespace mcast::agent {
namespace {

class StandingClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override { return now; }
  [[nodiscard]] Nanoseconds realtime() const override { return 1'773'500'966 * kSecond + now; }
  Nanoseconds now = 0;
};

bool all(std::string_view /*stream*/) {
  return true;
}

void publish(EventHub& hub, const std::string& stream, int number) {
  hub.publish("stall", stream, "{\"number\":" + std::to_string(number) + "}");
}

TEST(EventHub, GivesEachListenerWhatComesAfterItsPlace) {
  EventHub hub;
  publish(hub, "a", 1);
  publish(hub, "b", 2);
  const auto all = hub.take(0, 10);
  ASSERT_EQ(all.events.size(), 2U);
  EXPECT_EQ(all.events[0].id, 1U);
  EXPECT_EQ(all.events[1].stream, "b");
  EXPECT_EQ(all.dropped, 0U);
  EXPECT_EQ(hub.take(1, 10).events.size(), 1U);
  EXPECT_TRUE(hub.take(2, 10).events.empty());
}

TEST(EventHub, TellsASlowListenerHowManyItHasLost) {
  EventHub hub;
  for (int i = 0; i < static_cast<int>(EventHub::kRemembered) + 100; ++i) publish(hub, "a", i);
  const auto batch = hub.take(10, 5);
  EXPECT_EQ(batch.dropped, 90U);
  ASSERT_EQ(batch.events.size(), 5U);
  EXPECT_EQ(batch.events.front().id, 101U);
  EXPECT_EQ(batch.events.front().data, "{\"number\":100}");
}

TEST(EventHub, WakesItsListenersUntilTheyAreGone) {
  EventHub hub;
  int woken = 0;
  auto listener = hub.subscribe([&] { ++woken; });
  publish(hub, "a", 1);
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(hub.take(0, 10).events.size(), 1U);
  listener.reset();
  publish(hub, "a", 2);
  EXPECT_EQ(woken, 1);
}

TEST(EventHub, WakesItsListenersAtTheEnd) {
  EventHub hub;
  int woken = 0;
  const auto listener = hub.subscribe([&] { ++woken; });
  hub.close();
  EXPECT_EQ(woken, 1);
  EXPECT_TRUE(hub.take(0, 10).closed);
}

TEST(EventSource, SaysWhatHappensFromNowOn) {
  EventHub hub;
  const StandingClock clock;
  publish(hub, "a", 1);
  EventSource source(hub, clock, all, std::nullopt);
  publish(hub, "a", 2);
  EXPECT_EQ(source.next(), "id: 2\nevent: stall\ndata: {\"number\":2}\n\n");
}

TEST(EventSource, GoesOnWhereAClientHasLeftOff) {
  EventHub hub;
  const StandingClock clock;
  for (int i = 1; i <= 3; ++i) publish(hub, "a", i);
  EventSource source(hub, clock, all, 1);
  EXPECT_EQ(source.next(),
            "id: 2\nevent: stall\ndata: {\"number\":2}\n\n"
            "id: 3\nevent: stall\ndata: {\"number\":3}\n\n");
}

TEST(EventSource, AfterARestartOfTheAgentSaysSoAndGivesAllThatIsLeft) {
  for (const std::uint64_t id_of_another_run : {7U, 1'000'007U}) {
    EventHub hub(1'000'000);
    const StandingClock clock;
    publish(hub, "a", 1);
    EventSource source(hub, clock, all, id_of_another_run);
    publish(hub, "a", 2);
    EXPECT_EQ(source.next(),
              "id: 1000000\nevent: dropped\n"
              "data: {\"event\":\"dropped\",\"time\":\"2026-03-14T15:09:26.000000Z\","
              "\"events\":null}\n\n"
              "id: 1000001\nevent: stall\ndata: {\"number\":1}\n\n"
              "id: 1000002\nevent: stall\ndata: {\"number\":2}\n\n");
  }
}

TEST(EventSource, LeavesOutOtherStreams) {
  EventHub hub;
  const StandingClock clock;
  const auto of_video = [](std::string_view stream) { return stream.starts_with("video-"); };
  EventSource source(hub, clock, of_video, std::nullopt);
  publish(hub, "audio", 1);
  publish(hub, "video-1", 2);
  EXPECT_EQ(source.next(), "id: 2\nevent: stall\ndata: {\"number\":2}\n\n");
}

TEST(EventSource, SaysFirstHowManyAreLost) {
  EventHub hub;
  const StandingClock clock;
  EventSource source(hub, clock, all, 0);
  for (int i = 1; i <= static_cast<int>(EventHub::kRemembered) + 7; ++i) publish(hub, "a", i);
  const auto text = source.next();
  ASSERT_TRUE(text);
  EXPECT_TRUE(text->starts_with(
      "id: 7\nevent: dropped\n"
      "data: {\"event\":\"dropped\",\"time\":\"2026-03-14T15:09:26.000000Z\",\"events\":7}\n\n"
      "id: 8\nevent: stall\n"))
      << text->substr(0, 300);
}

TEST(EventSource, SpeaksUpWhenThereIsNothingToSay) {
  EventHub hub;
  StandingClock clock;
  EventSource source(hub, clock, all, std::nullopt);
  clock.now = EventSource::kHeartbeat;
  EXPECT_EQ(source.next(), ": nothing new\nid: 0\n\n");
  EXPECT_EQ(source.next(), "");
  hub.close();
  EXPECT_EQ(source.next(), std::nullopt);
  EXPECT_TRUE(source.greeting().starts_with("retry: 1000\nid: 0\n"));
}

}  // namespace
}  // namespace mcast::agent
