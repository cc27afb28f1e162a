// What a signal handler needs to put forced IGMP versions back: everything opened
// and written down in advance, in a table of fixed size. publish() and withdraw()
// are one thread's at a time; restore_all() may interrupt any thread anywhere.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace mcast::netlink {

class CrashRestore {
 public:
  // Interfaces beyond this many are put back by the next program's start alone.
  static constexpr std::size_t kMostEntries = 64;

  // Descriptors stay their owner's, who keeps them open until withdraw().
  struct Entry {
    int sysctl = -1;
    // -1 where no record was left; then nobody else is asked.
    int record = -1;
    int directory = -1;
    int lock = -1;
    std::string record_name{};
    int before = 0;
    int forced = 0;
  };
  // The place of the entry; none when the table is full.
  [[nodiscard]] std::optional<std::size_t> publish(const Entry& entry);

  enum class Withdrawn : std::uint8_t {
    kUntouched,   // no handler has seen it, and none will
    kRestored,    // a handler is done with it
    kInProgress,  // a handler works on it now: its descriptors must never be closed
  };
  [[nodiscard]] Withdrawn withdraw(std::size_t place);

  // Puts back what is published, unless somebody else holds it too or chose
  // otherwise meanwhile. Async-signal-safe; keeps errno. What it cannot do within
  // about 100 ms an interface is left to the next program's start.
  void restore_all() noexcept;

 private:
  enum class State : std::uint8_t { kFree, kPublished, kTaken, kDone };
  // Written while it is free, read while it is taken.
  struct Place {
    std::atomic<State> state = State::kFree;
    int sysctl = -1;
    int record = -1;
    int directory = -1;
    int lock = -1;
    std::array<char, 128> record_name{};
    std::array<char, 16> before{};
    std::size_t before_length = 0;
    std::array<char, 16> forced{};
    std::size_t forced_length = 0;
  };
  static_assert(std::atomic<State>::is_always_lock_free, "a signal handler takes no lock");

  static void restore(const Place& place) noexcept;
  // True when nothing is forced any more.
  static bool put_back(const Place& place) noexcept;

  std::array<Place, kMostEntries> places_;
};

}  // namespace mcast::netlink
