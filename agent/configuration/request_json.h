// A JSON body -> the tree that parse_yaml() makes of a file, so that requests and the
// configuration are judged by the same code. Bounded in depth and size; a field given
// twice is refused, which JSON libraries let pass. Pure.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration/configuration_yaml.h"

namespace mcast::agent {

// Why a request is refused: the `error` object of docs/api.md.
struct RequestError {
  int status = 400;
  std::string code;
  std::string message;
  std::string field = {};  // empty: none is to blame
};

struct RequestTree {
  YamlDocument document;
  // Names of the fields of the outermost object. Every node within field i has the
  // line i + 1 as its place; the object itself has line 1, too.
  std::vector<std::string> fields;
};

[[nodiscard]] std::expected<RequestTree, RequestError> parse_request_json(std::string_view body);

}  // namespace mcast::agent
