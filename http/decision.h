// Whether a request is served, and by which handler: decided from its head, before
// any of its body is read. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/head.h"
#include "http/routes.h"
#include "http/target.h"

namespace mcast::agent {

struct HttpDecision {
  // Given: this is the answer. Else the entry, which lives as long as the routes.
  std::optional<HttpResponse> refusal = {};
  const Routes::Entry* entry = nullptr;
  std::string tail = {};
};

// How it came.
struct WayIn {
  bool may_write = false;
  std::string_view socket = {};  // the Unix socket's path, to name to those who may not
};

[[nodiscard]] HttpDecision decide(const Routes& routes, const HttpHead& head,
                                  const HttpTarget& target, const WayIn& way);

// For faults, where the target may be anything.
[[nodiscard]] bool is_in_api(std::string_view path);

}  // namespace mcast::agent
