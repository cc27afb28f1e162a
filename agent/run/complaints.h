// Complaints about what could not be read or decoded: counted all, logged once a
// minute of each kind. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

namespace mcast::agent {

class Complaints {
 public:
  static constexpr Nanoseconds kInterval = 60 * kSecond;

  // Both outlive this.
  Complaints(Log& log, const Clock& clock) : log_(log), clock_(clock) {}

  // `where`: "netlink", "igmp", "packets", "host"; a label of the metric.
  void add(const std::string& where, const Error& error, std::uint64_t times = 1);

  struct Count {
    std::string where;
    std::uint64_t times = 0;
  };
  // With 0 for each place of `add` that has nothing to complain about yet.
  [[nodiscard]] std::vector<Count> counts() const;

 private:
  struct Entry {
    std::uint64_t times = 0;
    std::uint64_t logged = 0;  // of these
    bool has_logged = false;
    Nanoseconds last = 0;
  };

  Log& log_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_{
      {"host", {}}, {"igmp", {}}, {"netlink", {}}, {"packets", {}}};
};

}  // namespace mcast::agent
