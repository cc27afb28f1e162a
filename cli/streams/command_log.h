// What libraries have to say to the person at a command: warnings and errors, each once,
// kept until the command shows them, on stderr or in the live view. Any thread writes; the
// command's main loop shows.
#pragma once

#include <mutex>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"

namespace mcast::cli {

class CommandLog final : public Log {
 public:
  // `err` outlives the log.
  CommandLog(std::string_view command, std::ostream& err) : command_(command), err_(err) {}

  // Keeps "message: reason".
  void write(LogLevel level, std::string_view message, Fields fields) override;

  // Prints what is new, and what a view has shown: it is gone with the view.
  void print();
  // For the view: the newest few, oldest first.
  [[nodiscard]] const std::vector<std::string>& shown();

 private:
  void take_new();

  std::string command_;
  std::ostream& err_;
  std::vector<std::string> shown_;
  std::mutex mutex_;
  std::vector<std::string> new_;
  std::set<std::string> seen_;
};

}  // namespace mcast::cli
