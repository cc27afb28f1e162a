#include "netlink/wire/protocol_activity.h"

#include <algorithm>
#include <utility>

namespace mcast::netlink {
namespace {

// RFC 3376 sections 8.1 to 8.3, RFC 3810 sections 9.1 to 9.3.
constexpr int kDefaultRobustness = 2;
constexpr Nanoseconds kDefaultQueryInterval = 125 * kSecond;
constexpr Nanoseconds kDefaultMaxResponseTime = 10 * kSecond;

// For an answer on its way, and a busy host.
constexpr Nanoseconds kAnswerMargin = kSecond;

// A router starts with up to seven queries (its robustness) at a quarter of its
// interval, and a switch asks out of turn when the spanning tree changes. So many
// intervals must be measured before their longest shortens the time after which a
// querier that does not say its interval counts as gone.
constexpr std::size_t kIntervalsToTrust = 8;

// True when `a` is elected before `b`: present before gone, an address before
// 0.0.0.0, then the lower one.
bool wins(const Querier& a, const Querier& b, Nanoseconds now) {
  const auto rank = [now](const Querier& querier) {
    return std::pair(querier.present_until < now, querier.address.is_unspecified());
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  return a.address < b.address;
}

}  // namespace

const InterfaceActivity* activity_on(const std::vector<InterfaceActivity>& all, int ifindex,
                                     Family family) {
  const auto found = std::ranges::find_if(all, [&](const InterfaceActivity& activity) {
    return activity.ifindex == ifindex && activity.family == family;
  });
  return found == all.end() ? nullptr : &*found;
}

ProtocolActivity::Interface* ProtocolActivity::find_or_add(int ifindex, Family family) {
  auto found = interfaces_.find(ifindex);
  if (found == interfaces_.end()) {
    if (interfaces_.size() >= kMaxInterfaces) return nullptr;
    found = interfaces_.try_emplace(ifindex).first;
    for (Interface& added : found->second) added.shown.ifindex = ifindex;
    found->second[1].shown.family = Family::kIpv6;
  }
  return &found->second[family == Family::kIpv4 ? 0 : 1];
}

bool ProtocolActivity::add(int ifindex, bool hears_reports) {
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    Interface* const interface = find_or_add(ifindex, family);
    if (interface == nullptr) return false;
    interface->shown.hears_reports = hears_reports;
    interface->shown.unanswered = 0;
  }
  return true;
}

void ProtocolActivity::on_bad_message(int ifindex, Family family) {
  if (Interface* const interface = find_or_add(ifindex, family)) ++interface->shown.bad_messages;
}

void ProtocolActivity::on_message(int ifindex, Direction direction,
                                  const MembershipMessage& message, const MessageTimes& times) {
  Interface* const interface = find_or_add(ifindex, message.source.family());
  if (interface == nullptr) return;
  if (message.kind == MessageKind::kQuery) {
    on_query(*interface, direction, message, times);
  } else if (message.kind == MessageKind::kReport && direction == Direction::kOutgoing &&
             message.version >= 1 && message.version <= 3) {
    ++interface->shown.reports_sent[static_cast<std::size_t>(message.version - 1)];
    interface->shown.unanswered = 0;
  }
}

void ProtocolActivity::on_query(Interface& interface, Direction direction,
                                const MembershipMessage& message, const MessageTimes& times) {
  if (const auto reason = message.why_invalid(); !reason.empty()) {
    ++interface.shown.invalid_queries;
    interface.shown.last_invalid = {.source = message.source, .reason = reason, .heard = times};
    return;
  }
  ++interface.shown.queries;
  interface.shown.last_query = times;
  if (message.is_general_query() && direction == Direction::kIncoming &&
      interface.shown.unanswered++ == 0) {
    interface.shown.answer_due = times.monotonic + message.max_response_time + kAnswerMargin;
  }
  HeardQuerier* const querier = querier_of(interface, message.source, times.monotonic);
  if (querier == nullptr) return;
  ++querier->shown.queries;
  querier->shown.version = message.version;
  querier->shown.outgoing = direction == Direction::kOutgoing;
  querier->shown.robustness = message.robustness;
  querier->said_interval = message.query_interval;
  // A query for a group carries the Last Member Query Time instead.
  if (message.is_general_query()) {
    querier->max_response_time = message.max_response_time;
    measure(*querier, times.monotonic);
  }
  querier->shown.last_query = times;
  judge(*querier);
}

// Where there is no room, whoever loses the election makes some, the new one too:
// forged queries do not push out the one that counts.
ProtocolActivity::HeardQuerier* ProtocolActivity::querier_of(Interface& interface,
                                                             const IpAddress& address,
                                                             Nanoseconds now) {
  auto& queriers = interface.queriers;
  const auto found =
      std::ranges::find(queriers, address, [](const HeardQuerier& q) { return q.shown.address; });
  if (found != queriers.end()) return &*found;
  HeardQuerier added;
  added.shown.address = address;
  added.shown.present_until = now;
  added.max_response_time = kDefaultMaxResponseTime;
  if (queriers.size() < kMaxQueriers) return &queriers.emplace_back(std::move(added));
  const auto last = std::ranges::max_element(
      queriers,
      [now](const HeardQuerier& a, const HeardQuerier& b) { return wins(a.shown, b.shown, now); });
  if (!wins(added.shown, last->shown, now)) return nullptr;
  *last = std::move(added);
  return &*last;
}

// A silence after which it counted as gone is no interval between queries.
void ProtocolActivity::measure(HeardQuerier& querier, Nanoseconds now) {
  if (querier.last_general && now <= querier.shown.present_until) {
    querier.intervals.push_back(now - *querier.last_general);
    if (querier.intervals.size() > kIntervalsToTrust) querier.intervals.pop_front();
  } else {
    querier.intervals.clear();
  }
  querier.last_general = now;
}

void ProtocolActivity::judge(HeardQuerier& querier) {
  Querier& shown = querier.shown;
  const auto& intervals = querier.intervals;
  Nanoseconds present_interval = kDefaultQueryInterval;
  if (querier.said_interval > 0) {
    shown.query_interval = querier.said_interval;
    present_interval = querier.said_interval;
  } else if (!intervals.empty()) {
    // The middle one: neither the first queries of a router that starts nor one that
    // was lost.
    std::vector<Nanoseconds> sorted(intervals.begin(), intervals.end());
    std::ranges::sort(sorted);
    shown.query_interval = sorted[sorted.size() / 2];
    const bool trusted = sorted.size() >= kIntervalsToTrust;
    present_interval = trusted ? sorted.back() : std::max(sorted.back(), kDefaultQueryInterval);
  } else {
    shown.query_interval = kDefaultQueryInterval;
  }
  const int robustness = shown.robustness > 0 ? shown.robustness : kDefaultRobustness;
  shown.present_until =
      shown.last_query.monotonic + robustness * present_interval + querier.max_response_time / 2;
}

std::vector<InterfaceActivity> ProtocolActivity::snapshot(Nanoseconds now_monotonic) const {
  std::vector<InterfaceActivity> result;
  result.reserve(2 * interfaces_.size());
  for (const auto& [ifindex, protocols] : interfaces_) {
    for (const Interface& interface : protocols) {
      InterfaceActivity& shown = result.emplace_back(interface.shown);
      shown.queriers.reserve(interface.queriers.size());
      for (const HeardQuerier& querier : interface.queriers) {
        shown.queriers.push_back(querier.shown);
      }
      std::ranges::sort(shown.queriers, [now_monotonic](const Querier& a, const Querier& b) {
        return wins(a, b, now_monotonic);
      });
      if (!shown.queriers.empty() && shown.queriers.front().present_until >= now_monotonic) {
        shown.querier = shown.queriers.front();
      }
    }
  }
  return result;
}

}  // namespace mcast::netlink
