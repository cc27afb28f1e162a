// The receive engine where many agents would have to be one: thousands of groups.
#include <string>
#include <vector>

#include "bench/benchmarks.h"
#include "bench/receive_cost.h"

namespace mcast::bench {
namespace {

constexpr double kPacketsPerSecond = 25;
constexpr Nanoseconds kDuration = 4 * kSecond;

void measure(std::size_t count, const std::string& name, int runs, Report& report) {
  const SystemClock clock;
  std::vector<double> engine;
  std::vector<double> bare;
  std::vector<double> missing;
  std::vector<double> rate;
  for (int run = 0; run < runs; ++run) {
    const Cable cable;
    const auto addresses = groups(count);
    {
      EngineReceiver receiver(cable, addresses, clock);
      Traffic traffic(cable, addresses, kPacketsPerSecond);
      const ReceiveCost cost = receive_cost(receiver, traffic, kDuration);
      engine.push_back(cost.microseconds);
      missing.push_back(cost.missing + cost.drops);
      rate.push_back(cost.sent_a_second / 1000);
    }
    {
      BareReceiver receiver(cable, addresses, kMillisecond);
      Traffic traffic(cable, addresses, kPacketsPerSecond);
      bare.push_back(receive_cost(receiver, traffic, kDuration).microseconds);
    }
  }
  report.add({.what = "receive engine, " + name + " groups at 25 pps, CPU a packet",
              .unit = "us",
              .values = engine,
              .against = "bare recvmmsg loop, gathers 1 ms too",
              .against_values = bare});
  report.add({.what = "  packets not received, or dropped",
              .unit = "packets",
              .values = missing,
              .at_most = 0});
  report.add({.what = "  packets that the traffic made", .unit = "kpps", .values = rate});
}

}  // namespace

void measure_many_groups(int runs, Report& report) {
  measure(4'000, "4,000", runs, report);
  measure(10'000, "10,000", runs, report);
}

}  // namespace mcast::bench
