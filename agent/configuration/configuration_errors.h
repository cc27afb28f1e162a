// Collects the faults of one configuration text and puts them in order. Used by
// one thread, lives as long as one parse.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration/configuration.h"

namespace mcast::agent {

// A place in the text as the YAML library counts: bytes, but from 1.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  friend auto operator<=>(const Place&, const Place&) = default;
};

// `text` between single quotes for a message; long text is cut.
[[nodiscard]] std::string quoted(std::string_view text);

class ErrorList {
 public:
  // The same message at the same place (an alias used twice, a default) counts
  // once. Control characters in the message are made visible.
  void add(Place place, std::string_view message);
  [[nodiscard]] bool empty() const { return errors_.empty(); }
  // By place, at most `kMaxReportedErrors` and a last one "and N more <what>".
  // `text` is what the places belong to: columns become characters.
  [[nodiscard]] std::vector<ConfigurationError> take(std::string_view text,
                                                     std::string_view what) const;

 private:
  struct Entry {
    Place place;
    std::string message;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  // Only the first ones are kept, so that a hostile file cannot fill the memory
  // with messages.
  std::set<Entry> errors_;
  std::size_t left_out_ = 0;
  std::optional<Place> first_left_out_;
};

}  // namespace mcast::agent
