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

// The maximum error of a clock that nobody sets right.
inline constexpr std::uint32_t kClockUnsynchronised = 0xFFFFFFFF;

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
  // Maximum error of realtime() in us, as the kernel estimates it; kClockUnsynchronised where
  // nothing sets that clock right. A system call (adjtimex).
  [[nodiscard]] virtual std::uint32_t realtime_error() const { return kClockUnsynchronised; }
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds monotonic() const override;
  [[nodiscard]] Nanoseconds realtime() const override;
  [[nodiscard]] std::uint32_t realtime_error() const override;
};

// The difference between the two clocks only changes when somebody sets one: both are slewed
// alike. Below this, a difference is noise of the sampling.
inline constexpr Nanoseconds kClockStep = 50 * kMicrosecond;

// That difference, as it was when somebody last looked. One thread.
class RealtimeOffset {
 public:
  explicit RealtimeOffset(const Clock& clock) : offset_(clock.realtime() - clock.monotonic()) {}

  // Reads both clocks; believed when they were read closely together.
  void sample(const Clock& clock);
  // realtime - monotonic
  [[nodiscard]] Nanoseconds value() const { return offset_; }

 private:
  Nanoseconds offset_;
};

}  // namespace mcast
