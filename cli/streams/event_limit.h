// Holds lines back when a path flaps with every packet: at most a few a second.
// Pure; one thread.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace mcast::cli {

class EventLimit {
 public:
  static constexpr std::uint64_t kLinesASecond = 10;

  // Whether an event at `time` (monotonic, going up) gets a line.
  [[nodiscard]] bool allows(Nanoseconds time);
  // How many events got none in seconds that are over; asked once, then 0.
  [[nodiscard]] std::uint64_t held_back(Nanoseconds now);

 private:
  Nanoseconds began_ = 0;
  std::uint64_t lines_ = 0;
  std::uint64_t held_back_ = 0;
};

}  // namespace mcast::cli
