// YAML text -> a tree of values. The only place that sees yaml-cpp. What it lets pass is
// UTF-8, bounded in size and depth, one document, without tags and free of circles.
//
// By yaml-cpp's events, not by YAML::Load(): that one makes 3.6 GB of 16 MiB, takes a quote
// that is never closed, forgets a second document, and gives aliases no place.
#pragma once

#include <cstddef>
#include <expected>
#include <string_view>

#include "agent/configuration/input_tree.h"

namespace mcast::agent {

inline constexpr std::size_t kMaxYamlDepth = 16;
inline constexpr std::size_t kMaxYamlValues = 2'000'000;

// The tree keeps no reference to the text; an error has the place where reading stopped.
[[nodiscard]] std::expected<InputTree, ConfigurationErrors> parse_yaml(std::string_view text);

}  // namespace mcast::agent
