// Server-sent events (the HTML standard, section 9.2.6) from the bytes in which they come.
// Pure state, bounded; one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::cli {

class EventStreamParser {
 public:
  // Longer lines, and longer data of one event, are given up: the agent has none.
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20U;

  struct Message {
    std::string event;  // "message" where none was named
    std::string data;   // lines of it joined by '\n'
  };

  // Appends the events that are complete now to `messages`. False: what comes is too long,
  // and the parser is of no more use.
  [[nodiscard]] bool feed(std::string_view bytes, std::vector<Message>& messages);

  // Of the newest event or empty block: what a client comes back with. "" before the first.
  [[nodiscard]] const std::string& last_id() const { return last_id_; }

 private:
  [[nodiscard]] bool take_line(std::vector<Message>& messages);

  std::string line_;
  bool after_cr_ = false;  // a '\n' now belongs to the line before
  bool at_start_ = true;   // where a byte order mark may stand
  std::string id_;
  std::string last_id_;
  std::string event_;
  std::string data_;
  bool has_data_ = false;
};

}  // namespace mcast::cli
