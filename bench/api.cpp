// The API of an agent with 1,000 receivers at 25 packets a second each: how long the list
// of all takes, what it costs to ask for it once a second as the page does, how late events
// come, and whether hostile clients cost packets.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "bench/benchmarks.h"
#include "bench/cable.h"
#include "bench/task_time.h"
#include "bench/traffic.h"
#include "tests/netns/agent.h"
#include "tests/netns/http.h"

namespace mcast::bench {
namespace {

using nlohmann::json;

constexpr std::size_t kReceivers = 1'000;
constexpr Nanoseconds kDuration = 5 * kSecond;
constexpr std::size_t kHostile = 1'000;
constexpr int kEvents = 20;

// Some of them say nothing, and others a byte of a request now and then.
class HostileClients {
 public:
  explicit HostileClients(const Cable& cable) {
    for (std::size_t i = 0; i < kHostile; ++i) {
      sockets_.push_back(test::connect_to(cable.receiving, 19779));
    }
  }
  void say_a_byte() {
    const std::string_view request =
        "GET /metrics HTTP/1.1\r\nHost: a.long.name.that.takes.its.time";
    const char byte = request[said_++ % request.size()];
    for (std::size_t i = 0; i < sockets_.size(); i += 2) {
      (void)::send(sockets_[i].get(), &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
  }

 private:
  std::vector<FileDescriptor> sockets_;
  std::size_t said_ = 0;
};

// From what an event says of its own time until it is here.
std::vector<double> event_delays(const test::Agent& agent) {
  const SystemClock clock;
  std::vector<double> delays;
  for (int i = 0; i < kEvents; ++i) {
    const FileDescriptor listener = test::connect_to(agent.api_socket());
    std::thread asking;
    bool asked = false;
    const std::string text = test::read_events(listener, "/api/v1/events", [&](const auto& so_far) {
      if (!asked && so_far.find(": mcast-agent") != std::string::npos) {
        asked = true;
        asking = std::thread([&agent, i] {
          (void)agent.api("POST", "/api/v1/senders",
                          json{{"group", "239.7.7.7"},
                               {"name", "s" + std::to_string(i)},
                               {"interface", "eth1"},
                               {"packets", 1}}
                              .dump());
        });
      }
      return so_far.find("stream-added") != std::string::npos && so_far.ends_with("\n\n");
    });
    const Nanoseconds arrived = clock.realtime();
    asking.join();
    const auto at = text.find("\"time\":\"");
    // The fraction of a second is enough: it is not late by more than one.
    const auto micros = std::stoll(text.substr(at + 8 + 20, 6));
    const Nanoseconds late = (arrived % kSecond - micros * kMicrosecond + kSecond) % kSecond;
    delays.push_back(static_cast<double>(late) / kMillisecond);
  }
  return delays;
}

}  // namespace

void measure_api(int runs, Report& report) {
  Figure list{.what = "API list of 1,000 receivers under traffic",
              .unit = "ms",
              .values = {},
              .at_most = 20};
  Figure page{.what = "  asked for once a second, CPU of the agent for it",
              .unit = "%",
              .values = {},
              .at_most = 5};
  Figure events{.what = "  event until it is with its client, worst of 20",
                .unit = "ms",
                .values = {},
                .at_most = 50};
  Figure hostile{
      .what = "  /metrics beside 1,000 idle and slow clients", .unit = "ms", .values = {}};
  Figure missing{
      .what = "  packets lost beside all that", .unit = "packets", .values = {}, .at_most = 0};
  for (int run = 0; run < runs; ++run) {
    const Cable cable;
    test::Agent agent(cable.receiving,
                      test::receiver_configuration({.group = "239.1.0.0", .more = "count: 1000"}));
    Traffic traffic(cable, groups(kReceivers), 25);
    std::atomic<bool> over{false};
    std::atomic<std::uint64_t> sent{0};
    std::thread sending([&] {
      while (!over) sent += traffic.run(kSecond / 10);
    });
    const SystemClock clock;
    const auto timed = [&](const std::string& path) {
      const Nanoseconds before = clock.monotonic();
      (void)test::http_get(cable.receiving, path);
      return static_cast<double>(clock.monotonic() - before) / kMillisecond;
    };
    std::vector<double> lists(20);
    for (double& milliseconds : lists) milliseconds = timed("/api/v1/receivers");
    list.values.push_back(median(lists));

    // The same time without and with the questions.
    const auto used_in = [&](bool asking) {
      const Nanoseconds before = process_time(agent.process().pid());
      const Nanoseconds started = clock.monotonic();
      for (int i = 0; i < kDuration / kSecond; ++i) {
        if (asking) {
          (void)test::http_get(cable.receiving, "/api/v1/receivers");
          (void)test::http_get(cable.receiving, "/api/v1/senders");
        }
        std::this_thread::sleep_until(std::chrono::steady_clock::time_point(
            std::chrono::nanoseconds(started + (i + 1) * kSecond)));
      }
      return 100 * static_cast<double>(process_time(agent.process().pid()) - before) /
             static_cast<double>(clock.monotonic() - started);
    };
    const double without = used_in(false);
    page.values.push_back(used_in(true) - without);
    const auto delays = event_delays(agent);
    events.values.push_back(*std::ranges::max_element(delays));
    {
      HostileClients clients(cable);
      std::vector<double> scrapes;
      for (int i = 0; i < 20; ++i) {
        clients.say_a_byte();
        scrapes.push_back(timed("/metrics"));
      }
      hostile.values.push_back(median(scrapes));
    }
    over = true;
    sending.join();
    // Longer than the receive thread gathers packets (4 ms); what is not there then is lost, and
    // shows as such.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const json answer =
        json::parse(test::http_get(cable.receiving, "/api/v1/receivers?name=video-*").body);
    std::uint64_t arrived = 0;
    for (const json& receiver : answer.at("receivers")) {
      for (const json& sender : receiver.at("senders")) {
        arrived += sender.at("packets").get<std::uint64_t>();
      }
    }
    missing.values.push_back(static_cast<double>(sent) - static_cast<double>(arrived));
  }
  for (Figure* each : {&list, &page, &events, &hostile, &missing}) report.add(std::move(*each));
}

}  // namespace mcast::bench
