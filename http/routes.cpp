#include "http/routes.h"

namespace mcast::http {

void Routes::add(std::string_view method, std::string_view pattern, Handler handler,
                 Access access) {
  routes_[std::string(pattern)].insert_or_assign(
      std::string(method), Entry{.handler = std::move(handler), .access = access});
}

Routes::Found Routes::find(std::string_view path) const {
  Found by_star;
  for (const auto& [pattern, methods] : routes_) {
    const std::size_t star = pattern.find('*');
    if (star == std::string::npos) {
      if (pattern == path) return {.methods = &methods};
      continue;
    }
    const std::string_view before = std::string_view(pattern).substr(0, star);
    const std::string_view behind = std::string_view(pattern).substr(star + 1);
    if (path.size() < pattern.size() || !path.starts_with(before) || !path.ends_with(behind)) {
      continue;
    }
    const std::string_view tail = path.substr(star, path.size() - pattern.size() + 1);
    if (!tail.contains('/')) by_star = {.methods = &methods, .tail = std::string(tail)};
  }
  return by_star;
}

}  // namespace mcast::http
