#include "agent/run/decode_errors.h"

#include <utility>

namespace mcast::agent {

void DecodeErrors::add(const std::string& where, const Error& error, std::uint64_t times) {
  const Nanoseconds now = clock_.monotonic();
  std::uint64_t unlogged = 0;
  {
    const std::scoped_lock lock(mutex_);
    Entry& entry = entries_[where];
    entry.times += times;
    entry.unlogged += times;
    if (!entry.limit.allow(now)) return;
    unlogged = std::exchange(entry.unlogged, 0);
  }
  log_.warning("cannot be read or decoded",
               {{"where", where}, {"reason", error.message}, {"times", std::to_string(unlogged)}});
}

std::vector<DecodeErrors::Count> DecodeErrors::counts() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Count> result;
  for (const auto& [where, entry] : entries_) result.push_back({where, entry.times});
  return result;
}

}  // namespace mcast::agent
