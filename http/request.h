// What a request asks for, and whether it is served: decided from its head, before any of its
// body is read. Pure functions.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/parser.h"
#include "http/routes.h"

namespace mcast::http {

// The target of a request: "/api/v1/receivers/a%20b?detail=true" in its parts.
struct Target {
  std::string path = {};                   // decoded
  std::vector<std::string> segments = {};  // decoded; of "/": one empty one
  std::multimap<std::string, std::string> query = {};
};

// Takes "/path" and, as proxies send it, "http://host/path". Refuses escapes that are not
// two digits, and those of NUL and '/', which a segment cannot hold.
[[nodiscard]] std::expected<Target, Fault> parse_target(std::string_view target);

// How a request came.
struct Origin {
  bool may_write = false;
  std::string_view socket = {};  // the Unix socket's path, to name to those who may not
};

// The handler, which lives as long as the routes; or why there is none: a status, a sentence
// and, where the method is not allowed, those that are.
struct Decision {
  std::optional<Fault> refusal = {};
  std::string allowed_methods = {};
  const Handler* handler = nullptr;
  std::string tail = {};
};

[[nodiscard]] Decision decide(const Routes& routes, const Head& head, const Target& target,
                              const Origin& origin);

}  // namespace mcast::http
