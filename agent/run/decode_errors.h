// What could not be read or decoded: every error is counted, and of each kind one is logged
// a minute. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

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

  // `where`: "netlink", "igmp", "packets", "host"; a label of the metric.
  void add(const std::string& where, const Error& error, std::uint64_t times = 1);

  struct Count {
    std::string where;
    std::uint64_t times = 0;
  };
  // Each kind, with 0 where there was no error yet.
  [[nodiscard]] std::vector<Count> counts() const;

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
      {"host", {}}, {"igmp", {}}, {"netlink", {}}, {"packets", {}}};
};

}  // namespace mcast::agent
