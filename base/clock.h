// Time as an argument. Engines read the clock that they are given; the tracker
// takes plain numbers. All times are signed 64-bit nanoseconds.
#pragma once

#include <cstdint>
#include <limits>

namespace mcast {

using Nanoseconds = std::int64_t;

inline constexpr Nanoseconds kMicrosecond = 1'000;
inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kSecond = 1'000'000'000;
// Later than every time: of what is not to come.
inline constexpr Nanoseconds kNever = std::numeric_limits<Nanoseconds>::max();

[[nodiscard]] constexpr double to_seconds(Nanoseconds ns) {
  return static_cast<double>(ns) / static_cast<double>(kSecond);
}

// Thread-safe.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  // CLOCK_MONOTONIC: never goes back; what the wire format carries.
  [[nodiscard]] virtual Nanoseconds monotonic() const = 0;
  // CLOCK_REALTIME: since 1970; what kernel receive timestamps and metrics carry.
  [[nodiscard]] virtual Nanoseconds realtime() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override;
  [[nodiscard]] Nanoseconds realtime() const override;
};

}  // namespace mcast
