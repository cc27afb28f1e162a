#include "agent/api/api_writing.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "agent/api/api_reading.h"
#include "agent/api/stream_query.h"
#include "agent/configuration/stream_request.h"
#include "api/json_values.h"
#include "api/path.h"
#include "api/stream_request_json.h"

namespace mcast::agent {
namespace {

using AdHocResult = std::expected<StreamSet::AdHoc, RequestError>;

RequestError stopping() {
  return {.status = 503, .code = "stopping", .message = "the agent is starting or stopping"};
}

std::string path_of(StreamKind kind) {
  return kind == StreamKind::kReceiver ? "/api/v1/receivers" : "/api/v1/senders";
}

HttpResponse response_of(const AdHocResult& result, int status) {
  if (!result) return error_response(result.error());
  std::optional<Nanoseconds> renew_within;
  if (!result->detached) renew_within = StreamSet::kRenewWithin;
  return {.status = status,
          .content_type = "application/json",
          .body = api::started_streams_json(
              {.name = result->name, .streams = result->streams, .renew_within = renew_within})};
}

}  // namespace

void ApiWriting::add_to(Routes& routes) {
  for (const StreamKind kind : {StreamKind::kReceiver, StreamKind::kSender}) {
    const std::string path = path_of(kind);
    routes.post(path, [this, kind](const HttpRequest& request) { return add(kind, request); });
    routes.post(path + "/*/renew",
                [this, kind](const HttpRequest& request) { return renew(kind, request); });
    routes.del(path + "/*",
               [this, kind](const HttpRequest& request) { return remove(kind, request); });
  }
  // As with other exporters, everybody may ask the agent to read its own file again.
  routes.post("/-/reload", [this](const HttpRequest&) { return reload(); }, Access::kAnybody);
}

HttpResponse ApiWriting::add(StreamKind kind, const HttpRequest& request) {
  if (const auto none = expect_no_query(request.query); !none) return error_response(none.error());
  std::optional<AdHocResult> result;
  // Judged here: the main loop has other things to do.
  const auto run = [&](auto parsed) {
    if (!parsed) {
      result = std::unexpected(parsed.error());
      return;
    }
    (void)agent_.main_loop.execute_if_open(
        [&] { result = agent_.streams.add(std::move(*parsed), agent_.clock.monotonic()); });
  };
  if (kind == StreamKind::kReceiver) {
    run(parse_receiver_request(request.body));
  } else {
    run(parse_sender_request(request.body));
  }
  if (!result) return error_response(stopping());
  HttpResponse response = response_of(*result, 201);
  if (*result) {
    // Where there are several streams, the list of them is the place.
    const StreamSet::AdHoc& made = **result;
    response.headers["Location"] =
        made.streams.size() == 1
            ? path_of(kind) + "/" + api::percent_encoded(made.name)
            : path_of(kind) + "?name=" + api::percent_encoded(made.name) + "-*";
  }
  return response;
}

HttpResponse ApiWriting::renew(StreamKind kind, const HttpRequest& request) {
  std::optional<AdHocResult> result;
  (void)agent_.main_loop.execute_if_open(
      [&] { result = agent_.streams.renew(kind, request.tail, agent_.clock.monotonic()); });
  return result ? response_of(*result, 200) : error_response(stopping());
}

HttpResponse ApiWriting::remove(StreamKind kind, const HttpRequest& request) {
  std::optional<std::expected<void, RequestError>> result;
  (void)agent_.main_loop.execute_if_open(
      [&] { result = agent_.streams.remove(kind, request.tail); });
  if (!result) return error_response(stopping());
  if (!*result) return error_response(result->error());
  return {.status = 204, .content_type = "application/json"};
}

HttpResponse ApiWriting::reload() {
  if (reloads_.fetch_add(1) >= kMaxReloads) {
    reloads_.fetch_sub(1);
    return error_response({.status = 429,
                           .code = "too_many",
                           .message = "a reload is under way, and another one waits"});
  }
  std::optional<std::vector<std::string>> errors;
  (void)agent_.main_loop.execute_if_open([&] { errors = agent_.reload.run(); });
  reloads_.fetch_sub(1);
  if (!errors) return error_response(stopping());
  if (errors->empty()) return {.body = "reloaded\n"};
  const std::size_t number = errors->size();
  return {.status = 500,
          .content_type = "application/json",
          .body = api::to_text(
              {{"error",
                {{"code", "bad_configuration"},
                 {"message", std::to_string(number) + (number == 1 ? " error" : " errors") +
                                 "; the old configuration stays"},
                 {"field", nullptr},
                 {"errors", *errors}}}},
              false)};
}

}  // namespace mcast::agent
