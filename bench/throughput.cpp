// As fast as the send engine sends (UDP_SEGMENT) into the receive engine
// (UDP_GRO), for a rate that no machine reaches; IPv6 beside IPv4.
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/benchmarks.h"
#include "bench/receivers.h"
#include "bench/task_time.h"
#include "probe/send_engine.h"

namespace mcast::bench {
namespace {

constexpr std::chrono::seconds kDuration{3};

// The rates that were reached, to compare the next one with.
std::vector<double> measure(std::size_t size, const std::string& name, int runs, Report& report,
                            Family family, const std::vector<double>& ipv4 = {}) {
  const SystemClock clock;
  Figure rate{.what = "engine to engine, " + name + " bytes", .unit = "Mpps", .values = {}};
  if (!ipv4.empty()) {
    rate.against = "of IPv4";
    rate.against_values = ipv4;
  }
  Figure lost{.what = "  packets lost or dropped", .unit = "packets", .values = {}};
  Figure cpu{.what = "  CPU of the receive thread a packet",
             .unit = "ns",
             .values = {},
             .at_most = std::nullopt,
             .against = "of the send thread",
             .against_values = {}};
  for (int run = 0; run < runs; ++run) {
    const Cable cable;
    const auto addresses = groups(1, family);
    EngineReceiver receiver(cable, addresses, clock);
    double seconds = 0;
    double sent = 0;
    double send_cpu = 0;
    {
      const auto engine = value_of(SendEngine::start(clock, [] { return 1U; }));
      SenderSpec spec;
      spec.group = addresses[0];
      spec.packets_per_second = 20e6;
      spec.size = size;
      const StreamId id = engine->add(spec);
      const Nanoseconds started = clock.monotonic();
      cable.sending.enter(
          [&] { (void)value_of(engine->attach(id, cable.sending_ifindex, kInterface)); });
      // The span that is measured: rates are per second of it.
      std::this_thread::sleep_for(kDuration);
      const pid_t thread = thread_named("mcast-send");
      engine->detach(id, "over");
      seconds = to_seconds(clock.monotonic() - started);
      send_cpu = static_cast<double>(thread_time(thread));
      sent = static_cast<double>(engine->snapshot().front().packets);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const Receiver::Count count = receiver.count();
    rate.values.push_back(sent / seconds / 1e6);
    lost.values.push_back(sent - static_cast<double>(count.packets));
    cpu.values.push_back(static_cast<double>(thread_time(receiver.thread())) /
                         static_cast<double>(count.packets));
    cpu.against_values.push_back(send_cpu / sent);
  }
  const std::vector<double> rates = rate.values;
  for (Figure* each : {&rate, &lost, &cpu}) report.add(std::move(*each));
  return rates;
}

}  // namespace

void measure_throughput(int runs, Report& report) {
  for (const auto& [size, name] : {std::pair(32, "32"), {200, "200"}, {1'400, "1,400"}}) {
    const auto bytes = static_cast<std::size_t>(size);
    const auto ipv4 = measure(bytes, name, runs, report, Family::kIpv4);
    (void)measure(bytes, std::string("IPv6, ") + name, runs, report, Family::kIpv6, ipv4);
  }
}

}  // namespace mcast::bench
