#include "cli/streams/event_limit.h"

#include <utility>

namespace mcast::cli {

bool EventLimit::allows(Nanoseconds time) {
  if (time - began_ >= kSecond) {
    began_ = time;
    lines_ = 0;
  }
  if (lines_ < kLinesASecond) {
    ++lines_;
    return true;
  }
  ++held_back_;
  return false;
}

std::uint64_t EventLimit::held_back(Nanoseconds now) {
  if (now - began_ < kSecond) return 0;
  return std::exchange(held_back_, 0);
}

}  // namespace mcast::cli
