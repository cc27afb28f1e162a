#include "agent/run/network_watch.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "findings/examination.h"
#include "netlink/proc/source_filter_anchor.h"
#include "netlink/rtnetlink/link_monitor.h"
#include "netlink/rtnetlink/membership_monitor.h"
#include "netlink/wire/igmp_watch.h"
#include "probe/wire.h"
#include "streams/silent_receivers.h"

namespace mcast::agent {
namespace {

// Silent receivers are looked for, and what no notification tells is read, so often.
constexpr Nanoseconds kTick = kSecond;
// From a change of interfaces, addresses or routes to the look at them, and the least
// from one look to the next.
constexpr Nanoseconds kSettle = 20 * kMillisecond;
constexpr Nanoseconds kLeastBetweenLooks = 500 * kMillisecond;
constexpr Nanoseconds kNever = std::numeric_limits<Nanoseconds>::max();
// How long an examination listens to the wire: the slowest streams that are usual send
// once a second.
constexpr Nanoseconds kExamination = 2 * kSecond;

}  // namespace

class NetworkWatch::Loop {
 public:
  Loop(NetworkWatch& watch, Options options, netlink::Host host)
      : watch_(watch), parts_(watch.parts_), options_(std::move(options)), host_(std::move(host)) {}

  // Before the thread: nothing that happens after start() is missed.
  void open() {
    open_monitors();
    open_igmp();
  }

  void run() {
    const Nanoseconds started = parts_.clock.monotonic();
    igmp_since_ = started;
    read_host();
    Nanoseconds next_tick = started;
    while (true) {
      const Nanoseconds now = parts_.clock.monotonic();
      Nanoseconds until = std::min(next_tick, look_at_);
      if (examination_) until = std::min(until, examination_end_);
      wait(until - now);
      if (!take_orders()) return;
      hear_memberships();
      hear_links();
      hear_igmp();
      if (examination_) examination_->drain();
      const Nanoseconds then = parts_.clock.monotonic();
      if (then >= look_at_) look_again(then);
      if (then >= next_tick) {
        next_tick = then + kTick;
        tick();
      }
      if (examination_ && then >= examination_end_) end_examination();
    }
  }

 private:
  void open_monitors() {
    if (host_.has_netlink()) {
      if (auto opened = netlink::MembershipMonitor::open()) {
        memberships_.emplace(std::move(*opened));
      } else {
        parts_.log.info("joins and leaves are read every second",
                        {{"reason", opened.error().message}});
      }
      if (auto opened = netlink::LinkMonitor::open()) {
        links_.emplace(std::move(*opened));
      } else {
        parts_.decode_errors.add("netlink", opened.error());
      }
    }
  }

  void open_igmp() {
    auto opened = netlink::IgmpWatch::open();
    if (!opened) {
      igmp_error_ = opened.error();
      parts_.log.warning("IGMP is not watched", {{"reason", opened.error().message}});
      return;
    }
    igmp_.emplace(std::move(*opened));
    choose_interfaces();
  }

  // Those of the configuration, else every multicast interface; of a bridge and its
  // ports the bridge, because the ports carry the IGMP of others.
  void choose_interfaces() {
    if (!igmp_) return;
    const auto links = host_.links();
    if (!links) {
      parts_.decode_errors.add("netlink", links.error());
      return;
    }
    std::vector<int> chosen;
    std::set<std::string> missing(options_.igmp_interfaces.begin(), options_.igmp_interfaces.end());
    for (const netlink::Link& link : *links) {
      const bool named = missing.erase(link.name) > 0;
      const bool usual = options_.igmp_interfaces.empty() && link.multicast && link.up &&
                         !link.loopback && link.master == 0;
      if (named || usual) chosen.push_back(link.index);
    }
    for (const std::string& name : missing) {
      complain_of(name, "there is no such interface");
    }
    for (const auto& failure : igmp_->watch(chosen)) {
      const auto link = std::ranges::find(*links, failure.ifindex, &netlink::Link::index);
      if (failure.error.code != ENODEV && link != links->end()) {
        complain_of(link->name, failure.error.message);
      }
    }
    publish_igmp();
  }

  // Once an interface, not with every try.
  void complain_of(const std::string& interface, const std::string& reason) {
    if (std::exchange(igmp_complaints_[interface], reason) == reason) return;
    parts_.log.warning("IGMP is not watched on an interface",
                       {{"interface", interface}, {"reason", reason}});
  }

  // False: the end.
  [[nodiscard]] bool take_orders() {
    std::uint64_t times = 0;
    (void)!::read(watch_.wake_.get(), &times, sizeof times);
    std::optional<std::vector<std::string>> interfaces;
    {
      const std::scoped_lock lock(watch_.mutex_);
      if (watch_.ending_) return false;
      interfaces = std::exchange(watch_.igmp_interfaces_, std::nullopt);
    }
    if (interfaces && *interfaces != options_.igmp_interfaces) {
      options_.igmp_interfaces = std::move(*interfaces);
      igmp_complaints_.clear();
      choose_interfaces();
    }
    return true;
  }

  void wait(Nanoseconds duration) const {
    const auto fd_of = [](const auto& part) { return part ? part->fd() : -1; };
    // One that failed is left alone until the next tick: it may stay readable.
    const auto fd_unless = [&](bool failed, const auto& part) { return failed ? -1 : fd_of(part); };
    std::array polled{
        pollfd{.fd = watch_.wake_.get(), .events = POLLIN, .revents = 0},
        pollfd{.fd = fd_unless(memberships_failed_, memberships_), .events = POLLIN, .revents = 0},
        pollfd{.fd = fd_unless(links_failed_, links_), .events = POLLIN, .revents = 0},
        pollfd{.fd = fd_unless(igmp_failed_, igmp_), .events = POLLIN, .revents = 0},
        pollfd{.fd = fd_of(examination_), .events = POLLIN, .revents = 0}};
    const Nanoseconds milliseconds =
        (std::max<Nanoseconds>(duration, 0) + kMillisecond - 1) / kMillisecond;
    (void)::poll(polled.data(), polled.size(), static_cast<int>(milliseconds));
  }

  void hear_memberships() {
    if (!memberships_ || memberships_failed_) return;
    const auto changes = memberships_->drain();
    if (!changes) {
      parts_.decode_errors.add("netlink", changes.error());
      memberships_failed_ = true;
      look_soon();
      return;
    }
    if (!changes->events.empty()) parts_.host_collector.note(changes->events);
    for (const netlink::MembershipEvent& event : changes->events) report(event);
    // What is true now must be read again.
    if (changes->lost) look_soon();
  }

  void hear_links() {
    if (!links_ || links_failed_) return;
    const auto changed = links_->drain();
    if (!changed) {
      parts_.decode_errors.add("netlink", changed.error());
      links_failed_ = true;
    }
    if (!changed || *changed) look_soon();
  }

  // Interfaces, addresses or routes changed, or notifications were lost. On a router
  // they change all the time, so that looking is not done for each one.
  void look_soon() {
    look_at_ = std::min(look_at_,
                        std::max(parts_.clock.monotonic() + kSettle, looked_ + kLeastBetweenLooks));
  }

  void look_again(Nanoseconds now) {
    looked_ = now;
    look_at_ = kNever;
    choose_interfaces();
    // An interface that goes takes its memberships along without a word.
    read_host();
    schedule_.look_again(now);
  }

  void hear_igmp() {
    if (!igmp_ || igmp_failed_) return;
    const auto drained = igmp_->drain(parts_.clock);
    if (!drained) {
      parts_.decode_errors.add("igmp", drained.error());
      igmp_failed_ = true;
    }
    publish_igmp();
  }

  void publish_igmp() {
    auto activity = igmp_->activity().snapshot(parts_.clock.monotonic());
    std::uint64_t bad = 0;
    for (const auto& interface : activity) bad += interface.bad_messages;
    if (bad > bad_igmp_) {
      parts_.decode_errors.add("igmp", Error{.message = "undecodable IGMP message", .code = 0},
                               bad - bad_igmp_);
    }
    bad_igmp_ = bad;
    const auto dropped = igmp_->dropped();
    const std::scoped_lock lock(watch_.mutex_);
    if (dropped) watch_.igmp_socket_drops_ = *dropped;
    watch_.igmp_ = std::move(activity);
    watch_.hears_igmp_ = true;
  }

  void read_host() {
    const auto read = parts_.host_collector.read();
    if (!read) {
      parts_.decode_errors.add("host", read.error());
      return;
    }
    names_.clear();
    for (const netlink::Link& link : read->links) names_.emplace(link.index, link.name);
    if (!memberships_) report_changes(*read);
  }

  void report(const netlink::MembershipEvent& event) {
    if (!parts_.on_membership || netlink::is_source_filter_anchor(event.ifindex, event.group)) {
      return;
    }
    const auto name = names_.find(event.ifindex);
    parts_.on_membership(event, name == names_.end() ? "" : name->second);
  }

  // Where nobody tells of joins and leaves: what differs between two readings.
  void report_changes(const netlink::HostSnapshot& host) {
    std::set<std::pair<int, IpAddress>> now;
    for (const netlink::Membership& entry : host.memberships)
      now.emplace(entry.ifindex, entry.group);
    if (has_read_) {
      for (const auto& [ifindex, group] : now) {
        if (!joined_.contains({ifindex, group})) report({true, ifindex, group});
      }
      for (const auto& [ifindex, group] : joined_) {
        if (!now.contains({ifindex, group})) report({false, ifindex, group});
      }
    }
    joined_ = std::move(now);
    has_read_ = true;
  }

  void tick() {
    memberships_failed_ = false;
    links_failed_ = false;
    igmp_failed_ = false;
    if (!links_) choose_interfaces();
    if (!memberships_) read_host();
    if (igmp_) publish_igmp();  // a querier that fell silent is gone by now
    if (!examination_) begin_examination();
  }

  // What the silent receivers have got so far, for Examination.
  const std::vector<findings::Subject>& look_at_silent() {
    const auto receivers = parts_.receivers.snapshot_of_silent();
    silent_.look(receivers,
                 receivers.empty() ? std::vector<SocketSnapshot>{} : parts_.receivers.sockets());
    return silent_.subjects();
  }

  void begin_examination() {
    const Nanoseconds now = parts_.clock.monotonic();
    schedule_.set_silent(look_at_silent(), now);
    publish_findings();
    auto due = schedule_.due(now);
    if (due.empty()) return;
    examination_.emplace(
        findings::Examination::Parts{
            .host = host_,
            .read_host = [this] { return parts_.host_collector.read(); },
            .delivery =
                [this](const findings::Subject& subject) { return silent_.delivery(subject); },
            .igmp = [this] { return watched_igmp(); },
            .clock = parts_.clock,
            .proc_root = "/proc",
            .signature = {kProbeMagicBytes.begin(), kProbeMagicBytes.end()}},
        std::move(due));
    examination_end_ = now + kExamination;
  }

  void end_examination() {
    schedule_.set_silent(look_at_silent(), parts_.clock.monotonic());
    auto outcome = examination_->finish();
    if (const std::uint64_t bad = examination_->malformed(); bad > 0) {
      parts_.decode_errors.add("packets", Error{.message = "undecodable IP packet", .code = 0},
                               bad);
    }
    examination_.reset();
    if (!outcome) {
      parts_.decode_errors.add("host", outcome.error());
      return;
    }
    for (const auto& [subject, finding] :
         schedule_.take(outcome->judged, parts_.clock.monotonic(), parts_.clock.realtime())) {
      parts_.log.warning("why nothing arrives", {{"stream", subject.stream},
                                                 {"check", std::string(to_string(finding.check))},
                                                 {"seen", finding.seen},
                                                 {"meaning", finding.meaning},
                                                 {"remedy", finding.remedy}});
    }
    publish_findings();
  }

  void publish_findings() {
    auto results = schedule_.results();
    const std::scoped_lock lock(watch_.mutex_);
    watch_.findings_ = std::move(results);
  }

  [[nodiscard]] findings::WatchedIgmp watched_igmp() const {
    if (!igmp_) return {.activity = std::unexpected(igmp_error_), .watched = 0};
    const Nanoseconds now = parts_.clock.monotonic();
    return {.activity = igmp_->activity().snapshot(now), .watched = now - igmp_since_};
  }

  NetworkWatch& watch_;
  const Parts& parts_;
  Options options_;
  netlink::Host host_;
  std::map<int, std::string> names_;            // of interfaces
  std::set<std::pair<int, IpAddress>> joined_;  // at the newest reading, without notifications
  bool has_read_ = false;
  std::optional<netlink::MembershipMonitor> memberships_;
  std::optional<netlink::LinkMonitor> links_;
  std::optional<netlink::IgmpWatch> igmp_;
  Error igmp_error_;
  bool memberships_failed_ = false;
  bool links_failed_ = false;
  bool igmp_failed_ = false;
  Nanoseconds look_at_ = kNever;
  Nanoseconds looked_ = 0;
  Nanoseconds igmp_since_ = 0;
  std::uint64_t bad_igmp_ = 0;
  std::map<std::string, std::string> igmp_complaints_;  // by interface
  findings::Schedule schedule_;
  SilentReceivers silent_;
  std::optional<findings::Examination> examination_;
  Nanoseconds examination_end_ = 0;
};

Result<std::unique_ptr<NetworkWatch>> NetworkWatch::start(const Parts& parts, Options options) {
  auto host = netlink::Host::open();
  if (!host) return std::unexpected(host.error());
  FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return fail_errno("eventfd", errno);
  auto watch =
      std::make_unique<NetworkWatch>(parts, std::move(options), std::move(*host), std::move(wake));
  watch->loop_->open();
  try {
    watch->thread_ = std::thread([loop = watch->loop_.get()] {
      ::pthread_setname_np(::pthread_self(), "mcast-netlink");
      loop->run();
    });
  } catch (const std::system_error& error) {
    return fail(std::string("cannot start the netlink thread: ") + error.what());
  }
  return watch;
}

NetworkWatch::NetworkWatch(const Parts& parts, Options options, netlink::Host host,
                           FileDescriptor wake)
    : parts_(parts),
      wake_(std::move(wake)),
      loop_(std::make_unique<Loop>(*this, std::move(options), std::move(host))) {}

NetworkWatch::~NetworkWatch() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  wake();
  thread_.join();
}

void NetworkWatch::wake() const {
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void NetworkWatch::watch_igmp_on(std::vector<std::string> interfaces) {
  {
    const std::scoped_lock lock(mutex_);
    igmp_interfaces_ = std::move(interfaces);
  }
  wake();
}

std::vector<netlink::IgmpInterfaceActivity> NetworkWatch::igmp() const {
  const std::scoped_lock lock(mutex_);
  return igmp_;
}

std::uint64_t NetworkWatch::igmp_socket_drops() const {
  const std::scoped_lock lock(mutex_);
  return igmp_socket_drops_;
}

bool NetworkWatch::hears_igmp() const {
  const std::scoped_lock lock(mutex_);
  return hears_igmp_;
}

std::vector<findings::StreamFindings> NetworkWatch::findings() const {
  const std::scoped_lock lock(mutex_);
  return findings_;
}

}  // namespace mcast::agent
