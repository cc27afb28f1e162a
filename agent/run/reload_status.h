// How the newest reload of the configuration went, for those who show it. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace mcast::agent {

class ReloadStatus {
 public:
  struct State {
    bool successful = true;
    Nanoseconds success_time = 0;     // realtime, of the newest that went well
    std::vector<std::string> errors;  // FILE:LINE:COLUMN: what is wrong, of the newest
  };

  void succeeded(Nanoseconds realtime) {
    const std::scoped_lock lock(mutex_);
    state_ = {.successful = true, .success_time = realtime, .errors = {}};
  }
  void failed(std::vector<std::string> errors) {
    const std::scoped_lock lock(mutex_);
    state_.successful = false;
    state_.errors = std::move(errors);
  }
  [[nodiscard]] State state() const {
    const std::scoped_lock lock(mutex_);
    return state_;
  }

 private:
  mutable std::mutex mutex_;
  State state_;
};

}  // namespace mcast::agent
