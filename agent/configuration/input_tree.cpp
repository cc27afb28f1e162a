#include "agent/configuration/input_tree.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace mcast::agent {
namespace {

std::string visible(std::string_view text) {
  constexpr std::size_t kMaxMessageBytes = 1000;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : cut_utf8(text, kMaxMessageBytes)) {
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

// Insertions, deletions, replacements and swaps of neighbours (optimal string
// alignment); both words are short.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                             cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

std::string_view nearest(std::string_view key, std::span<const std::string_view> keys) {
  if (key.size() > 40) return {};
  // So that Stall-Timeout is near as well.
  std::string word = ascii_lower(key);
  std::ranges::replace_if(word, [](char c) { return c == '-' || c == ' '; }, '_');
  std::string_view best;
  // Two slips, but not more than a third of the word.
  std::size_t best_distance = 3;
  for (const std::string_view candidate : keys) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance * 3 <= std::max(word.size(), candidate.size())) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string describe_unknown(std::string_view key, const AllowedKeys& allowed) {
  std::string hint = allowed.hint == nullptr ? "" : allowed.hint(key);
  if (hint.empty() && key == "<<") hint = "YAML merge keys are not supported; use defaults";
  if (const auto near = nearest(key, allowed.keys); hint.empty() && !near.empty()) {
    hint = "did you mean '" + std::string(near) + "'?";
  }
  std::string message = "unknown key " + quote(key) + " in " + std::string(allowed.what);
  if (!hint.empty()) message += "; " + hint;
  message += " (allowed:";
  for (const std::string_view name : allowed.keys) {
    message += name == allowed.keys.front() ? " " : ", ";
    message += name;
  }
  return message + ")";
}

}  // namespace

InputValue& InputTree::add(InputValue::Kind kind, Position position) {
  InputValue& value = values_.emplace_back();
  value.kind = kind;
  value.position = position;
  attach(value);
  return value;
}

void InputTree::attach(const InputValue& value) {
  if (open_.empty()) {
    root_ = &value;
  } else {
    open_.back()->children.push_back(&value);
  }
}

std::string describe(const InputValue& value) {
  if (value.kind == InputValue::Kind::kNull) return "nothing";
  if (value.kind == InputValue::Kind::kList) return "a list";
  return value.kind == InputValue::Kind::kMapping ? "a mapping" : quote(value.text);
}

void ErrorList::add(Position position, std::string_view message) {
  errors_.insert({.position = position, .message = visible(message)});
  if (errors_.size() <= kMaxReportedErrors) return;
  const auto last = std::prev(errors_.end());
  first_left_out_ = std::min(first_left_out_.value_or(last->position), last->position);
  errors_.erase(last);
  ++left_out_;
}

std::vector<ConfigurationError> ErrorList::take(std::string_view text,
                                                std::string_view what) const {
  std::vector<ConfigurationError> errors;
  // Walks forward through the text, so that all positions cost one pass.
  std::size_t line = 1;
  const auto append = [&](Position position, std::string message) {
    for (; line < position.line && text.contains('\n'); ++line) {
      text.remove_prefix(text.find('\n') + 1);
    }
    const auto before = text.substr(0, position.column - std::size_t{1});
    const auto continued = std::ranges::count_if(
        before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; });
    errors.push_back({.line = position.line,
                      .column = position.column - static_cast<std::size_t>(continued),
                      .message = std::move(message)});
  };
  for (const Entry& entry : errors_) append(entry.position, entry.message);
  if (first_left_out_) {
    append(*first_left_out_, "and " + std::to_string(left_out_) + " more " + std::string(what));
  }
  return errors;
}

const KeyedValue* find_value(const KeyedValues& values, std::string_view key) {
  const auto found = values.find(key);
  return found == values.end() || !found->second.has_value() ? nullptr : &found->second;
}

KeyedValues read_keys(const InputValue& value, const AllowedKeys& allowed, ErrorList& errors) {
  KeyedValues values;
  const std::string what(allowed.what);
  if (value.kind != InputValue::Kind::kMapping) {
    errors.add(value.position, what + " must be a mapping (key: value), not " + describe(value));
    return values;
  }
  std::map<std::string_view, Position> seen;
  for (std::size_t i = 0; i + 1 < value.children.size(); i += 2) {
    const InputValue& key = *value.children[i];
    if (key.kind != InputValue::Kind::kScalar) {
      errors.add(key.position, "a key in " + what + " must be a single word, not " + describe(key));
      continue;
    }
    const auto [first, is_new] = seen.emplace(key.text, key.position);
    if (!is_new) {
      errors.add(key.position, "duplicate key " + quote(key.text) + " in " + what +
                                   ": it is already on line " + std::to_string(first->second.line));
    } else if (std::ranges::find(allowed.keys, key.text) == allowed.keys.end()) {
      errors.add(key.position, describe_unknown(key.text, allowed));
    } else {
      const KeyedValue keyed{.position = key.position, .value = value.children[i + 1]};
      if (!keyed.has_value()) {
        errors.add(key.position, quote(key.text) + " in " + what + " has no value");
      }
      values.emplace(key.text, keyed);
    }
  }
  return values;
}

}  // namespace mcast::agent
