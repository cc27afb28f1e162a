// Pictures to compare with: text files in pictures/, to be read as a person would.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "cli/terminal/screen.h"

namespace mcast::cli::test {

// Whether `screen` is pictures/NAME.txt to the letter; says where they part if not.
[[nodiscard]] testing::AssertionResult is_picture(const Screen& screen, const std::string& name);

}  // namespace mcast::cli::test
