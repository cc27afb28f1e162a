// Asks an agent on this host, by HTTP over its Unix socket. Errors are sentences for the
// person at the command. One thread, but for stop(). The one place of the commands that sees
// httplib.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace httplib {
class ClientImpl;
}

namespace mcast::cli {

class AgentClient {
 public:
  // Gets an answer as it comes; false: enough.
  using Take = std::function<bool(std::string_view)>;

  explicit AgentClient(std::string socket);
  AgentClient(const AgentClient&) = delete;
  AgentClient& operator=(const AgentClient&) = delete;
  ~AgentClient();

  // The body of an answer of success. The code of an error is ESRCH where the agent says
  // that there is no such thing (404); else it has no meaning. Bounded: 2 s to connect,
  // 10 s without a byte, 256 MB.
  [[nodiscard]] Result<std::string> get(const std::string& path) { return ask("GET", path, ""); }
  [[nodiscard]] Result<std::string> post(const std::string& path, const std::string& body) {
    return ask("POST", path, body);
  }
  [[nodiscard]] Result<std::string> remove(const std::string& path) {
    return ask("DELETE", path, "");
  }
  // A body as one of the parsers of api/ reads it.
  template <typename T>
  [[nodiscard]] Result<T> get(const std::string& path, Result<T> (*parse)(std::string_view)) {
    const auto answer = get(path);
    if (!answer) return std::unexpected(answer.error());
    return parse(*answer);
  }

  // An answer that does not end, until `take` returns false, the agent ends it, or stop() is
  // called; none of these is an error. 30 s without a byte are. `last_event_id`: "" for none.
  [[nodiscard]] Result<void> follow(const std::string& path, const std::string& last_event_id,
                                    const Take& take);
  // Any thread: makes follow() return. One that begins at this moment may not hear it: ask
  // again until it has returned.
  void stop();

  [[nodiscard]] const std::string& socket() const { return socket_; }

 private:
  // `take` gets the body of a success in place of the caller.
  [[nodiscard]] Result<std::string> ask(const char* method, const std::string& path,
                                        const std::string& body, const Take& take = nullptr,
                                        const std::string& last_event_id = {});

  std::string socket_;
  std::unique_ptr<httplib::ClientImpl> client_;
  std::atomic<bool> stopped_ = false;
};

// Why no agent can be reached at a socket. `code`: what connect() said, 0 if it went well after
// all. Looks at the file to say whose it is.
[[nodiscard]] Error agent_socket_error(const std::string& path, int code);

}  // namespace mcast::cli
