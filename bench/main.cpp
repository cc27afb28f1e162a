// mcast-bench [--runs N] [NAME...]: measures what docs/decisions/speed.md promises
// and prints one table. Exit status: 0, 1 when something could not be measured,
// 2 for wrong arguments, 3 when a bound is not kept.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iostream>
#include <string_view>
#include <vector>

#include "bench/benchmarks.h"
#include "tests/netns/failure.h"

namespace mcast::bench {
namespace {

struct Benchmark {
  std::string_view name;
  void (*measure)(int runs, Report& report);
  std::string_view what;
};

constexpr std::array kBenchmarks{
    Benchmark{"tracker", measure_tracker, "what a packet costs in the trackers"},
    Benchmark{"receive", measure_receive_engine, "1,000 groups at 25 pps, beside other receivers"},
    Benchmark{"groups", measure_many_groups, "4,000 and 10,000 groups at 25 pps"},
    Benchmark{"schedule", measure_schedule, "when packets leave and when they should"},
    Benchmark{"throughput", measure_throughput, "as fast as it goes, engine to engine"},
    Benchmark{"snapshot", measure_snapshots, "how long a snapshot holds the receive thread"},
    Benchmark{"scrape", measure_scrapes, "an agent with 1,000 receivers that is scraped"},
    Benchmark{"api", measure_api, "its lists, events and hostile clients, under traffic"},
    Benchmark{"host", measure_host_reading, "reading a host with 10,000 memberships"},
    Benchmark{"startup", measure_startup, "engines and agent, until they work"},
    Benchmark{"idle", measure_idle_agent, "memory and CPU of the demonstration"},
};

int usage(std::string_view trouble) {
  std::cerr << "mcast-bench: " << trouble << "\nusage: mcast-bench [--runs N] [NAME...]\n";
  for (const Benchmark& benchmark : kBenchmarks) {
    std::cerr << "  " << benchmark.name << std::string(12 - benchmark.name.size(), ' ')
              << benchmark.what << "\n";
  }
  return 2;
}

int run(const std::vector<std::string_view>& arguments) {
  int runs = 5;
  std::vector<const Benchmark*> chosen;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--runs") {
      if (++i == arguments.size()) return usage("--runs wants a number");
      const std::string_view text = arguments[i];
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), runs);
      if (error != std::errc{} || end != text.data() + text.size() || runs < 1) {
        return usage("--runs wants a number above 0");
      }
      continue;
    }
    const auto* const found = std::ranges::find(kBenchmarks, arguments[i], &Benchmark::name);
    if (found == kBenchmarks.end()) return usage("no such benchmark");
    chosen.push_back(found);
  }
  if (chosen.empty()) {
    for (const Benchmark& benchmark : kBenchmarks) chosen.push_back(&benchmark);
  }
  if (::geteuid() != 0) return usage("needs root, for network namespaces of its own");

  Report report;
  bool complete = true;
  for (const Benchmark* benchmark : chosen) {
    std::cerr << "measuring " << benchmark->name << ": " << benchmark->what << "\n";
    try {
      benchmark->measure(runs, report);
    } catch (const test::Failure& failure) {
      std::cerr << "mcast-bench: " << benchmark->name << ": " << failure.what() << "\n";
      complete = false;
    }
  }
  report.print(std::cout);
  if (!complete) return 1;
  return report.all_bounds_kept() ? 0 : 3;
}

}  // namespace
}  // namespace mcast::bench

int main(int argc, char** argv) {
  return mcast::bench::run(std::vector<std::string_view>(argv + 1, argv + argc));
}
