// YAML text -> a tree with places. The only place that sees yaml-cpp. What it
// lets pass is bounded in depth and size, UTF-8, one document, without tags, and
// free of circles; yaml-cpp alone promises none of these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration/configuration.h"
#include "agent/configuration/configuration_errors.h"

namespace mcast::agent {

struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMapping };

  Kind kind = Kind::kNull;
  bool in_quotes = false;  // or a block scalar: text, whatever it looks like
  Place place;
  std::string text;  // of a scalar
  // Of a list: the entries. Of a mapping: key, value, key, value ... An alias is
  // the node that it stands for, so a node may have several parents.
  std::vector<const YamlNode*> children;
};

// Owns the nodes; pointers to them live as long as it does, moves included.
class YamlDocument {
 public:
  // Null where the text holds nothing but white space and comments.
  [[nodiscard]] const YamlNode* root() const { return root_; }

 private:
  friend class YamlTreeBuilder;
  friend class JsonTreeBuilder;  // request_json.cpp
  std::deque<YamlNode> nodes_;
  const YamlNode* root_ = nullptr;
};

inline constexpr std::size_t kMaxYamlDepth = 16;
inline constexpr std::size_t kMaxYamlNodes = 2'000'000;

// The text must outlive nothing; an error has the place where reading stopped.
[[nodiscard]] std::expected<YamlDocument, ConfigurationErrors> parse_yaml(std::string_view text);

}  // namespace mcast::agent
