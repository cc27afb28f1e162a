#include "cli/session/event_stream_parser.h"

#include <utility>

namespace mcast::cli {

bool EventStreamParser::feed(std::string_view bytes, std::vector<Message>& messages) {
  for (const char c : bytes) {
    const bool ends_crlf = std::exchange(after_cr_, c == '\r') && c == '\n';
    if (ends_crlf) continue;
    if (c == '\n' || c == '\r') {
      if (!take_line(messages)) return false;
      line_.clear();
      continue;
    }
    if (line_.size() == kMostBytes) return false;
    line_ += c;
  }
  return true;
}

bool EventStreamParser::take_line(std::vector<Message>& messages) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view line = line_;
  if (std::exchange(at_start_, false) && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());
  }
  if (line.empty()) {
    last_id_ = id_;
    if (has_data_) {
      messages.push_back({.event = event_.empty() ? "message" : event_, .data = data_});
    }
    event_.clear();
    data_.clear();
    has_data_ = false;
    return true;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (data_.size() + value.size() >= kMostBytes) return false;
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (field == "event") {
    event_ = value;
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    id_ = value;
  }
  // A comment, "retry", or what a later version has.
  return true;
}

}  // namespace mcast::cli
