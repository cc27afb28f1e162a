#include "agent/run/network_watch.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <set>
#include <utility>

#include "base/thread.h"
#include "netlink/proc/source_filter_anchor.h"
#include "netlink/rtnetlink/link_monitor.h"

namespace mcast::agent {
namespace {

// How often silent receivers are looked for, and what no notification tells is read.
constexpr Nanoseconds kTick = kSecond;
// From a change of interfaces, addresses or routes to the reading of them, and the least
// from one reading to the next.
constexpr Nanoseconds kSettle = 20 * kMillisecond;
constexpr Nanoseconds kMinBetweenReadings = 500 * kMillisecond;

}  // namespace

class NetworkWatch::Loop {
 public:
  Loop(NetworkWatch& watch, std::vector<std::string> igmp_interfaces, netlink::Host host)
      : watch_(watch),
        parts_(watch.parts_),
        igmp_interfaces_(std::move(igmp_interfaces)),
        host_(std::move(host)),
        igmp_(parts_.clock),
        diagnosis_({.host = {.host = host_,
                             .read = [this] { return watch_.read_host(); },
                             .clock = parts_.clock},
                    .silent =
                        [this](const std::set<std::string>& interfaces) {
                          return silent_receivers(interfaces);
                        },
                    .origin = parts_.origin,
                    .igmp = &igmp_,
                    .look_interval = kTick}),
        senders_({.host = host_,
                  .clock = parts_.clock,
                  .senders = [this] { return parts_.senders.snapshot(); },
                  .origin = parts_.origin,
                  .igmp = &igmp_}) {}

  // Before the thread: nothing that happens after start() is missed.
  void open() {
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
    if (const auto opened = igmp_.open()) {
      choose_interfaces();
    } else {
      parts_.log.warning("IGMP is not watched", {{"reason", opened.error().message}});
    }
  }

  void run() {
    watch_.orders_->open();
    read_host();
    Nanoseconds next_tick = parts_.clock.monotonic();
    while (!ending_) {
      wait(std::min({next_tick, read_at_, diagnosis_.next(), senders_.next()}) -
           parts_.clock.monotonic());
      watch_.orders_->run_pending();
      hear_memberships();
      hear_links();
      hear_igmp();
      const Nanoseconds now = parts_.clock.monotonic();
      if (now >= read_at_) read_again(now);
      if (now >= next_tick) {
        next_tick = now + kTick;
        tick();
      }
      examine();
    }
    watch_.orders_->close();
  }

  // Orders of other threads.
  void end() { ending_ = true; }
  void listen_on(const std::vector<std::string>& interfaces) {
    if (interfaces == igmp_interfaces_) return;
    igmp_interfaces_ = interfaces;
    igmp_warnings_.clear();
    choose_interfaces();
  }

 private:
  // Those of the configuration, else every multicast interface; of a bridge and its
  // ports the bridge, because the ports carry the IGMP and MLD of others.
  void choose_interfaces() {
    if (!igmp_.is_open()) return;
    const auto links = host_.links();
    if (!links) {
      parts_.decode_errors.add("netlink", links.error());
      return;
    }
    std::vector<netlink::WatchedInterface> chosen;
    std::set<std::string> missing(igmp_interfaces_.begin(), igmp_interfaces_.end());
    for (const netlink::Link& link : *links) {
      const bool named = missing.erase(link.name) > 0;
      const bool usual = igmp_interfaces_.empty() && link.multicast && link.up && !link.loopback &&
                         link.master == 0;
      if (named || usual) chosen.push_back({.ifindex = link.index});
    }
    for (const std::string& name : missing) {
      warn_of(name, "there is no such interface");
    }
    for (const auto& failure : igmp_.watch(chosen)) {
      const auto link = std::ranges::find(*links, failure.ifindex, &netlink::Link::index);
      if (failure.error.code != ENODEV && link != links->end()) {
        warn_of(link->name, failure.error.message);
      }
    }
    publish_igmp();
  }

  // Once an interface, not with every try.
  void warn_of(const std::string& interface, const std::string& reason) {
    if (std::exchange(igmp_warnings_[interface], reason) == reason) return;
    parts_.log.warning("IGMP is not watched on an interface",
                       {{"interface", interface}, {"reason", reason}});
  }

  void wait(Nanoseconds duration) const {
    // One that failed is left alone until the next tick: it may stay readable.
    const auto fd_unless = [](bool failed, const auto& part) {
      return failed || !part ? -1 : part->fd();
    };
    std::array polled{
        pollfd{.fd = watch_.orders_->fd(), .events = POLLIN, .revents = 0},
        pollfd{.fd = fd_unless(memberships_failed_, memberships_), .events = POLLIN, .revents = 0},
        pollfd{.fd = fd_unless(links_failed_, links_), .events = POLLIN, .revents = 0},
        pollfd{.fd = igmp_.fd(), .events = POLLIN, .revents = 0},
        pollfd{.fd = diagnosis_.fds()[0], .events = POLLIN, .revents = 0}};
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
      read_soon();
      return;
    }
    for (const netlink::MembershipEvent& event : changes->events) {
      {
        const std::scoped_lock lock(watch_.reader_mutex_);
        watch_.reader_.note(event);
      }
      report(event);
    }
    // What is true now must be read again.
    if (changes->lost) read_soon();
  }

  void hear_links() {
    if (!links_ || links_failed_) return;
    const auto changed = links_->drain();
    if (!changed) {
      parts_.decode_errors.add("netlink", changed.error());
      links_failed_ = true;
    }
    if (!changed || *changed) read_soon();
  }

  // Interfaces, addresses or routes changed, or notifications were lost. On a router
  // they change all the time, so that they are not read for each one.
  void read_soon() {
    read_at_ = std::min(
        read_at_, std::max(parts_.clock.monotonic() + kSettle, read_last_ + kMinBetweenReadings));
  }

  void read_again(Nanoseconds now) {
    read_last_ = now;
    read_at_ = kNever;
    choose_interfaces();
    // An interface that goes takes its memberships along without a word.
    read_host();
    diagnosis_.make_due();
    senders_.make_due();
  }

  void hear_igmp() {
    if (igmp_.fd() < 0) return;
    if (const auto drained = igmp_.drain(); !drained) {
      parts_.decode_errors.add("igmp", drained.error());
    }
    publish_igmp();
  }

  void publish_igmp() {
    auto activity = igmp_.heard().activity;
    if (!activity) return;
    for (auto& [family, before] : bad_messages_) {
      std::uint64_t bad = 0;
      for (const auto& on : *activity) bad += on.family == family ? on.bad_messages : 0;
      const std::string message =
          "undecodable " + std::string(membership_protocol(family)) + " message";
      if (bad > before) {
        parts_.decode_errors.add(family == Family::kIpv4 ? "igmp" : "mld",
                                 Error{.message = message, .code = 0}, bad - before);
      }
      before = bad;
    }
    const std::uint64_t dropped = igmp_.dropped();
    const std::scoped_lock lock(watch_.mutex_);
    watch_.known_.igmp_socket_drops = dropped;
    watch_.known_.igmp = std::move(*activity);
    watch_.known_.hears_igmp = true;
  }

  void read_host() {
    const auto read = watch_.read_host();
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
    igmp_.retry();
    if (!links_) choose_interfaces();
    if (!memberships_) read_host();
    publish_igmp();  // a querier that fell silent is gone by now
  }

  ProbeSnapshot silent_receivers(const std::set<std::string>& interfaces) {
    ProbeSnapshot snapshot{
        .receivers = parts_.receivers.snapshot_of_silent(interfaces), .senders = {}, .sockets = {}};
    if (!snapshot.receivers.empty()) snapshot.sockets = parts_.receivers.sockets();
    return snapshot;
  }

  void examine() {
    const Diagnosis::Progress progress = diagnosis_.advance();
    if (const std::uint64_t bad = diagnosis_.malformed() - malformed_; bad > 0) {
      malformed_ += bad;
      parts_.decode_errors.add("packets", Error{.message = "undecodable IP packet", .code = 0},
                               bad);
    }
    if (progress.error) parts_.decode_errors.add("host", *progress.error);
    tell("why nothing arrives", progress.news);
    const bool looks_at_senders = parts_.clock.monotonic() >= senders_.next();
    tell("why a sender does not send", senders_.advance());
    if (!progress.looked && !looks_at_senders) return;
    auto results = diagnosis_.found().results();
    std::ranges::move(senders_.found().results(), std::back_inserter(results));
    const std::scoped_lock lock(watch_.mutex_);
    watch_.known_.findings = std::move(results);
  }

  void tell(std::string_view message, const std::vector<findings::Schedule::New>& news) {
    for (const auto& [subject, finding] : news) {
      parts_.log.warning(message, {{"stream", subject.stream},
                                   {"check", std::string(to_string(finding.check))},
                                   {"seen", finding.seen},
                                   {"meaning", finding.meaning},
                                   {"remedy", finding.remedy}});
    }
  }

  NetworkWatch& watch_;
  const Parts& parts_;
  bool ending_ = false;
  std::vector<std::string> igmp_interfaces_;  // empty: every multicast interface
  netlink::Host host_;
  std::map<int, std::string> names_;            // of interfaces
  std::set<std::pair<int, IpAddress>> joined_;  // at the newest reading, without notifications
  bool has_read_ = false;
  std::optional<netlink::MembershipMonitor> memberships_;
  std::optional<netlink::LinkMonitor> links_;
  ProtocolHearing igmp_;
  bool memberships_failed_ = false;
  bool links_failed_ = false;
  Nanoseconds read_at_ = kNever;
  Nanoseconds read_last_ = 0;
  std::map<Family, std::uint64_t> bad_messages_{{Family::kIpv4, 0}, {Family::kIpv6, 0}};
  std::map<std::string, std::string> igmp_warnings_;  // by interface
  Diagnosis diagnosis_;
  std::uint64_t malformed_ = 0;  // packets that it met so far
  SenderDiagnosis senders_;
};

Result<std::unique_ptr<NetworkWatch>> NetworkWatch::start(
    const Parts& parts, std::vector<std::string> igmp_interfaces) {
  // The thread's own, and that of the reader, which other threads ask as well.
  auto host = netlink::Host::open();
  if (!host) return std::unexpected(host.error());
  auto reader = netlink::HostReader::open("/proc");
  if (!reader) return std::unexpected(reader.error());
  auto orders = CommandQueue::create();
  if (!orders) return std::unexpected(orders.error());
  auto watch = std::make_unique<NetworkWatch>(parts, std::move(*reader), std::move(*orders));
  watch->loop_ = std::make_unique<Loop>(*watch, std::move(igmp_interfaces), std::move(*host));
  watch->loop_->open();
  auto thread = start_thread("mcast-netlink", [loop = watch->loop_.get()] { loop->run(); });
  if (!thread) return std::unexpected(thread.error());
  watch->thread_ = std::move(*thread);
  return watch;
}

NetworkWatch::NetworkWatch(const Parts& parts, netlink::HostReader reader,
                           std::unique_ptr<CommandQueue> orders)
    : parts_(parts), orders_(std::move(orders)), reader_(std::move(reader)) {}

NetworkWatch::~NetworkWatch() {
  if (!thread_.joinable()) return;
  orders_->execute([this] { loop_->end(); });
  thread_.join();
}

void NetworkWatch::watch_igmp_on(const std::vector<std::string>& interfaces) {
  orders_->execute([&] { loop_->listen_on(interfaces); });
}

Result<netlink::HostSnapshot> NetworkWatch::read_host() {
  const std::scoped_lock lock(reader_mutex_);
  return reader_.read();
}

netlink::MembershipSource NetworkWatch::membership_source() const {
  const std::scoped_lock lock(reader_mutex_);
  return reader_.membership_source();
}

NetworkWatch::Known NetworkWatch::known() const {
  const std::scoped_lock lock(mutex_);
  return known_;
}

}  // namespace mcast::agent
