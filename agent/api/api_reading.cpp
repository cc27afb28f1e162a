#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "agent/api/api.h"
#include "api/host_json.h"
#include "api/stream_json.h"
#include "base/number.h"
#include "base/text.h"
#include "streams/membership_report.h"
#include "streams/running_streams.h"

namespace mcast::agent {
namespace {

// What a client may ask for in one request.
constexpr std::size_t kMaxNames = 1'000;

http::Response bad_request(std::string message, std::string field) {
  return error_response(refuse(400, "bad_request", std::move(message), std::move(field)).error());
}

http::Response status(const AgentParts& agent, api::AgentStatus status) {
  const Reload::State reload = agent.reload.state();
  status.time = agent.clock.realtime();
  status.reload_successful = reload.successful;
  status.reload_success_time = reload.success_time;
  status.config_errors = reload.errors;
  status.receivers = agent.receivers.size();
  status.senders = agent.senders.size();
  return json_response(api::agent_status_json(status));
}

// What there is, for whoever looks around: of the description for programs.
std::string index_json() {
  const auto described = nlohmann::ordered_json::parse(api::openapi_json());
  nlohmann::ordered_json index{{"openapi", "/api/v1/openapi.json"}, {"paths", {}}};
  for (const auto& [path, methods] : described.at("paths").items()) {
    for (const auto& [method, about] : methods.items()) {
      index["paths"].push_back(
          {{"method", method}, {"path", path}, {"summary", about.at("summary")}});
    }
  }
  return index.dump();
}

http::Response memberships(const AgentParts& agent) {
  const auto host = agent.network.read_host();
  const auto streams = read_running_streams("/proc");
  if (!host || !streams) {
    const Error& error = host ? streams.error() : host.error();
    return error_response({.status = 500, .code = "internal", .message = error.message});
  }
  return json_response(
      api::memberships_json(membership_report(*host, *streams), agent.network.known().igmp));
}

http::Response multicast_routes(const AgentParts& agent) {
  const auto host = agent.network.read_host();
  if (!host) {
    return error_response({.status = 500, .code = "internal", .message = host.error().message});
  }
  return json_response(api::routes_json(*host));
}

http::Response events(const AgentParts& agent, const http::Request& request,
                      const StreamQuery& query) {
  std::optional<std::uint64_t> after;
  if (!request.last_event_id.empty()) {
    after = parse_number<std::uint64_t>(request.last_event_id);
    if (!after) {
      return bad_request("Last-Event-ID is not a number that came from here", "Last-Event-ID");
    }
  }
  EventSource source(
      agent.event_hub, agent.clock, [query](std::string_view name) { return query.fits(name); },
      after);
  http::Response response{.content_type = "text/event-stream", .body = source.greeting()};
  response.headers["Cache-Control"] = "no-store";
  response.more = [source = std::move(source)]() mutable { return source.next(); };
  response.subscribe = [&hub = agent.event_hub](std::function<void()> wake) {
    return hub.subscribe(std::move(wake));
  };
  return response;
}

}  // namespace

http::Response error_response(const RequestError& error) {
  return {.status = error.status,
          .content_type = "application/json",
          .body = api::error_json(error.code, error.message, error.field)};
}

http::Response json_response(std::string json, int status) {
  json += '\n';
  return {.status = status, .content_type = "application/json", .body = std::move(json)};
}

bool StreamQuery::fits(std::string_view name) const {
  return names.empty() || std::ranges::any_of(names, [name](std::string_view pattern) {
           if (!pattern.ends_with('*')) return pattern == name;
           return name.starts_with(pattern.substr(0, pattern.size() - 1));
         });
}

std::expected<StreamQuery, RequestError> parse_query(
    const std::multimap<std::string, std::string>& parameters,
    const std::vector<std::string_view>& allowed) {
  StreamQuery query;
  for (const auto& [key, value] : parameters) {
    if (std::ranges::find(allowed, key) == allowed.end()) {
      std::string names = allowed.empty() ? "none" : "";
      for (const std::string_view name : allowed) {
        names += (names.empty() ? "" : ", ") + std::string(name);
      }
      return refuse(400, "bad_request", "unknown parameter " + quote(key) + "; allowed: " + names,
                    key);
    }
    if (key != "detail") {
      if (query.names.size() == kMaxNames) {
        return refuse(400, "bad_request", "more than 1000 names", key);
      }
      query.names.push_back(value);
    } else if (value == "true" || value == "false") {
      query.detail = value == "true" ? api::Detail::kFull : api::Detail::kSummary;
    } else {
      return refuse(400, "bad_request", "detail must be true or false, not " + quote(value), key);
    }
  }
  return query;
}

void add_reading(const AgentParts& agent, const api::AgentStatus& identity, http::Routes& routes) {
  using Names = std::vector<std::string_view>;
  const Names none{};
  const Names of_lists{"name", "detail"};
  const auto get = [&](const char* path, const Names& allowed, const auto& handler) {
    routes.get(path, [allowed, handler](const http::Request& request) {
      const auto query = parse_query(request.query, allowed);
      return query ? handler(request, *query) : error_response(query.error());
    });
  };
  using R = const http::Request&;
  using Q = const StreamQuery&;

  for (const char* const path : {"/api/v1", "/api/v1/"}) {
    get(path, none, [index = index_json()](R, Q) { return json_response(index); });
  }
  get("/api/v1/status", none, [=](R, Q) { return status(agent, identity); });
  get("/api/v1/openapi.json", none, [](R, Q) {
    return http::Response{.content_type = "application/json",
                          .body = std::string(api::openapi_json())};
  });
  get("/api/v1/receivers", of_lists, [=](R, Q query) {
    const auto fits = [&](const ReceiverSpec& spec) { return query.fits(spec.name); };
    return json_response(api::receivers_json(agent.receivers.snapshot(fits),
                                             agent.receivers.sockets(), agent.clock.realtime(),
                                             query.detail));
  });
  get("/api/v1/receivers/*", none, [=](R request, Q) {
    const auto one = agent.receivers.snapshot(
        [&](const ReceiverSpec& spec) { return spec.name == request.tail; });
    return one.empty() ? error_response(no_such_stream("receiver", request.tail).error())
                       : json_response(api::receiver_json(one.front(), api::Detail::kFull));
  });
  get("/api/v1/senders", of_lists, [=](R, Q query) {
    const auto fits = [&](const SenderSpec& spec) { return query.fits(spec.name); };
    return json_response(
        api::senders_json(agent.senders.snapshot(fits), agent.clock.realtime(), query.detail));
  });
  get("/api/v1/senders/*", none, [=](R request, Q) {
    const auto one =
        agent.senders.snapshot([&](const SenderSpec& spec) { return spec.name == request.tail; });
    return one.empty() ? error_response(no_such_stream("sender", request.tail).error())
                       : json_response(api::sender_json(one.front(), api::Detail::kFull));
  });
  get("/api/v1/memberships", none, [=](R, Q) { return memberships(agent); });
  get("/api/v1/routes", none, [=](R, Q) { return multicast_routes(agent); });
  get("/api/v1/findings", of_lists, [=](R, Q query) {
    auto streams = agent.network.known().findings;
    std::erase_if(streams, [&](const auto& one) { return !query.fits(one.subject.stream); });
    return json_response(api::findings_json(streams));
  });
  get("/api/v1/events", {"stream"},
      [=](R request, Q query) { return events(agent, request, query); });
}

}  // namespace mcast::agent
