// How long it takes until the engines and the agent work. The original program
// takes 70 ms for one group.
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "bench/benchmarks.h"
#include "bench/cable.h"
#include "bench/receivers.h"
#include "probe/send_engine.h"
#include "tests/netns/agent.h"
#include "tests/netns/http.h"
#include "tests/netns/metrics.h"
#include "tests/netns/process.h"

namespace mcast::bench {
namespace {

double milliseconds(Nanoseconds time) {
  return static_cast<double>(time) / kMillisecond;
}

// Both engines made, `count` senders and receivers attached.
double engines(std::size_t count) {
  const Cable cable;
  const SystemClock clock;
  const auto addresses = groups(count);
  const Nanoseconds started = clock.monotonic();
  const EngineReceiver receiver(cable, addresses, clock);
  const auto sender = value_of(SendEngine::start(clock, [] { return 1U; }));
  cable.sending.enter([&] {
    for (const IpAddress& group : addresses) {
      SenderSpec spec;
      spec.group = group;
      const StreamId id = sender->add(spec);
      (void)value_of(sender->attach(id, cable.sending_ifindex, kInterface));
    }
  });
  return milliseconds(clock.monotonic() - started);
}

// A receive engine that joins so many groups.
double joins(std::size_t count, Family family) {
  const Cable cable;
  const SystemClock clock;
  const auto addresses = groups(count, family);
  const Nanoseconds started = clock.monotonic();
  const EngineReceiver receiver(cable, addresses, clock);
  return milliseconds(clock.monotonic() - started);
}

// The demonstration, from fork to the answer that it is ready.
double agent() {
  const test::Namespace host("host");
  const SystemClock clock;
  const Nanoseconds started = clock.monotonic();
  test::Process process({test::agent_binary()},
                        {.namespace_fd = host.fd(), .input = {}, .inherited = {}});
  while (clock.monotonic() - started < 10 * kSecond) {
    try {
      if (test::http_get(host, "/-/ready").status == 200) {
        return milliseconds(clock.monotonic() - started);
      }
    } catch (const test::Failure&) {
      // Nobody listens yet.
      if (!process.running()) break;
    }
    // Asked once a millisecond, which is as fine as the figure.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  test::fail_with("the agent did not become ready: " + process.standard_error());
}

}  // namespace

void measure_startup(int runs, Report& report) {
  Figure one{.what = "start of both engines, one stream each", .unit = "ms", .values = {}};
  Figure thousand{.what = "start of both engines, 1,000 streams each", .unit = "ms", .values = {}};
  Figure whole{
      .what = "start of the agent, until ready", .unit = "ms", .values = {}, .at_most = 70};
  Figure of_ipv6{.what = "10,000 receivers of IPv6, until they have joined",
                 .unit = "ms",
                 .values = {},
                 .at_most = 1'500,
                 .against = "of IPv4",
                 .against_values = {}};
  for (int run = 0; run < runs; ++run) {
    of_ipv6.values.push_back(joins(10'000, Family::kIpv6));
    of_ipv6.against_values.push_back(joins(10'000, Family::kIpv4));
    one.values.push_back(engines(1));
    thousand.values.push_back(engines(1'000));
    whole.values.push_back(agent());
  }
  for (Figure* each : {&one, &thousand, &of_ipv6, &whole}) report.add(std::move(*each));
}

}  // namespace mcast::bench
