#include "http/decision.h"

#include "http/access.h"
#include "http/answer.h"
#include "http/body.h"

namespace mcast::agent {
namespace {

HttpDecision refuse(HttpResponse response) {
  return {.refusal = std::move(response)};
}

std::string allowed(const Routes::Found& found) {
  std::string list;
  for (const auto& [method, entry] : *found.methods) {
    if (!list.empty()) list += ", ";
    list += method == "GET" ? "GET, HEAD" : method;
  }
  return list;
}

}  // namespace

bool is_in_api(std::string_view path) {
  return path.starts_with("/api/") || path == "/api";
}

HttpDecision decide(const Routes& routes, const HttpHead& head, const HttpTarget& target,
                    const WayIn& way) {
  const bool in_api = is_in_api(target.path);
  Routes::Found found = routes.find(target.segments);
  if (found.methods == nullptr) {
    return refuse(error_response(in_api, 404, "not found: " + target.path));
  }
  const bool reads = head.method == "GET" || head.method == "HEAD";
  const auto entry = found.methods->find(reads ? "GET" : head.method);
  if (entry == found.methods->end()) {
    HttpResponse response = error_response(in_api, 405, "method not allowed: " + head.method);
    response.headers.emplace("Allow", allowed(found));
    return refuse(std::move(response));
  }
  if (reads && head.has_body()) {
    return refuse(error_response(in_api, 400, "a " + head.method + " request has no body"));
  }
  if (!reads && is_cross_site(head)) {
    return refuse(error_response(in_api, 403, "this request was made by a page of another host"));
  }
  if (entry->second.access == Access::kWrites && !way.may_write) {
    return refuse(error_response(in_api, 403, writing_refusal(way.socket)));
  }
  if (head.content_length.value_or(0) > kMostBodyBytes) {
    const HttpFault fault = body_too_large();
    return refuse(error_response(in_api, fault.status, fault.message));
  }
  return {.refusal = std::nullopt, .entry = &entry->second, .tail = std::move(found.tail)};
}

}  // namespace mcast::agent
