// What the HTTP server serves: requests, answers and who makes them. Free of any
// HTTP library.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace mcast::agent {

struct HttpRequest {
  std::string method;
  std::string path;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  std::map<std::string, std::string> headers = {};
};

// Called on any of the server's threads, several at a time.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

class Routes {
 public:
  // GET and HEAD of exactly this path.
  void get(std::string path, HttpHandler handler) {
    handlers_.insert_or_assign(std::move(path), std::move(handler));
  }
  // Null when nothing is there.
  [[nodiscard]] const HttpHandler* find(const std::string& path) const {
    const auto found = handlers_.find(path);
    return found == handlers_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, HttpHandler> handlers_;
};

}  // namespace mcast::agent
