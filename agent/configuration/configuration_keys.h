// The keys of one mapping: which there are, which are allowed, which stand there
// twice or without a value.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "agent/configuration/configuration_errors.h"
#include "agent/configuration/configuration_yaml.h"

namespace mcast::agent {

struct KeyedValue {
  Place place;  // of the key
  const YamlNode* value = nullptr;

  // False: `key:` with nothing behind it, reported already.
  [[nodiscard]] bool has_value() const { return value->kind != YamlNode::Kind::kNull; }
};

// The views look into the document. Of a duplicate the first counts.
using KeyedValues = std::map<std::string_view, KeyedValue>;

// `hint` may add a word to the refusal of an unknown key ("" adds nothing).
// `what` names the mapping in messages: "a sender".
struct AllowedKeys {
  std::string_view what;
  std::span<const std::string_view> keys;
  std::string (*hint)(std::string_view key) = nullptr;
};

// Reports what is wrong with the keys and gives those that are allowed. A node
// that is no mapping is reported and gives nothing.
[[nodiscard]] KeyedValues read_keys(const YamlNode& node, const AllowedKeys& allowed,
                                    ErrorList& errors);

}  // namespace mcast::agent
