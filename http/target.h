// The target of a request: "/api/v1/receivers/a%20b?detail=true" in its parts. Pure.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "http/head.h"

namespace mcast::agent {

struct HttpTarget {
  std::string path = {};                   // decoded
  std::vector<std::string> segments = {};  // decoded; of "/": one empty one
  std::multimap<std::string, std::string> query = {};
};

// Takes "/path" and, as proxies send it, "http://host/path". Refuses escapes that are
// none, and those of NUL and '/', which a segment cannot hold.
[[nodiscard]] std::expected<HttpTarget, HttpFault> parse_target(std::string_view target);

}  // namespace mcast::agent
