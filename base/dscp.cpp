#include "base/dscp.h"

#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/text.h"

namespace mcast {
namespace {

struct Name {
  std::string_view name;
  std::uint8_t value;
};

// BE stands before CS0: the value 0 is described by the first that matches.
constexpr std::array kNames{
    Name{"BE", 0},    Name{"CS0", 0},   Name{"CS1", 8},   Name{"AF11", 10}, Name{"AF12", 12},
    Name{"AF13", 14}, Name{"CS2", 16},  Name{"AF21", 18}, Name{"AF22", 20}, Name{"AF23", 22},
    Name{"CS3", 24},  Name{"AF31", 26}, Name{"AF32", 28}, Name{"AF33", 30}, Name{"CS4", 32},
    Name{"AF41", 34}, Name{"AF42", 36}, Name{"AF43", 38}, Name{"CS5", 40},  Name{"EF", 46},
    Name{"CS6", 48},  Name{"CS7", 56},
};

}  // namespace

Result<std::uint8_t> parse_dscp(std::string_view text) {
  std::string word;
  for (const char c : text) word += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const auto first = word.find_first_not_of(" \t\r\n");
  word = first == std::string::npos ? "" : word.substr(first);
  word.resize(word.find_last_not_of(" \t\r\n") + 1);

  if (const auto* const found = std::ranges::find(kNames, word, &Name::name);
      found != kNames.end()) {
    return found->value;
  }
  const bool hex = word.starts_with("0X");
  const std::string_view digits = hex ? std::string_view(word).substr(2) : word;
  const auto value = parse_number<std::uint8_t>(digits, hex ? 16 : 10);
  if (!value || *value > 63) {
    return fail("DSCP '" + printable(text) +
                "' is not known: 0 to 63, 0x00 to 0x3f, or be, cs0-cs7, af11-af43, ef");
  }
  return *value;
}

std::string describe_dscp(std::uint8_t dscp) {
  const auto* const found = std::ranges::find(kNames, dscp, &Name::value);
  if (found == kNames.end()) return std::to_string(dscp);
  return std::string(found->name) + " (" + std::to_string(dscp) + ")";
}

std::vector<std::string> dscp_names() {
  std::vector<std::string> names;
  names.reserve(kNames.size());
  for (const Name& entry : kNames) names.push_back(ascii_lower(entry.name));
  return names;
}

}  // namespace mcast
