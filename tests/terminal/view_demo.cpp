// Draws the views from made-up snapshots that move with the time, the way the commands
// do: for the tests of the terminal, and to look at.
//
//   view_demo waiting|receiving|stalled|failed|senders|groups|send|send-groups [SECONDS]
//
// Ends after SECONDS, with q, Ctrl-C or SIGTERM; SIGSEGV makes it crash as a bug would.
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "cli/terminal/terminal.h"
#include "tests/terminal/example_snapshots.h"

namespace mcast::test {
namespace {

constexpr int kFrame = 200;  // milliseconds

// For the crash handler, which gets no argument.
std::atomic<const cli::Terminal*> drawn_on = nullptr;

extern "C" void on_crash(int number) {
  if (const cli::Terminal* const terminal = drawn_on.load()) terminal->restore_after_crash();
  // SA_RESETHAND: this time it is the end.
  ::raise(number);
}

class Demo {
 public:
  explicit Demo(std::string scenario) : scenario_(std::move(scenario)) {}

  [[nodiscard]] bool known() const {
    constexpr std::array<std::string_view, 8> kScenarios{
        "waiting", "receiving", "stalled", "failed", "senders", "groups", "send", "send-groups"};
    for (const std::string_view scenario : kScenarios) {
      if (scenario_ == scenario) return true;
    }
    return false;
  }

  [[nodiscard]] cli::Screen picture(Nanoseconds elapsed, const cli::ScreenSize& size) {
    const auto packets = static_cast<std::uint64_t>(elapsed / (40 * kMillisecond));
    // A short loss now and then, a heavy one once.
    const auto seconds = static_cast<std::uint64_t>(elapsed / kSecond);
    const std::uint64_t lost = seconds / 7 + (seconds > 12 ? 15 : 0);
    if (scenario_.starts_with("send") && scenario_ != "senders") {
      history_.add(elapsed, {packets, packets * 200, 0});
      return send(packets, elapsed, size);
    }
    history_.add(elapsed, scenario_ == "waiting" || scenario_ == "failed"
                              ? cli::RateHistory::Totals{}
                              : cli::RateHistory::Totals{packets, packets * 200, lost});
    return receive(packets, lost, elapsed, size);
  }

 private:
  cli::Screen send(std::uint64_t packets, Nanoseconds elapsed, const cli::ScreenSize& size) {
    std::vector<SenderSnapshot> senders(scenario_ == "send" ? 1 : 1000, example_sender(packets));
    for (std::uint32_t i = 0; i < senders.size(); ++i) {
      senders[i].spec.group = senders[i].spec.group.plus(i);
    }
    cli::SendViewInput input = example_input(std::move(senders));
    input.elapsed = elapsed;
    input.history = &history_;
    return cli::send_view(input, size);
  }

  cli::Screen receive(std::uint64_t packets, std::uint64_t lost, Nanoseconds elapsed,
                      const cli::ScreenSize& size) {
    std::vector<ReceiverSnapshot> receivers;
    if (scenario_ == "groups") {
      for (std::uint32_t i = 0; i < 1000; ++i) receivers.push_back(example_group(i, packets));
    } else if (scenario_ == "waiting" || scenario_ == "failed") {
      receivers.push_back(example_waiting_receiver());
    } else {
      receivers.push_back(example_receiver(packets));
      SourceSnapshot& source = receivers[0].sources[0];
      source.counters.lost = lost;
      if (lost > 0) {
        source.gaps.push_back({kExampleNow - 95 * kSecond, 40 * kMillisecond, 1});
        source.longest_interruption = 40 * kMillisecond;
      }
      if (lost > 15) {
        source.gaps.push_back({kExampleNow - 21 * kSecond, 600 * kMillisecond, 15});
        source.longest_interruption = 600 * kMillisecond;
      }
    }
    if (scenario_ == "senders") {
      receivers[0].sources.push_back(example_source("10.2.2.2", packets / 2));
      receivers[0].active_senders = receivers[0].senders_seen = 2;
    }
    if (scenario_ == "stalled") {
      receivers[0].state = ReceiverState::kStalled;
      receivers[0].stalls = 1;
    }
    if (scenario_ == "failed") {
      receivers[0].state = ReceiverState::kFailed;
      receivers[0].error = "there is no interface eth1";
    }
    cli::ReceiveViewInput input = example_input(std::move(receivers));
    input.sockets.push_back({.port = kDefaultPort, .datagrams = packets});
    input.elapsed = elapsed;
    if (scenario_ == "stalled") input.now += elapsed;
    input.history = &history_;
    return cli::receive_view(input, size);
  }

  std::string scenario_;
  cli::RateHistory history_;
};

int run(Demo& demo, Nanoseconds duration) {
  if (!cli::Terminal::usable()) {
    std::cout << "view_demo: not a terminal\n";
    return 1;
  }
  sigset_t ending;
  ::sigemptyset(&ending);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) ::sigaddset(&ending, number);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  const FileDescriptor signals(::signalfd(-1, &ending, SFD_CLOEXEC));
  struct sigaction crash{};
  crash.sa_handler = on_crash;
  crash.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
  ::sigaction(SIGSEGV, &crash, nullptr);

  const char* const no_colour = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  auto terminal = cli::Terminal::open(no_colour == nullptr || *no_colour == '\0');
  if (!terminal) {
    std::cerr << "view_demo: " << terminal.error().message << "\n";
    return 1;
  }
  drawn_on = terminal->get();
  const SystemClock clock;
  const Nanoseconds start = clock.monotonic();
  bool ended = false;
  while (!ended) {
    const Nanoseconds elapsed = clock.monotonic() - start;
    (*terminal)->draw(demo.picture(elapsed, (*terminal)->size()));
    std::array<pollfd, 2> wait{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{signals.get(), POLLIN, 0}};
    ::poll(wait.data(), wait.size(), kFrame);
    if ((wait[0].revents & (POLLHUP | POLLERR)) != 0) ended = true;
    signalfd_siginfo signal{};
    if (wait[1].revents != 0 && ::read(signals.get(), &signal, sizeof signal) > 0) {
      ended = ended || signal.ssi_signo != SIGWINCH;
    }
    while (const auto key = (*terminal)->key()) ended = ended || *key == 'q';
    ended = ended || (duration > 0 && elapsed >= duration);
  }
  drawn_on = nullptr;
  terminal->reset();
  std::cout << "view_demo: ended\n";
  return 0;
}

}  // namespace
}  // namespace mcast::test

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "");  // NOLINT(concurrency-mt-unsafe): before any thread
  mcast::test::Demo demo(argc > 1 ? argv[1] : "");
  if (!demo.known()) {
    std::cerr << "view_demo: which view?\n";
    return 2;
  }
  return mcast::test::run(demo, argc > 2 ? std::atoi(argv[2]) * mcast::kSecond : 0);
}
