// What could not be read or decoded: every error is counted, and of each kind one is logged
// a minute. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "agent/events/event_feed.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

namespace mcast::agent {

class DecodeErrors {
 public:
  static constexpr Nanoseconds kInterval = 60 * kSecond;

  // Both outlive this.
  DecodeErrors(Log& log, const Clock& clock) : log_(log), clock_(clock) {}

  // `where`: "netlink", "igmp", "mld", "packets", "host"; a label of the metric.
  void add(const std::string& where, const Error& error, std::uint64_t times = 1) {
    std::uint64_t unlogged = 0;
    {
      const std::scoped_lock lock(mutex_);
      Entry& entry = entries_[where];
      entry.times += times;
      entry.unlogged += times;
      if (!entry.limit.allow(clock_.monotonic())) return;
      unlogged = std::exchange(entry.unlogged, 0);
    }
    log_.warning(
        "cannot be read or decoded",
        {{"where", where}, {"reason", error.message}, {"times", std::to_string(unlogged)}});
  }

  // Each kind, with 0 where there was no error yet.
  [[nodiscard]] std::map<std::string, std::uint64_t> counts() const {
    const std::scoped_lock lock(mutex_);
    std::map<std::string, std::uint64_t> result;
    for (const auto& [where, entry] : entries_) result.emplace(where, entry.times);
    return result;
  }

 private:
  struct Entry {
    std::uint64_t times = 0;
    std::uint64_t unlogged = 0;  // of these
    LineLimit limit{1, kInterval};
  };

  Log& log_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_{
      {"host", {}}, {"igmp", {}}, {"mld", {}}, {"netlink", {}}, {"packets", {}}};
};

}  // namespace mcast::agent
