#include "netlink/forcing/crash_restore.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "netlink/forcing/file_lock.h"

namespace mcast::netlink {
namespace {

constexpr int kLockTries = 50;  // 2 ms each

}  // namespace

std::optional<std::size_t> CrashRestore::publish(const Entry& entry) {
  const auto free = std::ranges::find_if(
      places_, [](const Place& place) { return place.state.load() == State::kFree; });
  if (free == places_.end() || entry.record_name.size() >= free->record_name.size()) {
    return std::nullopt;
  }
  Place& place = *free;
  place.sysctl = entry.sysctl;
  place.record = entry.record;
  place.directory = entry.directory;
  place.lock = entry.lock;
  place.record_name.fill('\0');
  std::ranges::copy(entry.record_name, place.record_name.begin());
  const std::string before = std::to_string(entry.before);
  place.before_length = before.copy(place.before.data(), place.before.size());
  const std::string forced = std::to_string(entry.forced);
  place.forced_length = forced.copy(place.forced.data(), place.forced.size());
  place.state.store(State::kPublished);
  return static_cast<std::size_t>(free - places_.begin());
}

CrashRestore::Withdrawn CrashRestore::withdraw(std::size_t place) {
  std::atomic<State>& state = places_.at(place).state;
  State expected = State::kPublished;
  if (state.compare_exchange_strong(expected, State::kFree)) return Withdrawn::kUntouched;
  if (expected != State::kDone) return Withdrawn::kInProgress;
  state.store(State::kFree);
  return Withdrawn::kRestored;
}

void CrashRestore::restore_all() noexcept {
  const int saved_errno = errno;
  for (Place& place : places_) {
    State expected = State::kPublished;
    if (!place.state.compare_exchange_strong(expected, State::kTaken)) continue;
    restore(place);
    place.state.store(State::kDone);
  }
  errno = saved_errno;
}

void CrashRestore::restore(const Place& place) noexcept {
  if (place.record < 0) {
    (void)put_back(place);
    return;
  }
  // Somebody who starts at this moment has the lock, or waits for it and then finds
  // no record.
  if (!lock_within(place.lock, {}, kLockTries)) return;
  if (other_lock(place.record, {}).state == LockState::kFree && put_back(place)) {
    (void)::unlinkat(place.directory, place.record_name.data(), 0);
  }
  unlock(place.lock, {});
}

bool CrashRestore::put_back(const Place& place) noexcept {
  // Not pread() and pwrite(): POSIX.1-2008 does not list them for handlers.
  std::array<char, 16> text{};
  if (::lseek(place.sysctl, 0, SEEK_SET) != 0) return false;
  const ssize_t length = ::read(place.sysctl, text.data(), text.size());
  if (length <= 0) return false;
  const std::string_view forced(place.forced.data(), place.forced_length);
  std::string_view now(text.data(), static_cast<std::size_t>(length));
  if (now.ends_with('\n')) now.remove_suffix(1);
  if (now != forced) return true;
  return ::lseek(place.sysctl, 0, SEEK_SET) == 0 &&
         ::write(place.sysctl, place.before.data(), place.before_length) ==
             static_cast<ssize_t>(place.before_length);
}

}  // namespace mcast::netlink
