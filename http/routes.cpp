#include "http/routes.h"

#include <algorithm>
#include <utility>

namespace mcast::http {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

void Routes::add(std::string_view method, std::string_view pattern, Entry entry) {
  std::vector<std::string> segments = split(pattern);
  auto route = std::ranges::find(routes_, segments, &Route::segments);
  if (route == routes_.end()) {
    routes_.push_back({.segments = std::move(segments), .methods = {}});
    route = routes_.end() - 1;
  }
  route->methods.insert_or_assign(std::string(method), std::move(entry));
}

void Routes::get(std::string_view pattern, Handler handler) {
  add("GET", pattern, {.handler = std::move(handler), .access = Access::kAnybody});
}

void Routes::post(std::string_view pattern, Handler handler, Access access) {
  add("POST", pattern, {.handler = std::move(handler), .access = access});
}

void Routes::del(std::string_view pattern, Handler handler, Access access) {
  add("DELETE", pattern, {.handler = std::move(handler), .access = access});
}

Routes::Found Routes::find(const std::vector<std::string>& segments) const {
  Found by_star;
  for (const Route& route : routes_) {
    if (route.segments.size() != segments.size()) continue;
    const std::string* tail = nullptr;
    bool fits = true;
    for (std::size_t i = 0; fits && i < segments.size(); ++i) {
      if (route.segments[i] == "*") {
        tail = &segments[i];
        fits = !tail->empty();
      } else {
        fits = route.segments[i] == segments[i];
      }
    }
    if (!fits) continue;
    if (tail == nullptr) return {.methods = &route.methods};
    if (by_star.methods == nullptr) by_star = {.methods = &route.methods, .tail = *tail};
  }
  return by_star;
}

}  // namespace mcast::http
