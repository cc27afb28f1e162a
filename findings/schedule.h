// Which silent streams are examined when, and what was found of each. Pure state that
// takes time as an argument; one thread.
//
// A stream that is silent for a second is examined, then again every 15 s (kRepeat, or as
// the owner says) while it stays so, because its cause may change. With more groups than one
// examination can watch, those that waited longest come first.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "findings/evidence.h"
#include "findings/examination.h"

namespace mcast::findings {

class Schedule {
 public:
  static constexpr Nanoseconds kSettle = kSecond;  // a stream that starts is silent, too
  static constexpr Nanoseconds kRepeat = 15 * kSecond;

  // `repeat`: the time from the end of an examination to the next of the same stream.
  explicit Schedule(Nanoseconds repeat = kRepeat) : repeat_(repeat) {}

  // The streams that are silent at `now` (CLOCK_MONOTONIC), by their names; others are
  // forgotten with what was found of them.
  void set_silent(const std::vector<Subject>& subjects, Nanoseconds now);

  // Something changed that may be a cause, or its end: each one's turn is now.
  void make_due(Nanoseconds now);

  // Those whose turn it is, within what one Examination takes.
  [[nodiscard]] std::vector<Subject> due(Nanoseconds now) const;

  // What an examination found. Returns what was not found the last time. Of a stream
  // that is not silent any more nothing is kept.
  struct New {
    Subject subject;
    Finding finding;
  };
  std::vector<New> take(std::vector<StreamFindings> examined, Nanoseconds now);

  // What was found of every silent stream that has been examined, by name.
  [[nodiscard]] std::vector<StreamFindings> results() const;
  // What was found of one of them; null where there is none. Valid until the next change.
  [[nodiscard]] const StreamFindings* result_of(const std::string& stream) const;

 private:
  struct Entry {
    Subject subject;
    Nanoseconds next = 0;
    StreamFindings result;
  };
  Nanoseconds repeat_;
  std::map<std::string, Entry> entries_;
};

}  // namespace mcast::findings
