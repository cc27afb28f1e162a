// Reads arguments into values one after the other and keeps the first error. One
// thread.
#pragma once

#include <cstdint>
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

// `streams` is filled with `count` copies of `first`, each with its own group and
// name.
template <typename Spec>
void add_streams(const Spec& first, std::uint64_t count, std::vector<Spec>& streams) {
  streams.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    Spec& spec = streams.emplace_back(first);
    spec.group = first.group.v4_plus(static_cast<std::uint32_t>(i));
    if (count > 1) spec.name += "-" + std::to_string(i + 1);
  }
}

}  // namespace mcast::cli
