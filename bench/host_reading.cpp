// What reading the whole host costs with 10,000 memberships. Most of it is the kernel's:
// /proc/net/igmp walks from its start for every page that it fills.
//
// In CPU time of the thread: nothing in it waits for anybody.
#include <netinet/in.h>
#include <sys/socket.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "bench/benchmarks.h"
#include "bench/cable.h"
#include "bench/task_time.h"
#include "netlink/host_reader.h"

namespace mcast::bench {
namespace {

// "/proc/net" is the namespace of the first thread, whoever asks.
constexpr const char* kProc = "/proc/thread-self";
constexpr std::size_t kMemberships = 10'000;
// The memory for options (net.core.optmem_max) bounds the groups of one socket.
constexpr std::size_t kOfOneSocket = 400;

// They hold what they joined.
std::vector<FileDescriptor> join_all(int ifindex) {
  if (!(std::ofstream("/proc/sys/net/ipv4/igmp_max_memberships") << kMemberships << std::flush)) {
    test::fail_with("igmp_max_memberships cannot be raised");
  }
  std::vector<FileDescriptor> sockets;
  std::size_t joined = 0;
  for (const IpAddress& group : groups(kMemberships)) {
    if (joined++ % kOfOneSocket == 0) {
      sockets.emplace_back(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    }
    ip_mreqn request{};
    request.imr_multiaddr.s_addr = htonl(group.v4_host_order());
    request.imr_ifindex = ifindex;
    if (::setsockopt(sockets.back().get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &request,
                     sizeof request) != 0) {
      test::fail_with("cannot join " + group.to_string());
    }
  }
  return sockets;
}

// Milliseconds of the second reading: the first one has nothing to compare with.
double reading() {
  auto reader = value_of(netlink::HostReader::open(kProc));
  (void)value_of(reader.read());
  const Nanoseconds before = thread_time(this_thread());
  const auto snapshot = value_of(reader.read());
  const Nanoseconds took = thread_time(this_thread()) - before;
  if (snapshot.memberships.size() < kMemberships) test::fail_with("memberships are missing");
  return static_cast<double>(took) / kMillisecond;
}

}  // namespace

void measure_host_reading(int runs, Report& report) {
  Figure figure{.what = "reading a host with 10,000 memberships, by netlink and /proc",
                .unit = "ms",
                .values = {},
                .at_most = 30};
  const Cable cable;
  cable.receiving.enter([&] {
    const auto sockets = join_all(cable.receiving_ifindex);
    for (int run = 0; run < runs; ++run) figure.values.push_back(reading());
  });
  report.add(std::move(figure));
}

}  // namespace mcast::bench
