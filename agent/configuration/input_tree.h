// What a file or a body says, before anybody asks what it means: a tree of values, read from
// YAML or JSON, and the list of what is wrong with it. Used by one thread, for one text.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration/configuration.h"

namespace mcast::agent {

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
  // Of a list: the entries. Of a mapping: key, value, key, value ... A YAML alias is the value
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
  [[nodiscard]] const InputValue* root() const { return root_; }

 private:
  std::deque<InputValue> values_;
  std::vector<InputValue*> open_;
  const InputValue* root_ = nullptr;
};

// What stands there, for messages: "a list", "'text'" ...
[[nodiscard]] std::string describe(const InputValue& value);

class ErrorList {
 public:
  // The same message at the same position (an alias used twice, a default) counts once.
  // Control characters in the message are made visible.
  void add(Position position, std::string_view message);
  [[nodiscard]] bool empty() const { return errors_.empty(); }
  // By position, at most `kMaxReportedErrors` and a last one "and N more <what>". `text` is
  // what the positions belong to: columns become characters.
  [[nodiscard]] std::vector<ConfigurationError> take(std::string_view text,
                                                     std::string_view what) const;

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

struct KeyedValue {
  Position position;  // of the key
  const InputValue* value = nullptr;

  // False: `key:` with nothing after it, reported already.
  [[nodiscard]] bool has_value() const { return value->kind != InputValue::Kind::kNull; }
};

// The views look into the tree. Of a duplicate the first counts.
using KeyedValues = std::map<std::string_view, KeyedValue>;
// The value of a key that has one, else null.
[[nodiscard]] const KeyedValue* find_value(const KeyedValues& values, std::string_view key);

// `hint` may add a word to the refusal of an unknown key ("" adds nothing).
// `what` names the mapping in messages: "a sender".
struct AllowedKeys {
  std::string_view what;
  std::span<const std::string_view> keys;
  std::string (*hint)(std::string_view key) = nullptr;
};

// Reports what is wrong with the keys (unknown, twice, without a value) and gives those that
// are allowed. A value that is no mapping is reported and gives nothing.
[[nodiscard]] KeyedValues read_keys(const InputValue& value, const AllowedKeys& allowed,
                                    ErrorList& errors);

}  // namespace mcast::agent
