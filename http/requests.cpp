// What the loop does with requests: HttpLoop's other half.
#include <unistd.h>

#include <exception>
#include <utility>

#include "http/loop.h"

namespace mcast::agent {
namespace {

std::size_t index(HttpStreams::Way way) {
  return static_cast<std::size_t>(way);
}

HttpResponse call(const HttpHandler& handler, const HttpRequest& request,
                  const HttpServer::OnError& on_error, bool in_api) {
  try {
    return handler(request);
  } catch (const std::exception& error) {
    if (on_error) on_error(error.what());
    return error_response(in_api, 500, "internal error");
  }
}

}  // namespace

void HttpLoop::on_head(Id id, Client& client) {
  const HttpHead& head = client.connection.head();
  auto target = parse_target(head.target);
  if (!target) return refuse(client, target.error().status, target.error().message);
  client.target = std::move(*target);
  if (stopping_.stop_requested()) return refuse(client, 503, "stopping");
  if (!client.refusal.empty()) return refuse(client, 403, client.refusal);
  const auto config = web();
  if (client.way == Way::kTcp && config->auth) {
    auto credentials = parse_basic_credentials(head.header("authorization"));
    if (!credentials) return ask_for_password(client);
    client.credentials = std::move(*credentials);
    if (!config->auth->remembers(client.credentials)) {
      if (password_queue_.size() >= parts_.limits.waiting_password_checks) {
        return refuse(client, 429, "too many passwords are being checked");
      }
      password_queue_.push_back(id);
      return start_password_checks();
    }
    client.credentials = {};
  }
  on_allowed(id, client);
}

void HttpLoop::start_password_checks() {
  while (!password_queue_.empty() && password_checks_ < parts_.limits.password_checks) {
    const Id id = password_queue_.front();
    password_queue_.pop_front();
    const auto found = clients_.find(id);
    if (found == clients_.end()) continue;
    ++password_checks_;
    // Without users any more: everybody may read.
    workers_.submit(
        [this, id, auth = web()->auth, given = std::move(found->second->credentials)] {
          // The same password may have been found right while this one waited.
          const bool fits = !auth || auth->remembers(given) || auth->check(given);
          post({.id = id, .password_fits = fits, .answer = {}, .host = {}});
        },
        true);
  }
}

void HttpLoop::ask_for_password(Client& client) {
  HttpResponse response =
      error_response(is_in_api(client.target.path), 401, "user and password are wanted");
  response.headers.emplace("WWW-Authenticate", "Basic realm=\"mcast-agent\", charset=\"UTF-8\"");
  respond(client, std::move(response));
}

void HttpLoop::on_allowed(Id id, Client& client) {
  const auto config = web();
  const bool may_write =
      client.way == Way::kUnix || (client.connection.has_tls() && config->allows_writing());
  client.decision =
      decide(parts_.routes, client.connection.head(), client.target,
             {.may_write = may_write,
              .socket = parts_.api_socket ? parts_.api_socket->path() : std::string_view()});
  if (client.decision.refusal) return respond(client, std::move(*client.decision.refusal));
  const HttpHead& head = client.connection.head();
  if (!head.has_body()) return on_body(id, client);
  const std::size_t wanted =
      head.chunked ? kMostBodyBytes : static_cast<std::size_t>(*head.content_length);
  std::size_t& held = body_bytes_[index(client.way)];
  if (held + wanted > parts_.limits.body_bytes) {
    return refuse(client, 429, "too many large requests at a time");
  }
  held += wanted;
  client.body_budget = wanted;
  client.connection.read_body(now_);
}

void HttpLoop::on_body(Id id, Client& client) {
  const HttpHead& head = client.connection.head();
  const bool urgent = client.way == Way::kUnix;
  if (!urgent && workers_.waiting() >= parts_.limits.waiting_requests) {
    return refuse(client, 429, "too many requests at a time");
  }
  std::string host;
  if (!urgent) {
    std::size_t& at_work = requests_at_work_[std::string(client.host())];
    if (at_work >= parts_.limits.requests_of_a_host) {
      return refuse(client, 429, "too many requests of this address at a time");
    }
    ++at_work;
    host = client.host();
  }
  HttpRequest request{.method = head.method == "HEAD" ? "GET" : head.method,
                      .path = client.target.path,
                      .tail = std::move(client.decision.tail),
                      .query = std::move(client.target.query),
                      .body = client.connection.take_body(),
                      .last_event_id = std::string(head.header("last-event-id")),
                      .if_none_match = std::string(head.header("if-none-match")),
                      .peer = client.peer,
                      .stopping = stopping_.get_token()};
  workers_.submit(
      [this, id, entry = client.decision.entry, request = std::move(request),
       form = form_of(client), host = std::move(host)] {
        HttpAnswer made;
        try {
          made = write_answer(
              call(entry->handler, request, parts_.on_error, is_in_api(request.path)), form);
        } catch (const std::exception& error) {
          if (parts_.on_error) parts_.on_error(error.what());
        }
        // Without bytes: the connection just ends.
        post({.id = id, .password_fits = std::nullopt, .answer = std::move(made), .host = host});
      },
      urgent);
}

void HttpLoop::post(Outcome outcome) {
  {
    const std::scoped_lock lock(mutex_);
    outcomes_.push_back(std::move(outcome));
  }
  const std::uint64_t one = 1;
  // Full means that the loop will wake up anyway.
  (void)!::write(wake_.get(), &one, sizeof one);
}

void HttpLoop::take_outcomes() {
  std::uint64_t calls = 0;
  (void)!::read(wake_.get(), &calls, sizeof calls);
  std::deque<Outcome> outcomes;
  {
    const std::scoped_lock lock(mutex_);
    outcomes.swap(outcomes_);
  }
  for (Outcome& outcome : outcomes) on_outcome(std::move(outcome));
}

void HttpLoop::on_outcome(Outcome outcome) {
  if (outcome.password_fits) {
    --password_checks_;
    start_password_checks();
  }
  if (const auto host = requests_at_work_.find(outcome.host);
      host != requests_at_work_.end() && --host->second == 0) {
    requests_at_work_.erase(host);
  }
  const auto found = clients_.find(outcome.id);
  if (found == clients_.end()) return;
  Client& client = *found->second;
  if (outcome.password_fits) {
    if (*outcome.password_fits) {
      on_allowed(outcome.id, client);
    } else {
      ask_for_password(client);
    }
  } else if (outcome.answer.bytes.empty()) {
    return close(outcome.id);
  } else if (outcome.answer.more) {
    return begin_stream(outcome.id, client, std::move(outcome.answer));
  } else {
    answer(client, std::move(outcome.answer));
  }
  drive(outcome.id);
}

void HttpLoop::begin_stream(Id id, Client& client, HttpAnswer answer) {
  if (stopping_.stop_requested()) return close(id);
  const bool in_api = is_in_api(client.target.path);
  if (streams_.has_room(client.way)) {
    watch(id, client, 0);
    if (streams_.start(client.way, client.connection.transport(), answer.bytes, answer.more)) {
      return close(id);
    }
    refuse(client, 503, "no thread for another event stream", "too_many");
  } else {
    // It takes a place with whoever made it, for which others may wait.
    answer.more = nullptr;
    respond(client, error_response(in_api, 429, "64 clients read events already"));
  }
  drive(id);
}

AnswerForm HttpLoop::form_of(const Client& client) {
  const HttpHead& head = client.connection.head();
  return {
      .head_only = head.method == "HEAD",
      .keep_alive = head.keep_alive && !stopping_.stop_requested(),
      .gzip = names_token(head.header("accept-encoding"), "gzip"),
      .headers = client.way == Way::kTcp ? web()->headers : std::map<std::string, std::string>()};
}

void HttpLoop::respond(Client& client, HttpResponse response) {
  AnswerForm form = form_of(client);
  // What was announced and not read would be taken for the next request.
  if (client.connection.head().has_body()) form.keep_alive = false;
  answer(client, write_answer(std::move(response), form));
}

void HttpLoop::refuse(Client& client, int status, std::string_view message, std::string_view code) {
  respond(client, error_response(client.connection.seems_in_api(), status, message, code));
}

void HttpLoop::answer(Client& client, HttpAnswer answer) {
  std::size_t& bodies = body_bytes_[index(client.way)];
  bodies -= std::exchange(client.body_budget, 0);
  free_answer(client);
  client.answer_budget = answer.bytes.size();
  answer_bytes_[index(client.way)] += client.answer_budget;
  client.connection.answer(std::move(answer), now_);
  if (client.way == Way::kTcp) make_answers_fit(client);
}

// Closes those that have been read for longest, but not this one.
void HttpLoop::make_answers_fit(const Client& newest) {
  while (answer_bytes_[index(Way::kTcp)] > parts_.limits.answer_bytes) {
    Id oldest = 0;
    HttpTime since = HttpTime::max();
    for (const auto& [id, client] : clients_) {
      if (client.get() == &newest || client->way != Way::kTcp ||
          client->connection.state() != HttpConnection::State::kAnswer ||
          client->connection.since() >= since) {
        continue;
      }
      oldest = id;
      since = client->connection.since();
    }
    if (oldest == 0) return;
    close(oldest);
  }
}

}  // namespace mcast::agent
