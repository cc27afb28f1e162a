// When the send engine's packets leave and when they should, as the kernel of the
// receiving host stamps them, beside a bare loop (clock_nanosleep to an absolute
// time, sendto) that sends at the same time and half an interval apart.
//
// The zero of a sender's schedule is the earliest that any of its packets was:
// a receiver knows no other, and no packet leaves early.
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <map>
#include <ranges>
#include <string>
#include <thread>
#include <vector>

#include "bench/benchmarks.h"
#include "bench/cable.h"
#include "probe/group_joins.h"
#include "probe/receive_batch.h"
#include "probe/send_engine.h"
#include "probe/socket_options.h"
#include "probe/wire.h"

namespace mcast::bench {
namespace {

constexpr std::uint32_t kEngineId = 1;
constexpr std::uint32_t kBareId = 2;
constexpr Nanoseconds kDuration = 10 * kSecond;
constexpr std::size_t kSize = 200;

struct Stamp {
  std::uint64_t sequence = 0;
  Nanoseconds time = 0;
};
using Stamps = std::map<std::uint32_t, std::vector<Stamp>>;  // by sender ID

// Takes stamps on a thread of its own until stop().
class StampReceiver {
 public:
  StampReceiver(const Cable& cable, const std::vector<IpAddress>& groups) {
    cable.receiving.enter([&] {
      socket_ = value_of(open_receive_socket(Family::kIpv4, kDefaultPort));
      for (const IpAddress& group : groups) {
        (void)value_of(joins_.join(group, std::nullopt, cable.receiving_ifindex));
      }
    });
    thread_ = std::thread([this] { run(); });
  }
  StampReceiver(const StampReceiver&) = delete;
  StampReceiver& operator=(const StampReceiver&) = delete;
  ~StampReceiver() {
    if (thread_.joinable()) (void)stop();
  }
  Stamps stop() {
    running_ = false;
    thread_.join();
    return std::move(stamps_);
  }

 private:
  void run() {
    ReceiveBatch batch;
    pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    while (running_) {
      if (::poll(&readable, 1, 100) <= 0) continue;
      const std::size_t count = batch.read(socket_.get());
      for (std::size_t i = 0; i < count; ++i) {
        const ReceivedDatagram datagram = batch.datagram(i);
        if (const auto header = decode_probe(datagram.data)) {
          stamps_[header->sender_id].push_back({header->sequence, datagram.realtime});
        }
      }
    }
  }

  GroupJoins joins_;
  FileDescriptor socket_;
  Stamps stamps_;
  std::atomic<bool> running_{true};
  std::thread thread_;
};

// The least that a program has to do that keeps a schedule.
void send_bare(const Cable& cable, const IpAddress& group, double rate, Nanoseconds start) {
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  const FileDescriptor socket = cable.sending.socket(AF_INET, SOCK_DGRAM);
  ip_mreqn egress{};
  egress.imr_ifindex = cable.sending_ifindex;
  ::setsockopt(socket.get(), IPPROTO_IP, IP_MULTICAST_IF, &egress, sizeof egress);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(kDefaultPort);
  address.sin_addr.s_addr = htonl(group.v4_host_order());
  sockaddr_storage storage{};
  std::memcpy(&storage, &address, sizeof address);
  std::vector<std::uint8_t> datagram(kSize);
  const double interval = static_cast<double>(kSecond) / rate;
  const auto total = static_cast<std::uint64_t>(static_cast<double>(kDuration) / interval);
  for (std::uint64_t n = 0; n < total; ++n) {
    const Nanoseconds due = start + static_cast<Nanoseconds>(static_cast<double>(n) * interval);
    encode_probe(ProbeHeader{.sequence = n,
                             .send_time = static_cast<std::uint64_t>(due),
                             .sender_id = kBareId,
                             .payload_length = 0,
                             .ttl = 1,
                             .dscp = 0},
                 datagram);
    const timespec until{.tv_sec = due / kSecond, .tv_nsec = due % kSecond};
    while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
    // The socket functions take every address family behind one pointer type.
    if (::sendto(socket.get(), datagram.data(), datagram.size(), 0,
                 reinterpret_cast<const sockaddr*>(&storage), sizeof address) < 0) {
      return;  // shows as packets that are not there
    }
  }
}

struct Errors {
  double p50 = 0;  // ms, all of these
  double p99 = 0;
  double max = 0;
  double drift = 0;     // the last tenth's median less the first tenth's
  double given_up = 0;  // slots
};

Errors errors_of(const std::vector<Stamp>& stamps, double rate) {
  if (stamps.size() < 100) test::fail_with("hardly any packet came");
  const double interval = static_cast<double>(kSecond) / rate;
  std::vector<double> errors;
  for (const Stamp& stamp : stamps) {
    const auto since_first = static_cast<double>(stamp.time - stamps.front().time);
    errors.push_back(since_first - static_cast<double>(stamp.sequence) * interval);
  }
  // The engine gives up slots after a pause, and numbers packets and not slots:
  // lateness that never goes away again, in whole intervals, is such slots. Packets
  // before the first pause may all have been a little late, hence the tolerance.
  constexpr double kTolerance = 0.2;  // of an interval
  const double earliest = std::ranges::min(errors);
  double least_from_here = errors.back();
  double given_up = 0;
  for (double& error : errors | std::views::reverse) {
    least_from_here = std::min(least_from_here, error);
    const double slots = std::floor((least_from_here - earliest) / interval + kTolerance);
    given_up = std::max(given_up, slots);
    error -= slots * interval;
  }
  const double zero = std::ranges::min(errors);
  for (double& error : errors) error = (error - zero) / static_cast<double>(kMillisecond);
  const auto tenth = static_cast<std::ptrdiff_t>(errors.size() / 10);
  const double first = median({errors.begin(), errors.begin() + tenth});
  const double last = median({errors.end() - tenth, errors.end()});
  return {.p50 = quantile(errors, 0.5),
          .p99 = quantile(errors, 0.99),
          .max = quantile(errors, 1),
          .drift = last - first,
          .given_up = given_up};
}

struct Pair {
  Errors engine;
  Errors bare;
};

Pair send_side_by_side(double rate) {
  const Cable cable;
  const auto addresses = groups(2);
  StampReceiver receiver(cable, addresses);
  const SystemClock clock;
  Nanoseconds start = 0;
  const auto engine = value_of(SendEngine::start(clock, [] { return kEngineId; }));
  cable.sending.enter([&] {
    SenderSpec spec;
    spec.group = addresses[0];
    spec.packets_per_second = rate;
    spec.size = kSize;
    spec.duration = kDuration;
    const StreamId id = engine->add(spec);
    (void)value_of(engine->attach(id, cable.sending_ifindex, kInterface));
    start = clock.monotonic();
  });
  const auto half = static_cast<Nanoseconds>(static_cast<double>(kSecond) / rate / 2);
  std::thread bare([&] { send_bare(cable, addresses[1], rate, start + half); });
  bare.join();
  // For packets on their way: the receiver does not know how many there will be.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const Stamps stamps = receiver.stop();
  if (stamps.size() != 2) test::fail_with("not both senders were heard");
  return {.engine = errors_of(stamps.at(kEngineId), rate),
          .bare = errors_of(stamps.at(kBareId), rate)};
}

void measure(double rate, const std::string& name, double at_most, int runs, Report& report) {
  constexpr const char* kAgainst = "bare clock_nanosleep and sendto loop";
  const auto figure = [&](const std::string& what, std::optional<double> bound) {
    return Figure{.what = what,
                  .unit = "ms",
                  .values = {},
                  .at_most = bound,
                  .against = kAgainst,
                  .against_values = {}};
  };
  Figure p50 = figure("schedule error, " + name + ", p50", std::nullopt);
  Figure p99 = figure("schedule error, " + name + ", p99", at_most);
  Figure max = figure("schedule error, " + name + ", max", std::nullopt);
  Figure drift = figure("  drift in 10 s", 0.05);
  Figure given_up{
      .what = "  slots given up after pauses of the machine", .unit = "slots", .values = {}};
  for (int run = 0; run < runs; ++run) {
    const Pair pair = send_side_by_side(rate);
    const auto add = [&](Figure& to, double Errors::* member) {
      to.values.push_back(pair.engine.*member);
      to.against_values.push_back(pair.bare.*member);
    };
    add(p50, &Errors::p50);
    add(p99, &Errors::p99);
    add(max, &Errors::max);
    given_up.values.push_back(pair.engine.given_up);
    drift.values.push_back(std::abs(pair.engine.drift));
    drift.against_values.push_back(std::abs(pair.bare.drift));
  }
  for (Figure* each : {&p50, &p99, &max, &drift, &given_up}) report.add(std::move(*each));
}

}  // namespace

// The bounds are what the original program was seen to do.
void measure_schedule(int runs, Report& report) {
  measure(1'000, "1,000 pps", 0.19, runs, report);
  measure(25, "25 pps", 0.38, runs, report);
}

}  // namespace mcast::bench
