// What the HTTP server serves: requests, answers and who makes them. Free of any
// HTTP, TLS or socket code, so that handlers can be tested by calling them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mcast::agent {

struct HttpRequest {
  std::string method = {};  // "GET" for HEAD, too
  std::string path = {};    // percent-decoded
  // What "*" of the pattern stood for, percent-decoded; never empty, never with '/'.
  std::string tail = {};
  std::multimap<std::string, std::string> query = {};  // decoded; '+' is a space
  std::string body = {};
  std::string last_event_id = {};
  std::string if_none_match = {};
  std::string peer = {};  // "192.0.2.1:40000", or "uid 1000, pid 4242" on the Unix socket
  // Asked to stop when the server stops: whoever waits in `more` can wake up early.
  std::stop_token stopping = {};
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  std::map<std::string, std::string> headers = {};
  // Given for an event stream: called again and again, on a thread of the
  // connection's own, after the body was sent. Gives what to send next ("": nothing
  // now, after up to a second of waiting), nullopt at the end. Must not throw. It is
  // destroyed on that thread, before HttpServer::stop() returns.
  std::function<std::optional<std::string>()> more = {};
  // Long text: sent with gzip to clients that accept it.
  bool compress = false;
};

// Called on any of the server's threads, several at a time. May throw: the client
// gets 500 and is not told why.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

enum class Access : std::uint8_t {
  kWrites,   // over TCP only with TLS and basic authentication, else 403 before the body is read
  kAnybody,  // everybody who may read
};

// Patterns are exact paths, or have one segment "*" that stands for any one
// segment: "/api/v1/receivers/*", "/api/v1/receivers/*/renew". Exact ones win.
class Routes {
 public:
  struct Entry {
    HttpHandler handler;
    Access access = Access::kAnybody;
  };
  struct Found {
    // By method; null where no pattern fits the path.
    const std::map<std::string, Entry, std::less<>>* methods = nullptr;
    std::string tail = {};
  };

  // GET and HEAD.
  void get(std::string_view pattern, HttpHandler handler);
  void post(std::string_view pattern, HttpHandler handler, Access access = Access::kWrites);
  void del(std::string_view pattern, HttpHandler handler, Access access = Access::kWrites);

  // By the decoded segments of a path: {"api", "v1", "status"}; "/" is {""}.
  [[nodiscard]] Found find(const std::vector<std::string>& segments) const;

 private:
  struct Route {
    std::vector<std::string> segments;
    std::map<std::string, Entry, std::less<>> methods;
  };
  void add(std::string_view method, std::string_view pattern, Entry entry);
  std::vector<Route> routes_;
};

}  // namespace mcast::agent
