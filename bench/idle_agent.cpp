// What the demonstration (one sender, one receiver, the loopback interface) costs
// a host while nobody looks.
#include <chrono>
#include <thread>
#include <vector>

#include "bench/benchmarks.h"
#include "bench/task_time.h"
#include "tests/netns/agent.h"
#include "tests/netns/failure.h"
#include "tests/netns/namespace.h"
#include "tests/netns/process.h"

namespace mcast::bench {

void measure_idle_agent(int runs, Report& report) {
  using std::chrono::seconds;
  Figure resident{
      .what = "idle agent, resident memory after 5 s", .unit = "MB", .values = {}, .at_most = 15};
  Figure cpu{.what = "idle agent, CPU over 10 s", .unit = "%", .values = {}};
  for (int run = 0; run < runs; ++run) {
    const test::Namespace host("host");
    test::Process process({test::agent_binary()},
                          {.namespace_fd = host.fd(), .input = {}, .inherited = {}});
    // The span is what is measured: memory after it, and then CPU over the next one.
    std::this_thread::sleep_for(seconds(5));
    if (!process.running()) test::fail_with("the agent ended: " + process.standard_error());
    resident.values.push_back(resident_bytes(process.pid()) / 1e6);
    const SystemClock clock;
    const Nanoseconds started = clock.monotonic();
    const Nanoseconds used = process_time(process.pid());
    std::this_thread::sleep_for(seconds(10));  // the span over which CPU is measured
    cpu.values.push_back(100 * static_cast<double>(process_time(process.pid()) - used) /
                         static_cast<double>(clock.monotonic() - started));
  }
  report.add(std::move(resident));
  report.add(std::move(cpu));
}

}  // namespace mcast::bench
