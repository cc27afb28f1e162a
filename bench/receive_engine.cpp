// The receive engine with 1,000 groups at 25 packets a second each, 200 bytes,
// of both families, beside receivers that do less (a bare loop) and that do it as single-group
// programs do (a socket a group).
#include <vector>

#include "bench/benchmarks.h"
#include "bench/receive_cost.h"

namespace mcast::bench {
namespace {

constexpr std::size_t kGroups = 1'000;
constexpr double kPacketsPerSecond = 25;
constexpr Nanoseconds kDuration = 3 * kSecond;
// As the engine does at this rate (probe/receive_loop.cpp).
constexpr Nanoseconds kGather = 4 * kMillisecond;

struct Costs {
  std::vector<double> microseconds;
  std::vector<double> missing;

  void add(Receiver& receiver, const Cable& cable, Family family = Family::kIpv4) {
    Traffic traffic(cable, groups(kGroups, family), kPacketsPerSecond);
    const ReceiveCost cost = receive_cost(receiver, traffic, kDuration);
    microseconds.push_back(cost.microseconds);
    missing.push_back(cost.missing + cost.drops);
  }
};

}  // namespace

void measure_receive_engine(int runs, Report& report) {
  const SystemClock clock;
  Costs engine;
  Costs of_ipv6;
  Costs gathering;
  Costs at_once;
  Costs socket_per_group;
  for (int run = 0; run < runs; ++run) {
    const Cable cable;
    const auto addresses = groups(kGroups);
    {
      EngineReceiver receiver(cable, addresses, clock);
      engine.add(receiver, cable);
    }
    {
      EngineReceiver receiver(cable, groups(kGroups, Family::kIpv6), clock);
      of_ipv6.add(receiver, cable, Family::kIpv6);
    }
    {
      BareReceiver receiver(cable, addresses, kGather);
      gathering.add(receiver, cable);
    }
    {
      BareReceiver receiver(cable, addresses, 0);
      at_once.add(receiver, cable);
    }
    {
      SocketPerGroupReceiver receiver(cable, addresses);
      socket_per_group.add(receiver, cable);
    }
  }
  constexpr const char* kWhat = "receive engine, 1,000 groups at 25 pps, CPU a packet";
  report.add({.what = kWhat,
              .unit = "us",
              .values = engine.microseconds,
              .at_most = 1.2,
              .against = "bare recvmmsg loop, gathers 4 ms too",
              .against_values = gathering.microseconds});
  report.add({.what = kWhat,
              .unit = "us",
              .values = engine.microseconds,
              .against = "bare recvmmsg loop, reads at once",
              .against_values = at_once.microseconds});
  report.add({.what = kWhat,
              .unit = "us",
              .values = engine.microseconds,
              .against = "a socket a group, epoll and recvfrom",
              .against_values = socket_per_group.microseconds});
  report.add({.what = "  the same of IPv6",
              .unit = "us",
              .values = of_ipv6.microseconds,
              .against = "of IPv4",
              .against_values = engine.microseconds});
  report.add({.what = "  of 75,000 packets of IPv6 not received, or dropped",
              .unit = "packets",
              .values = of_ipv6.missing,
              .at_most = 0});
  report.add({.what = "  of 75,000 packets not received, or dropped",
              .unit = "packets",
              .values = engine.missing,
              .at_most = 0,
              .against = "a socket a group",
              .against_values = socket_per_group.missing});
}

}  // namespace mcast::bench
