// Reads arguments into values one after the other and keeps the first error. One
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "cli/arguments/argument_parser.h"

namespace mcast::cli {

class ArgumentReader {
 public:
  explicit ArgumentReader(const ParsedArguments& arguments) : arguments_(arguments) {}

  // If the argument was given, `target` becomes what `parse(name, text)`, a
  // Result, says.
  template <typename T, typename Parse>
  void read(std::string_view name, T& target, Parse parse) {
    const auto text = arguments_.value(name);
    if (!text || error_) return;
    auto value = parse(name, std::string_view(*text));
    if (value) {
      target = static_cast<T>(std::move(*value));
    } else {
      refuse(value.error().message);
    }
  }
  void refuse(std::string message) {
    if (!error_) error_ = std::move(message);
  }
  template <typename T>
  void check(const Result<T>& result) {
    if (!result) refuse(result.error().message);
  }

  [[nodiscard]] const std::optional<std::string>& error() const { return error_; }

 private:
  const ParsedArguments& arguments_;
  std::optional<std::string> error_;
};

}  // namespace mcast::cli
