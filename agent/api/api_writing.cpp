#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "agent/api/api.h"
#include "agent/configuration/entries.h"
#include "api/stream_json.h"
#include "base/text.h"

namespace mcast::agent {
namespace {

using Kind = InputValue::Kind;

constexpr std::size_t kMaxRequestDepth = 8;
// In one request; the configuration file may have more.
constexpr std::uint64_t kMaxCount = 10'000;
// Every stream has its own copy.
constexpr std::size_t kMaxLabelBytes = std::size_t{1} << 20U;
// One runs and one waits. Whoever else asks is told to come again, so that reloads never
// hold the threads that answer everybody else.
constexpr int kMaxReloads = 2;

RequestError bad_json(const std::string& what) {
  return refuse(400, "bad_json", "the body " + what).error();
}
RequestError bad_field(std::string message, std::string field) {
  return refuse(400, "bad_field", std::move(message), std::move(field)).error();
}

// The name of the outermost field that a position lies in.
std::string field_at(const InputValue& body, std::size_t column) {
  std::string field;
  for (std::size_t i = 0; i + 1 < body.children.size(); i += 2) {
    if (body.children[i]->position.column <= column) field = body.children[i]->text;
  }
  return field;
}

// Events rather than nlohmann's tree: it keeps the last of two fields with one name, and
// 2.5 as the nearest double.
class BodyReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return add(Kind::kNull, "", false); }
  bool boolean(bool value) override { return scalar(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return scalar(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return scalar(std::to_string(value)); }
  bool number_float(number_float_t /*value*/, const string_t& text) override {
    return scalar(text);
  }
  bool string(string_t& value) override { return scalar(value, true); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*elements*/) override { return open(Kind::kMapping); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t /*elements*/) override { return open(Kind::kList); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    scalar(name, true);
    if (fields_.back().insert(name).second) return true;
    const std::string field = field_at(*tree.root(), tree.size());
    error = bad_field(quote(printable(name)) + " is given twice", field);
    return false;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& fault) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    std::string_view message = fault.what();
    if (const auto end = message.find("] "); end != std::string_view::npos) {
      message.remove_prefix(end + 2);
    }
    error = bad_json("is not JSON: " + printable(message, 300) + " (byte " +
                     std::to_string(position) + ")");
    return false;
  }

  InputTree tree;
  RequestError error = bad_json("is not JSON");

 private:
  bool add(Kind kind, std::string text, bool quoted) {
    InputValue& value = tree.add(kind, {.column = static_cast<std::uint32_t>(tree.size() + 1)});
    value.text = std::move(text);
    value.quoted = quoted;
    if (kind == Kind::kList || kind == Kind::kMapping) tree.open(value);
    return true;
  }
  bool scalar(std::string text, bool quoted = false) {
    return add(Kind::kScalar, std::move(text), quoted);
  }
  bool open(Kind kind) {
    fields_.emplace_back();
    if (fields_.size() <= kMaxRequestDepth) return add(kind, "", false);
    error = bad_json("is nested too deeply");
    return false;
  }
  bool close() {
    tree.close();
    fields_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> fields_;  // of each object or list that is open
};

std::expected<InputTree, RequestError> parse_json(std::string_view body) {
  if (!is_utf8(body)) return std::unexpected(bad_json("is not UTF-8"));
  BodyReader reader;
  try {
    if (!nlohmann::json::sax_parse(body, &reader)) return std::unexpected(reader.error);
  } catch (const std::exception& error) {
    // Numbers out of range come here.
    return std::unexpected(bad_json(std::string("is not JSON: ") + error.what()));
  }
  const InputValue* const root = reader.tree.root();
  if (root != nullptr && root->kind == Kind::kMapping) return std::move(reader.tree);
  return std::unexpected(bad_json("must be a JSON object"));
}

// What `work` gives on the main loop; 503 where that does not run.
http::Response on_main_loop(const AgentParts& agent, const auto& work) {
  std::optional<http::Response> response;
  (void)agent.main_loop.execute_if_open([&] { response = work(); });
  return response ? std::move(*response)
                  : error_response({.status = 503,
                                    .code = "stopping",
                                    .message = "the agent is starting or stopping"});
}

template <typename Spec>
http::Response started(const AgentParts& agent,
                       std::expected<api::StartedStreams, RequestError> result, int status) {
  if (!result) return error_response(result.error());
  const std::set<std::string_view> names(result->streams.begin(), result->streams.end());
  const auto fits = [&](const Spec& spec) { return names.contains(spec.name); };
  const auto tell = [&](const auto& streams) {
    const auto failed =
        std::ranges::find_if(streams, [](const auto& each) { return !each.error.empty(); });
    if (streams.empty()) return;
    const auto& told = failed == streams.end() ? streams.front() : *failed;
    result->state = to_string(told.state);
    if (!told.error.empty()) result->error = told.error;
  };
  if constexpr (std::is_same_v<Spec, ReceiverSpec>) {
    tell(agent.receivers.snapshot(fits));
  } else {
    tell(agent.senders.snapshot(fits));
  }
  return json_response(api::started_streams_json(*result), status);
}

// The requests for receivers, or for senders.
template <typename Spec>
void add_ad_hoc(const AgentParts& agent, http::Routes& routes) {
  const std::string path = "/api/v1/" + std::string(kKind<Spec>) + "s";
  routes.post(path, [=](const http::Request& request) {
    if (const auto none = parse_query(request.query, {}); !none) {
      return error_response(none.error());
    }
    // Judged here: the main loop has other things to do.
    auto parsed = parse_request<Spec>(request.body, *agent.reload.defaults());
    if (!parsed) return error_response(parsed.error());
    return on_main_loop(agent, [&] {
      const auto made = agent.streams.add(std::move(*parsed), agent.clock.monotonic());
      http::Response response = started<Spec>(agent, made, 201);
      if (!made) return response;
      // Where there are several streams, the list of them is the place.
      const std::string pattern = api::percent_encoded(api::pattern_of(made->streams));
      response.headers["Location"] = path + (made->streams.size() == 1 ? "/" : "?name=") + pattern;
      return response;
    });
  });
  routes.post(path + "/*/renew", [=](const http::Request& request) {
    return on_main_loop(agent, [&] {
      return started<Spec>(agent, agent.streams.renew<Spec>(request.tail, agent.clock.monotonic()),
                           200);
    });
  });
  routes.del(path + "/*", [=](const http::Request& request) {
    return on_main_loop(agent, [&] {
      const auto removed = agent.streams.remove<Spec>(request.tail);
      return removed ? http::Response{.status = 204, .content_type = "application/json"}
                     : error_response(removed.error());
    });
  });
}

http::Response reload(const AgentParts& agent) {
  return on_main_loop(agent, [&] {
    const std::vector<std::string> errors = agent.reload.run();
    if (errors.empty()) return http::Response{.body = "reloaded\n"};
    const std::string message = std::to_string(errors.size()) +
                                (errors.size() == 1 ? " error" : " errors") +
                                "; the old configuration stays";
    return http::Response{.status = 500,
                          .content_type = "application/json",
                          .body = api::error_json("bad_configuration", message, "", errors)};
  });
}

}  // namespace

template <typename Spec>
std::expected<StreamRequest<Spec>, RequestError> parse_request(std::string_view body,
                                                               const StreamEntry& defaults) {
  const auto tree = parse_json(body);
  if (!tree) return std::unexpected(tree.error());
  constexpr Section kSection =
      std::is_same_v<Spec, ReceiverSpec> ? kInReceiverRequest : kInSenderRequest;
  ErrorList errors;
  ErrorList warnings;
  StreamEntry entry = read_stream(*tree->root(), kSection, defaults, errors, warnings);
  StreamRequest<Spec> request;
  if (const auto* name = entry.value<std::string>("name")) request.name = *name;
  if (const auto* detach = entry.value<bool>("detach")) request.detach = *detach;
  // Until the agent gives it one.
  if (entry.find("name") == nullptr) entry.settings["name"].value = "unnamed";
  std::optional<Spec> spec = make_spec<Spec>(entry, errors, warnings);
  if (!errors.empty()) {
    const ConfigurationError first = errors.take("", "errors").front();
    return std::unexpected(bad_field(first.message, field_at(*tree->root(), first.column)));
  }
  if (entry.find("group") == nullptr) {
    return std::unexpected(bad_field("the field 'group' is missing", "group"));
  }
  if (entry.count() > kMaxCount) {
    return std::unexpected(
        bad_field("count must be at most " + std::to_string(kMaxCount) + " here", "count"));
  }
  if (entry.label_bytes() > kMaxLabelBytes) {
    return std::unexpected(bad_field("the labels of all streams together exceed 1 MiB", "labels"));
  }
  spec->origin = request.detach ? StreamOrigin::kDetached : StreamOrigin::kClient;
  expand(*spec, entry.count(), request.streams);
  for (Spec& stream : request.streams) stream.name.clear();
  return request;
}
template std::expected<StreamRequest<ReceiverSpec>, RequestError> parse_request(std::string_view,
                                                                                const StreamEntry&);
template std::expected<StreamRequest<SenderSpec>, RequestError> parse_request(std::string_view,
                                                                              const StreamEntry&);

void add_writing(const AgentParts& agent, http::Routes& routes) {
  add_ad_hoc<ReceiverSpec>(agent, routes);
  add_ad_hoc<SenderSpec>(agent, routes);
  const auto handler = [agent,
                        asked = std::make_shared<std::atomic<int>>(0)](const http::Request&) {
    const bool too_many = asked->fetch_add(1) >= kMaxReloads;
    http::Response response =
        too_many ? error_response({.status = 429,
                                   .code = "too_many",
                                   .message = "a reload is under way, and another one waits"})
                 : reload(agent);
    asked->fetch_sub(1);
    return response;
  };
  // As with other exporters, everybody may ask the agent to read its own file again.
  routes.post("/-/reload", handler, http::Access::kAnybody);
}

}  // namespace mcast::agent
