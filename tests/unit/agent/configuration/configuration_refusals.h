// How the tests of refusals say what they expect.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration/configuration.h"

namespace mcast::agent {

inline std::vector<std::string> errors_of(std::string_view text) {
  std::vector<std::string> errors;
  const auto configuration = parse_configuration(text);
  if (configuration) return errors;
  for (const auto& error : configuration.error()) errors.push_back(error.to_string("f"));
  return errors;
}

// The text has exactly these errors in this order, each given by its beginning.
inline void expect_errors(std::string_view text, std::initializer_list<std::string_view> expected) {
  const auto errors = errors_of(text);
  EXPECT_EQ(errors.size(), expected.size()) << text.substr(0, 500);
  std::size_t i = 0;
  for (const std::string_view beginning : expected) {
    if (i >= errors.size()) break;
    EXPECT_TRUE(errors[i].starts_with(beginning))
        << "expected: " << beginning << "\nbut got:  " << errors[i] << "\nfor:\n"
        << text;
    ++i;
  }
  for (; i < errors.size(); ++i) ADD_FAILURE() << "unexpected: " << errors[i];
}

// One sender or receiver with one more line, which is line 4; values of a key of
// n letters stand in column 7 + n.
inline std::string sender(std::string_view line) {
  return "senders:\n  - name: a\n    group: 239.1.1.1\n    " + std::string(line) + "\n";
}
inline std::string receiver(std::string_view line) {
  return "receivers:\n  - name: a\n    group: 239.1.1.1\n    " + std::string(line) + "\n";
}

}  // namespace mcast::agent
