// Lines and warnings of a command for its person: printed, or handed to the live
// view. One thread.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/streams/command_log.h"

namespace mcast::cli {

class Notices {
 public:
  // `lines` takes the command's own lines: stdout, unless that holds JSON.
  Notices(std::string_view command, CommandLog& log, std::ostream& lines, std::ostream& err)
      : command_(command), log_(log), lines_(lines), err_(err) {}

  void line(const std::string& text) { lines_ << text << "\n" << std::flush; }
  // Prints what the log got since the last time on stderr.
  void print_warnings();
  // The same for the view: the newest few, oldest first.
  [[nodiscard]] const std::vector<std::string>& warnings();

 private:
  std::string_view command_;
  CommandLog& log_;
  std::ostream& lines_;
  std::ostream& err_;
  std::vector<std::string> kept_;
};

}  // namespace mcast::cli
