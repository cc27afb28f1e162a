// The whole agent with 1,000 receivers at 25 packets a second each, scraped ten
// times a second: no packet may be lost by that.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
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

constexpr std::size_t kReceivers = 1'000;
constexpr Nanoseconds kDuration = 5 * kSecond;
constexpr std::chrono::milliseconds kEvery{100};

// The sum over all series with this name.
double sum_of(std::string_view name, std::string_view text) {
  double sum = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t space = line.rfind(' ');
    if (!line.starts_with(name) || space == std::string_view::npos) continue;
    if (line[name.size()] != '{' && line[name.size()] != ' ') continue;
    double value = 0;
    std::from_chars(line.data() + space + 1, line.data() + line.size(), value);
    sum += value;
  }
  return sum;
}

}  // namespace

void measure_scrapes(int runs, Report& report) {
  Figure scrape{.what = "agent with 1,000 receivers, a scrape", .unit = "ms", .values = {}};
  Figure missing{.what = "  packets lost at 25 kpps and 10 scrapes a second",
                 .unit = "packets",
                 .values = {},
                 .at_most = 0};
  Figure resident{.what = "  resident memory", .unit = "MB", .values = {}};
  for (int run = 0; run < runs; ++run) {
    const Cable cable;
    test::Agent agent(cable.receiving,
                      test::receiver_configuration({.group = "239.1.0.0", .more = "count: 1000"}));
    Traffic traffic(cable, groups(kReceivers), 25);
    std::vector<double> took;
    std::atomic<bool> over{false};
    std::string trouble;
    std::thread scraping([&] {
      const SystemClock clock;
      try {
        while (!over) {
          const Nanoseconds before = clock.monotonic();
          (void)test::http_get(cable.receiving, "/metrics");
          took.push_back(static_cast<double>(clock.monotonic() - before) / kMillisecond);
          std::this_thread::sleep_for(kEvery);  // the pace of the scrapes
        }
      } catch (const test::Failure& failure) {
        trouble = failure.what();
      }
    });
    const auto sent = static_cast<double>(traffic.run(kDuration));
    // One more scrape, and time for the packets that were sent last: what is not there then is
    // told as lost.
    std::this_thread::sleep_for(kEvery);
    over = true;
    scraping.join();
    if (!trouble.empty()) test::fail_with(trouble);
    const std::string text = test::http_get(cable.receiving, "/metrics").body;
    missing.values.push_back(sent - sum_of("mcast_receiver_packets_total", text) +
                             sum_of("mcast_socket_drops_total", text));
    scrape.values.push_back(median(took));
    resident.values.push_back(resident_bytes(agent.process().pid()) / 1e6);
  }
  for (Figure* each : {&scrape, &missing, &resident}) report.add(std::move(*each));
}

}  // namespace mcast::bench
