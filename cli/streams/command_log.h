// What libraries have to say to the person at a command: warnings and errors, each
// once, kept until the command shows them (on stderr, or in the live view).
// Thread-safe.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"

namespace mcast::cli {

class CommandLog final : public Log {
 public:
  void write(LogLevel level, std::string_view message, Fields fields) override;

  // Those since the last take(), oldest first: "message: reason".
  [[nodiscard]] std::vector<std::string> take();

 private:
  std::mutex mutex_;
  std::vector<std::string> messages_;
  std::set<std::string> seen_;
};

}  // namespace mcast::cli
