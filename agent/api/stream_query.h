// The parameters of a list of streams or of events: ?name=A&name=B-*&detail=true. Pure.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration/request_json.h"
#include "api/receiver_json.h"

namespace mcast::agent {

// Names of streams; one that ends in '*' stands for all that begin so.
class NamePatterns {
 public:
  void add(std::string pattern) { patterns_.push_back(std::move(pattern)); }
  // Without a pattern every name fits.
  [[nodiscard]] bool fit(std::string_view name) const;

 private:
  std::vector<std::string> patterns_;
};

struct StreamQuery {
  NamePatterns names;
  api::Detail detail = api::Detail::kSummary;
};

using QueryParameters = std::multimap<std::string, std::string>;

// `name` and `detail`; any other parameter is an error.
[[nodiscard]] std::expected<StreamQuery, RequestError> parse_stream_query(
    const QueryParameters& parameters);
// Only `stream`.
[[nodiscard]] std::expected<NamePatterns, RequestError> parse_event_query(
    const QueryParameters& parameters);
// For a path that takes none.
[[nodiscard]] std::expected<void, RequestError> expect_no_query(const QueryParameters& parameters);

}  // namespace mcast::agent
