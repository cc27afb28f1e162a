#include "http/target.h"

#include <charconv>
#include <optional>

namespace mcast::agent {
namespace {

std::unexpected<HttpFault> refuse(std::string message) {
  return std::unexpected(HttpFault{.status = 400, .message = std::move(message)});
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
      unsigned value = 0;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
      if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2 || value == 0) {
        return std::nullopt;
      }
      out += static_cast<char>(value);
      i += 2;
    }
  }
  return out;
}

}  // namespace

std::expected<HttpTarget, HttpFault> parse_target(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const std::size_t slash = target.find('/', scheme.size());
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
    break;
  }
  if (!target.starts_with('/')) return refuse("the path does not begin with '/'");
  if (target.find('#') != std::string_view::npos) return refuse("'#' in the path");
  const std::size_t mark = target.find('?');
  std::string_view path = target.substr(1, mark == std::string_view::npos ? mark : mark - 1);
  std::string_view query =
      mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);

  HttpTarget out;
  for (;;) {
    const std::size_t slash = path.find('/');
    auto segment = decode(path.substr(0, slash), false);
    if (!segment) return refuse("a bad percent escape in the path");
    if (segment->find('/') != std::string::npos) return refuse("an escaped '/' in the path");
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

}  // namespace mcast::agent
