// The benchmarks, a file each. Every one measures `runs` times, alternating with
// what it is compared to, and adds its figures to the report. They throw
// test::Failure when what they need cannot be set up.
#pragma once

#include "bench/report.h"

namespace mcast::bench {

void measure_tracker(int runs, Report& report);
void measure_receive_engine(int runs, Report& report);
void measure_many_groups(int runs, Report& report);
void measure_schedule(int runs, Report& report);
void measure_throughput(int runs, Report& report);
void measure_snapshots(int runs, Report& report);
void measure_api(int runs, Report& report);
void measure_scrapes(int runs, Report& report);
void measure_host_reading(int runs, Report& report);
void measure_startup(int runs, Report& report);
void measure_idle_agent(int runs, Report& report);

}  // namespace mcast::bench
