// What a file or a body says, before anybody asks what it means: a tree of values, read from
// YAML or JSON, and the list of what is wrong with it. Used by one thread, for one text.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace mcast::agent {

// Larger files are refused before anything reads them.
inline constexpr std::size_t kMaxConfigurationBytes = std::size_t{16} << 20U;
// In one run; the last one says how many more there are.
inline constexpr std::size_t kMaxReportedErrors = 100;

// A fault, or a warning, and its place in the file.
struct ConfigurationError {
  // Both count from 1, the column in characters. Line 0: the file as a whole.
  std::size_t line = 0;
  std::size_t column = 0;
  std::string message;

  // "<file>:<line>:<column>: <message>"; without a place "<file>: <message>".
  [[nodiscard]] std::string to_string(std::string_view file) const;

  friend bool operator==(const ConfigurationError&, const ConfigurationError&) = default;
};
// By place, none of them empty of text; never an empty list.
using ConfigurationErrors = std::vector<ConfigurationError>;

// Where a value stands. In a file: its line and its byte in it, from 1. In a body all values
// are in line 1, and the column counts them.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  friend auto operator<=>(const Position&, const Position&) = default;
};

struct InputValue {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMapping };

  Kind kind = Kind::kNull;
  bool quoted = false;  // text, whatever it looks like
  Position position;
  std::string text;  // of a scalar
  // A list has its entries, a mapping key, value, key, value ... A YAML alias is the value
  // that it stands for, so a value may have several parents.
  std::vector<const InputValue*> children;
};

// Built value by value, in the order of the text. Owns the values; pointers to them live as
// long as it does, moves included.
class InputTree {
 public:
  // Into the innermost list or mapping that is open.
  InputValue& add(InputValue::Kind kind, Position position);
  void attach(const InputValue& value);
  void open(InputValue& value) { open_.push_back(&value); }
  void close() { open_.pop_back(); }

  // From the outermost to the innermost.
  [[nodiscard]] std::span<InputValue* const> open() const { return open_; }
  [[nodiscard]] std::size_t size() const { return values_.size(); }
  // Null where the text holds nothing.
  [[nodiscard]] const InputValue* root() const {
    return root_ != nullptr && root_->kind != InputValue::Kind::kNull ? root_ : nullptr;
  }

 private:
  std::deque<InputValue> values_;
  std::vector<InputValue*> open_;
  const InputValue* root_ = nullptr;
};

// What stands there, for messages: "a list", "'text'" ...
[[nodiscard]] std::string describe(const InputValue& value);

// Where names stand that may be there once.
template <typename Name>
using Places = std::map<Name, Position>;

class ErrorList {
 public:
  // The same message at the same position (an alias used twice, a default) counts once.
  // Control characters in the message are made visible.
  void add(Position position, std::string_view message);
  // Whether `name` is the first one of its kind; else "duplicate WHAT", with its place.
  template <typename Name>
  bool is_first(Places<Name>& taken, const Name& name, Position position, std::string_view what,
                std::string_view in = {}) {
    const auto [first, is_new] = taken.emplace(name, position);
    if (!is_new) {
      add(position, "duplicate " + std::string(what) + " " + quote(name) + std::string(in) +
                        ": it is already on line " + std::to_string(first->second.line));
    }
    return is_new;
  }
  [[nodiscard]] bool empty() const { return errors_.empty(); }
  // By position, at most `kMaxReportedErrors` and a last one "and N more <what>". `text` is
  // what the positions belong to: columns become characters.
  [[nodiscard]] ConfigurationErrors take(std::string_view text, std::string_view what) const;

 private:
  struct Entry {
    Position position;
    std::string message;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };
  // Only the first ones are kept, so that a hostile file cannot fill the memory with messages.
  std::set<Entry> errors_;
  std::size_t left_out_ = 0;
  std::optional<Position> first_left_out_;
};

// YAML text as a tree, which keeps no reference to it. What comes through is UTF-8, bounded in
// size and depth, one document, without tags and free of circles. An error has the place where
// reading stopped.
[[nodiscard]] std::expected<InputTree, ConfigurationErrors> parse_yaml(std::string_view text);

}  // namespace mcast::agent
