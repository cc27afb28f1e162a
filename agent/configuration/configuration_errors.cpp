#include "agent/configuration/configuration_errors.h"

#include <algorithm>
#include <iterator>

namespace mcast::agent {
namespace {

constexpr std::size_t kMaxMessageBytes = 1000;
constexpr std::size_t kMaxQuotedBytes = 64;

constexpr bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// At most `limit` bytes, not ending within a character.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && is_continuation(text[limit])) --limit;
  return text.substr(0, limit);
}

std::string visible(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : cut(text, kMaxMessageBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      out += c;
    } else {
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0x0FU];
    }
  }
  return out;
}

// Walks forward through the text, so that all places of a sorted list cost one
// pass over it.
class ColumnCounter {
 public:
  explicit ColumnCounter(std::string_view text) : rest_(text) {}

  // Places come in ascending order of lines.
  std::size_t characters(Place place) {
    while (line_ < place.line) {
      const auto end = rest_.find('\n');
      if (end == std::string_view::npos) break;
      rest_.remove_prefix(end + 1);
      ++line_;
    }
    const auto before = rest_.substr(0, place.column - std::size_t{1});
    return place.column - static_cast<std::size_t>(std::ranges::count_if(before, is_continuation));
  }

 private:
  std::string_view rest_;
  std::uint32_t line_ = 1;
};

}  // namespace

std::string quoted(std::string_view text) {
  const std::string_view start = cut(text, kMaxQuotedBytes);
  return "'" + std::string(start) + (start.size() < text.size() ? "...'" : "'");
}

void ErrorList::add(Place place, std::string_view message) {
  errors_.insert({.place = place, .message = visible(message)});
  if (errors_.size() <= kMaxReportedErrors) return;
  const auto last = std::prev(errors_.end());
  first_left_out_ = std::min(first_left_out_.value_or(last->place), last->place);
  errors_.erase(last);
  ++left_out_;
}

std::vector<ConfigurationError> ErrorList::take(std::string_view text,
                                                std::string_view what) const {
  std::vector<ConfigurationError> errors;
  ColumnCounter columns(text);
  const auto append = [&](Place place, std::string message) {
    errors.push_back(
        {.line = place.line, .column = columns.characters(place), .message = std::move(message)});
  };
  for (const Entry& entry : errors_) append(entry.place, entry.message);
  if (first_left_out_) {
    append(*first_left_out_, "and " + std::to_string(left_out_) + " more " + std::string(what));
  }
  return errors;
}

}  // namespace mcast::agent
