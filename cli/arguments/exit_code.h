// How a command ends, and what it says if it ends before it has begun. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::cli {

inline constexpr int kSuccess = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUse = 2;
inline constexpr int kConditionMet = 3;    // asked for with --fail-on-..., or found by --why
inline constexpr int kTooLittleKnown = 4;  // --why found nothing, but could not see enough

// The program ends here, with this text on stdout (code 0) or stderr.
struct EndNow {
  int code = 0;
  std::string text;
};

// What argv holds after the program's name.
[[nodiscard]] inline std::vector<std::string_view> arguments_of(int argc, const char* const* argv) {
  if (argc < 1) return {};
  return {argv + 1, argv + argc};
}

}  // namespace mcast::cli
