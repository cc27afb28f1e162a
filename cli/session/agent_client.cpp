#include "cli/session/agent_client.h"

#include <httplib.h>

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/json.h"
#include "base/file_descriptor.h"
#include "base/text.h"

namespace mcast::cli {
namespace {

constexpr int kConnectSeconds = 2;
constexpr int kAnswerSeconds = 10;
// The agent sends a comment line every ten seconds.
constexpr int kFollowSeconds = 30;
constexpr std::size_t kMaxErrorBytes = 64'000;

constexpr int kNotFound = 404;
bool is_success(int status) {
  return status >= 200 && status < 300;
}

// {"error": {"code", "message", "field"}} as a sentence; of anything else the status.
Error error_of(int status, const std::string& body) {
  using Json = nlohmann::json;
  const Json json = Json::parse(body, nullptr, false);
  const Json told = json.is_object() ? json.value("error", Json()) : Json();
  const auto text = [&](const char* key) {
    const bool is_there = told.is_object() && told.contains(key) && told[key].is_string();
    return is_there ? told[key].get<std::string>() : "";
  };
  std::string message = printable(text("message"), 500);
  const std::string field = printable(text("field"));
  if (!field.empty() && message.find(field) == std::string::npos) {
    message += " (field '" + field + "')";
  }
  if (message.empty()) {
    message = "status " + std::to_string(status) +
              (body.empty() ? "" : ", " + printable(body.substr(0, body.find('\n')), 200));
  }
  return {.message = "the agent says: " + message, .code = status == kNotFound ? ESRCH : 0};
}

// "" where the file cannot be seen.
std::string group_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  std::array<char, 4096> buffer{};
  group entry{};
  group* found = nullptr;
  if (::getgrgid_r(status.st_gid, &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr) {
    return printable(entry.gr_name);
  }
  return std::to_string(status.st_gid);
}

// The library does not say why it could not connect, so this is tried once more.
Error connection_error(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return agent_socket_error(path, ENAMETOOLONG);
  }
  std::ranges::copy(path, std::begin(address.sun_path));
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe) return agent_socket_error(path, errno);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  const int failed = ::connect(probe.get(), generic, sizeof address) == 0 ? 0 : errno;
  return agent_socket_error(path, failed);
}

}  // namespace

// A connection for each request: the agent may have been started anew since the last one,
// and a Unix socket costs next to nothing.
struct AgentClient::Connection {
  explicit Connection(const std::string& socket) : client(socket, 80) {
    client.set_address_family(AF_UNIX);
    client.set_connection_timeout(kConnectSeconds);
    client.set_write_timeout(kAnswerSeconds);
    client.set_keep_alive(false);
    client.set_decompress(false);
    client.set_follow_location(false);
  }

  // `take`: gets the body of a success in place of the caller.
  Result<std::string> send(httplib::Request request, const std::string& socket,
                           const std::atomic<bool>& stopped, int seconds,
                           const std::function<bool(std::string_view)>& take = nullptr) {
    int status = 0;
    std::string body;
    bool too_large = false;
    bool ended = false;
    request.set_header("Host", "agent");
    request.response_handler = [&](const httplib::Response& response) {
      status = response.status;
      return true;
    };
    request.content_receiver = [&](const char* data, std::size_t length, std::uint64_t,
                                   std::uint64_t) {
      if (take && is_success(status)) {
        ended = stopped || !take({data, length});
        return !ended;
      }
      const std::size_t most = is_success(status) ? api::kMaxAnswerBytes : kMaxErrorBytes;
      too_large = body.size() + length > most;
      if (!too_large) body.append(data, length);
      return !too_large;
    };
    client.set_read_timeout(seconds);
    const httplib::Result result = client.send(request);
    if (too_large) return fail("the agent's answer is too large");
    if (!result && !ended) {
      if (result.error() == httplib::Error::Connection ||
          result.error() == httplib::Error::ConnectionTimeout) {
        return std::unexpected(connection_error(socket));
      }
      return fail("the agent at " + printable(socket) +
                  " did not answer: it may have been stopped");
    }
    if (!is_success(status)) return std::unexpected(error_of(status, body));
    return body;
  }

  httplib::ClientImpl client;
};

AgentClient::AgentClient(std::string socket)
    : socket_(std::move(socket)), connection_(std::make_unique<Connection>(socket_)) {}

AgentClient::~AgentClient() = default;

Result<std::string> AgentClient::ask(const char* method, const std::string& path,
                                     const std::string& body) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  if (!body.empty()) request.set_header("Content-Type", "application/json");
  return connection_->send(std::move(request), socket_, stopped_, kAnswerSeconds);
}

Result<void> AgentClient::follow(const std::string& path, const std::string& last_event_id,
                                 const std::function<bool(std::string_view)>& take) {
  httplib::Request request;
  request.method = "GET";
  request.path = path;
  request.set_header("Accept", "text/event-stream");
  if (!last_event_id.empty()) request.set_header("Last-Event-ID", last_event_id);
  const auto sent = connection_->send(std::move(request), socket_, stopped_, kFollowSeconds, take);
  if (!sent && !stopped_) return std::unexpected(sent.error());
  return {};
}

void AgentClient::stop() {
  stopped_ = true;
  connection_->client.stop();
}

Error agent_socket_error(const std::string& path, int code) {
  const std::string shown = printable(path, 200);
  const std::string nobody = "no agent answers at " + shown +
                             ": is mcast-agent running? (or name its socket: --agent=SOCKET)";
  const std::string group = group_of(path);
  const auto sentence = [&]() -> std::string {
    switch (code) {
      case ENOENT:
      case ENOTDIR:
        return nobody;
      case ECONNREFUSED:
        return nobody + "; the socket is there, but nobody listens on it";
      case EACCES:
      case EPERM:
        return "no permission to use the agent at " + shown + ": it may be used by root" +
               (group.empty() || group == "root" ? " alone" : " and the group " + group);
      case ENAMETOOLONG:
        return "the name of a socket has 1 to 107 bytes, not " + std::to_string(path.size()) +
               ": " + shown;
      case 0:
      case EAGAIN:
        return "the agent at " + shown + " did not take the connection in time";
      default:
        return "cannot reach an agent at " + shown + ": " + errno_text(code);
    }
  };
  return {.message = sentence(), .code = 0};
}

}  // namespace mcast::cli
