#include "agent/configuration/input_tree.h"

#include <algorithm>
#include <iterator>
#include <utility>

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

}  // namespace

std::string ConfigurationError::to_string(std::string_view file) const {
  std::string text(file);
  if (line > 0) text += ":" + std::to_string(line) + ":" + std::to_string(column);
  return text + ": " + message;
}

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

ConfigurationErrors ErrorList::take(std::string_view text, std::string_view what) const {
  ConfigurationErrors errors;
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

}  // namespace mcast::agent
