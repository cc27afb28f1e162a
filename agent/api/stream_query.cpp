#include "agent/api/stream_query.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mcast::agent {
namespace {

// What a client may ask for in one request.
constexpr std::size_t kMaxPatterns = 1'000;

RequestError unknown(const std::string& name, std::string_view allowed) {
  return {.status = 400,
          .code = "bad_request",
          .message = "unknown parameter " + quote(name) + "; allowed: " + std::string(allowed),
          .field = name};
}

std::expected<void, RequestError> add(NamePatterns& patterns, std::size_t& number,
                                      const std::string& key, const std::string& pattern) {
  if (++number > kMaxPatterns) {
    return std::unexpected(RequestError{
        .status = 400, .code = "bad_request", .message = "more than 1000 names", .field = key});
  }
  patterns.add(pattern);
  return {};
}

}  // namespace

bool NamePatterns::fit(std::string_view name) const {
  if (patterns_.empty()) return true;
  return std::ranges::any_of(patterns_, [name](std::string_view pattern) {
    if (!pattern.ends_with('*')) return pattern == name;
    return name.starts_with(pattern.substr(0, pattern.size() - 1));
  });
}

std::expected<StreamQuery, RequestError> parse_stream_query(const QueryParameters& parameters) {
  StreamQuery query;
  std::size_t names = 0;
  for (const auto& [key, value] : parameters) {
    if (key == "name") {
      if (auto added = add(query.names, names, key, value); !added) {
        return std::unexpected(added.error());
      }
    } else if (key != "detail") {
      return std::unexpected(unknown(key, "name, detail"));
    } else if (value == "true" || value == "false") {
      query.detail = value == "true" ? api::Detail::kFull : api::Detail::kSummary;
    } else {
      return std::unexpected(
          RequestError{.status = 400,
                       .code = "bad_request",
                       .message = "detail must be true or false, not " + quote(value),
                       .field = key});
    }
  }
  return query;
}

std::expected<NamePatterns, RequestError> parse_event_query(const QueryParameters& parameters) {
  NamePatterns patterns;
  std::size_t names = 0;
  for (const auto& [key, value] : parameters) {
    if (key != "stream") return std::unexpected(unknown(key, "stream"));
    if (auto added = add(patterns, names, key, value); !added) {
      return std::unexpected(added.error());
    }
  }
  return patterns;
}

std::expected<void, RequestError> expect_no_query(const QueryParameters& parameters) {
  if (parameters.empty()) return {};
  return std::unexpected(unknown(parameters.begin()->first, "none"));
}

}  // namespace mcast::agent
