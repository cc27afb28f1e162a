#include "http/request.h"

#include "base/number.h"
#include "base/text.h"

namespace mcast::http {
namespace {

std::unexpected<Fault> refuse(std::string message) {
  return std::unexpected(Fault{.status = 400, .message = std::move(message)});
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const std::string_view digits = text.substr(i + 1, 2);
      const auto value = parse_number<unsigned>(digits, 16);
      if (digits.size() != 2 || !value || *value == 0) return std::nullopt;
      out += static_cast<char>(*value);
      i += 2;
    }
  }
  return out;
}

// A browser sends this request for a page of another host: by Sec-Fetch-Site, or by an
// Origin that is not the Host.
bool is_cross_site(const Head& head) {
  for (const auto& [name, value] : head.headers) {
    if (name == "sec-fetch-site" && value == "cross-site") return true;
    if (name != "origin") continue;
    const std::size_t scheme_end = value.find("://");
    // "null": a page that the browser itself trusts with nothing.
    if (scheme_end == std::string::npos) return true;
    if (ascii_lower(value.substr(scheme_end + 3)) != ascii_lower(head.header("host"))) return true;
  }
  return false;
}

Decision refusal(int status, std::string message) {
  return {.refusal = Fault{.status = status, .message = std::move(message)}};
}

}  // namespace

std::expected<Target, Fault> parse_target(std::string_view target) {
  std::string with_path;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    // A host ends where a path or a query begins; without a path it is "/".
    const std::size_t end = target.find_first_of("/?#", scheme.size());
    const std::string_view rest =
        end == std::string_view::npos ? std::string_view() : target.substr(end);
    if (!rest.starts_with('/')) with_path = "/";
    with_path += rest;
    target = with_path;
    break;
  }
  if (!target.starts_with('/')) return refuse("the path does not begin with '/'");
  if (target.find('#') != std::string_view::npos) return refuse("'#' in the path");
  const std::size_t mark = target.find('?');
  std::string_view path = target.substr(1, mark == std::string_view::npos ? mark : mark - 1);
  std::string_view query =
      mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);

  Target out;
  for (;;) {
    const std::size_t slash = path.find('/');
    auto segment = decode(path.substr(0, slash), false);
    if (!segment) return refuse("a bad percent escape in the path");
    if (segment->contains('/')) return refuse("an escaped '/' in the path");
    out.path += '/';
    out.path += *segment;
    out.segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = decode(pair.substr(0, equals), true);
    auto value = decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
    if (!name || !value) return refuse("a bad percent escape in the query");
    out.query.emplace(std::move(*name), std::move(*value));
  }
  return out;
}

Decision decide(const Routes& routes, const Head& head, const Target& target,
                const Origin& origin) {
  Routes::Found found = routes.find(target.segments);
  if (found.methods == nullptr) return refusal(404, "not found: " + target.path);
  const bool reads = head.method == "GET" || head.method == "HEAD";
  const auto entry = found.methods->find(reads ? "GET" : head.method);
  if (entry == found.methods->end()) {
    Decision not_allowed = refusal(405, "method not allowed: " + head.method);
    for (const auto& [method, unused] : *found.methods) {
      if (!not_allowed.allowed_methods.empty()) not_allowed.allowed_methods += ", ";
      not_allowed.allowed_methods += method == "GET" ? "GET, HEAD" : method;
    }
    return not_allowed;
  }
  if (reads && head.has_body()) return refusal(400, "a " + head.method + " request has no body");
  if (!reads && is_cross_site(head)) {
    return refusal(403, "this request was made by a page of another host");
  }
  if (entry->second.access == Access::kWrites && !origin.may_write) {
    std::string text = "writing over TCP needs TLS and basic_auth_users in --web.config.file";
    if (!origin.socket.empty()) text += "; or use the Unix socket " + std::string(origin.socket);
    return refusal(403, std::move(text));
  }
  if (head.content_length.value_or(0) > kMaxBodyBytes) return {.refusal = body_too_large()};
  return {.handler = &entry->second.handler, .tail = std::move(found.tail)};
}

}  // namespace mcast::http
