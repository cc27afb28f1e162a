#include "agent/api/api_reading.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "agent/api/stream_query.h"
#include "agent/events/event_source.h"
#include "api/error_json.h"
#include "api/finding_json.h"
#include "api/json_values.h"
#include "api/membership_json.h"
#include "api/openapi.h"
#include "api/receiver_json.h"
#include "api/sender_json.h"
#include "streams/membership_report.h"
#include "streams/running_streams.h"

namespace mcast::agent {
namespace {

using Json = nlohmann::ordered_json;

HttpResponse json_response(const Json& json) {
  return {.content_type = "application/json", .body = api::to_text(json, true)};
}

HttpResponse text_response(std::string json) {
  json += '\n';
  return {.content_type = "application/json", .body = std::move(json)};
}

RequestError no_such(const char* kind, const std::string& name) {
  return {.status = 404,
          .code = "not_found",
          .message = "there is no " + std::string(kind) + " " + agent::quoted(name)};
}

RequestError cannot_read(const Error& error) {
  return {.status = 500, .code = "internal", .message = error.message};
}

// For a handler of a path without parameters.
template <typename Handler>
HttpHandler without_query(Handler handler) {
  return [handler](const HttpRequest& request) {
    if (const auto none = expect_no_query(request.query); !none) {
      return error_response(none.error());
    }
    return handler(request);
  };
}

}  // namespace

HttpResponse error_response(const RequestError& error) {
  return {.status = error.status,
          .content_type = "application/json",
          .body = api::error_json(error.code, error.message, error.field)};
}

ApiReading::ApiReading(const AgentView& agent, api::AgentStatus identity)
    : agent_(agent), identity_(std::move(identity)) {}

void ApiReading::add_to(Routes& routes) {
  routes.get("/api/v1/status", without_query([this](const HttpRequest&) { return status(); }));
  routes.get("/api/v1/openapi.json", without_query([](const HttpRequest&) {
               return HttpResponse{.content_type = "application/json",
                                   .body = std::string(api::openapi_json())};
             }));
  routes.get("/api/v1/receivers",
             [this](const HttpRequest& request) { return receivers(request); });
  routes.get("/api/v1/receivers/*",
             without_query([this](const HttpRequest& request) { return receiver(request); }));
  routes.get("/api/v1/senders", [this](const HttpRequest& request) { return senders(request); });
  routes.get("/api/v1/senders/*",
             without_query([this](const HttpRequest& request) { return sender(request); }));
  routes.get("/api/v1/memberships",
             without_query([this](const HttpRequest&) { return memberships(); }));
  routes.get("/api/v1/findings", [this](const HttpRequest& request) { return findings(request); });
  routes.get("/api/v1/events", [this](const HttpRequest& request) { return events(request); });
}

HttpResponse ApiReading::status() {
  const Reload::State reload = agent_.reload.state();
  api::AgentStatus status = identity_;
  status.time = agent_.clock.realtime();
  status.reload_successful = reload.successful;
  status.reload_success_time = reload.success_time;
  status.config_errors = reload.errors;
  status.receivers = agent_.receivers.size();
  status.senders = agent_.senders.size();
  return text_response(api::agent_status_json(status));
}

HttpResponse ApiReading::receivers(const HttpRequest& request) {
  const auto query = parse_stream_query(request.query);
  if (!query) return error_response(query.error());
  const auto snapshots = agent_.receivers.snapshot(
      [&](const ReceiverSpec& spec) { return query->names.fit(spec.name); });
  return text_response(api::receivers_json(snapshots, agent_.receivers.sockets(),
                                           agent_.clock.realtime(), query->detail));
}

HttpResponse ApiReading::receiver(const HttpRequest& request) {
  const auto snapshots = agent_.receivers.snapshot(
      [&](const ReceiverSpec& spec) { return spec.name == request.tail; });
  if (snapshots.empty()) return error_response(no_such("receiver", request.tail));
  return text_response(api::receiver_json(snapshots.front(), api::Detail::kFull));
}

HttpResponse ApiReading::senders(const HttpRequest& request) {
  const auto query = parse_stream_query(request.query);
  if (!query) return error_response(query.error());
  const auto snapshots =
      agent_.senders.snapshot([&](const SenderSpec& spec) { return query->names.fit(spec.name); });
  return text_response(api::senders_json(snapshots, agent_.clock.realtime(), query->detail));
}

HttpResponse ApiReading::sender(const HttpRequest& request) {
  const auto snapshots =
      agent_.senders.snapshot([&](const SenderSpec& spec) { return spec.name == request.tail; });
  if (snapshots.empty()) return error_response(no_such("sender", request.tail));
  return text_response(api::sender_json(snapshots.front(), api::Detail::kFull));
}

HttpResponse ApiReading::memberships() {
  const auto host = agent_.network.read_host();
  if (!host) return error_response(cannot_read(host.error()));
  const auto streams = read_running_streams("/proc");
  if (!streams) return error_response(cannot_read(streams.error()));
  return json_response(
      api::memberships_json(membership_report(*host, *streams), agent_.network.igmp()));
}

HttpResponse ApiReading::findings(const HttpRequest& request) {
  const auto query = parse_stream_query(request.query);
  if (!query) return error_response(query.error());
  auto streams = agent_.network.findings();
  std::erase_if(streams, [&](const findings::StreamFindings& one) {
    return !query->names.fit(one.subject.stream);
  });
  return json_response(api::findings_json(streams));
}

HttpResponse ApiReading::events(const HttpRequest& request) {
  auto names = parse_event_query(request.query);
  if (!names) return error_response(names.error());
  std::optional<std::uint64_t> after;
  if (const std::string& id = request.last_event_id; !id.empty()) {
    std::uint64_t number = 0;
    const char* const end = id.data() + id.size();
    if (std::from_chars(id.data(), end, number) != std::from_chars_result{end, std::errc{}}) {
      return error_response({.status = 400,
                             .code = "bad_request",
                             .message = "Last-Event-ID is not a number that came from here",
                             .field = "Last-Event-ID"});
    }
    after = number;
  }
  EventSource source(agent_.events, agent_.clock, std::move(*names), after);
  HttpResponse response{.content_type = "text/event-stream", .body = source.greeting()};
  response.headers["Cache-Control"] = "no-store";
  response.more = [source = std::move(source)]() mutable { return source.next(); };
  return response;
}

}  // namespace mcast::agent
