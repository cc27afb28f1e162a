// What the server serves: requests, answers, and the handlers that make them. Free of any
// HTTP, TLS or socket code, so that handlers can be tested by calling them. Filled before the
// server starts, read by its threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mcast::http {

struct Request {
  std::string method = {};  // "GET" for HEAD, too
  std::string path = {};    // percent-decoded
  // What "*" of the pattern stood for, percent-decoded; never empty, never with '/'.
  std::string tail = {};
  std::multimap<std::string, std::string> query = {};  // decoded; '+' is a space
  std::string body = {};
  std::string last_event_id = {};
  std::string if_none_match = {};
  std::string peer = {};  // "192.0.2.1:40000", or "uid 1000, pid 4242" on the Unix socket
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  std::map<std::string, std::string> headers = {};
  // Given for an event stream: called again and again after the body was sent, on the
  // threads of handlers, one call at a time. Gives what to send next ("": nothing now),
  // nullopt at the end. Must neither wait nor throw. Destroyed before Server::stop() returns.
  std::function<std::optional<std::string>()> more = {};
  // Given beside `more`: calls `wake`, on any thread, when there may be something to send,
  // until what it has returned is destroyed: no call goes on after that. Without it `more` is
  // called twice a second.
  std::function<std::shared_ptr<void>(std::function<void()> wake)> subscribe = {};
  // Long text: sent with gzip to clients that accept it.
  bool compress = false;
};

// Called on any of the server's threads, several at a time. May throw: the client
// gets 500 and is not told why.
using Handler = std::function<Response(const Request&)>;

enum class Access : std::uint8_t {
  kWrites,   // over TCP only with TLS and basic authentication, else 403 before the body is read
  kAnybody,  // everybody who may read
};

// Patterns are exact paths, or have one segment "*" that stands for any one
// segment: "/api/v1/receivers/*", "/api/v1/receivers/*/renew". Exact ones win.
class Routes {
 public:
  struct Entry {
    Handler handler;
    Access access = Access::kAnybody;
  };
  using Methods = std::map<std::string, Entry, std::less<>>;
  struct Found {
    const Methods* methods = nullptr;  // null where no pattern fits the path
    std::string tail = {};
  };

  // GET and HEAD.
  void get(std::string_view pattern, Handler handler) {
    add("GET", pattern, std::move(handler), Access::kAnybody);
  }
  void post(std::string_view pattern, Handler handler, Access access = Access::kWrites) {
    add("POST", pattern, std::move(handler), access);
  }
  void del(std::string_view pattern, Handler handler, Access access = Access::kWrites) {
    add("DELETE", pattern, std::move(handler), access);
  }

  // By a decoded path whose segments hold no '/'.
  [[nodiscard]] Found find(std::string_view path) const {
    Found by_star;
    for (const auto& [pattern, methods] : routes_) {
      const std::size_t star = pattern.find('*');
      if (star == std::string::npos) {
        if (pattern == path) return {.methods = &methods};
        continue;
      }
      const std::string_view before = std::string_view(pattern).substr(0, star);
      const std::string_view behind = std::string_view(pattern).substr(star + 1);
      if (path.size() < pattern.size() || !path.starts_with(before) || !path.ends_with(behind)) {
        continue;
      }
      const std::string_view tail = path.substr(star, path.size() - pattern.size() + 1);
      if (!tail.contains('/')) by_star = {.methods = &methods, .tail = std::string(tail)};
    }
    return by_star;
  }

 private:
  void add(const char* method, std::string_view pattern, Handler handler, Access access) {
    routes_[std::string(pattern)].insert_or_assign(method, Entry{std::move(handler), access});
  }
  std::map<std::string, Methods> routes_;  // by pattern
};

}  // namespace mcast::http
