#include "agent/configuration/configuration_keys.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <vector>

#include "agent/configuration/configuration_values.h"

namespace mcast::agent {
namespace {

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

// Lower case and '_' for '-', so that Stall-Timeout is near as well.
std::string folded(std::string_view key) {
  std::string out(key);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-' || c == ' ') c = '_';
  }
  return out;
}

std::string_view nearest(std::string_view key, std::span<const std::string_view> keys) {
  if (key.size() > 40) return {};
  const std::string word = folded(key);
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
  std::string message = "unknown key " + quoted(key) + " in " + std::string(allowed.what);
  std::string hint = allowed.hint == nullptr ? "" : allowed.hint(key);
  if (hint.empty() && key == "<<") hint = "YAML merge keys are not supported; use defaults";
  if (hint.empty()) {
    const auto near = nearest(key, allowed.keys);
    if (!near.empty()) hint = "did you mean '" + std::string(near) + "'?";
  }
  if (!hint.empty()) message += "; " + hint;
  message += " (allowed:";
  for (const std::string_view name : allowed.keys) {
    message += name == allowed.keys.front() ? " " : ", ";
    message += name;
  }
  return message + ")";
}

}  // namespace

KeyedValues read_keys(const YamlNode& node, const AllowedKeys& allowed, ErrorList& errors) {
  KeyedValues values;
  const std::string what(allowed.what);
  if (node.kind != YamlNode::Kind::kMapping) {
    errors.add(node.place, what + " must be a mapping (key: value), not " + describe(node));
    return values;
  }
  std::unordered_map<std::string_view, Place> seen;
  for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const YamlNode& key = *node.children[i];
    if (key.kind != YamlNode::Kind::kScalar) {
      errors.add(key.place, "a key in " + what + " must be a single word, not " + describe(key));
      continue;
    }
    const auto [first, is_new] = seen.emplace(key.text, key.place);
    if (!is_new) {
      errors.add(key.place, "duplicate key " + quoted(key.text) + " in " + what +
                                ": it is already on line " + std::to_string(first->second.line));
      continue;
    }
    if (std::ranges::find(allowed.keys, key.text) == allowed.keys.end()) {
      errors.add(key.place, describe_unknown(key.text, allowed));
      continue;
    }
    const KeyedValue value{.place = key.place, .value = node.children[i + 1]};
    if (!value.has_value()) {
      errors.add(key.place, quoted(key.text) + " in " + what + " has no value");
    }
    values.emplace(key.text, value);
  }
  return values;
}

}  // namespace mcast::agent
