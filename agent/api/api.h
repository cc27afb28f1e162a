// What the agent answers over HTTP: the metrics, the live page, and the API of docs/api.md. The
// routes' handlers may be called on any thread, several at a time; what `agent` refers to
// outlives them.
#pragma once

#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/run/main_loop.h"
#include "api/agent_json.h"
#include "api/json_values.h"
#include "http/routes.h"

namespace mcast::agent {

void add_metrics(const AgentParts& agent, http::Routes& routes);
// GET /api/v1/... `identity` has what does not change while the agent runs.
void add_reading(const AgentParts& agent, const api::AgentStatus& identity, http::Routes& routes);
// What changes the agent: POST and DELETE of ad hoc streams, and POST /-/reload. All of it
// runs on the main loop, which the HTTP threads wait for.
void add_writing(const AgentParts& agent, http::Routes& routes);
// The files that a browser loads, which are part of the program (agent/page/,
// cmake/EmbedPage.cmake). What they show they read from /api/v1.
void add_page(http::Routes& routes);

// The parts of it. The `error` object as an answer:
[[nodiscard]] http::Response error_response(const RequestError& error);
// One line of JSON as an answer.
[[nodiscard]] http::Response json_response(std::string json, int status = 200);

// The parameters of a list of streams or of events: ?name=A&name=B-*&detail=true.
struct StreamQuery {
  // Names of streams; one that ends in '*' stands for all that begin so.
  std::vector<std::string> names;
  api::Detail detail = api::Detail::kSummary;

  // Without names every one fits.
  [[nodiscard]] bool fits(std::string_view name) const;
};
// Any parameter that is not allowed is an error. All but "detail" are names.
[[nodiscard]] std::expected<StreamQuery, RequestError> parse_query(
    const std::multimap<std::string, std::string>& parameters,
    const std::vector<std::string_view>& allowed);

// The body of a POST, judged by the same code as an entry of the configuration; what it leaves
// out is as the configuration's `defaults` have it. Bounded in depth and size; a field given twice
// is refused, which JSON libraries let pass.
template <typename Spec>
[[nodiscard]] std::expected<StreamRequest<Spec>, RequestError> parse_request(
    std::string_view body, const StreamEntry& defaults = {});

struct PageFile {
  std::string_view path;  // "/", "/page/main.js"
  std::string_view content_type;
  std::span<const unsigned char> content;
  std::string_view etag;  // with its quotes
};
[[nodiscard]] std::span<const PageFile> page_files();
// `if_none_match`: the request's header, empty if it has none. 304 without the content
// when the browser has this version already.
[[nodiscard]] http::Response page_response(const PageFile& file, std::string_view if_none_match);

}  // namespace mcast::agent
