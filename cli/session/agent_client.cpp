#include "cli/session/agent_client.h"

#include <httplib.h>

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
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

// {"error": {"code", "message", "field"}} as a sentence; of anything else the status.
Error error_of(int status, const std::string& body) {
  struct Told {
    std::string message;
    std::string field;
  };
  const auto told = api::read_json<Told>(body, [](const api::JsonReader& json, Told& into) {
    auto error = [&](const api::JsonReader& io) {
      io("message", into.message);
      io("field", into.field, api::kTextOrNull);
    };
    json("error", error);
  });
  std::string message = told ? printable(told->message, 500) : "";
  const std::string field = told ? printable(told->field) : "";
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

AgentClient::AgentClient(std::string socket)
    : socket_(std::move(socket)), client_(std::make_unique<httplib::ClientImpl>(socket_, 80)) {
  client_->set_address_family(AF_UNIX);
  client_->set_connection_timeout(kConnectSeconds);
  client_->set_write_timeout(kAnswerSeconds);
  // A connection for each request: the agent may have been started anew since the last one,
  // and a Unix socket costs next to nothing.
  client_->set_keep_alive(false);
  client_->set_decompress(false);
  client_->set_follow_location(false);
}

AgentClient::~AgentClient() = default;

Result<std::string> AgentClient::ask(const char* method, const std::string& path,
                                     const std::string& body, const Take& take,
                                     const std::string& last_event_id) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  request.set_header("Host", "agent");
  if (!body.empty()) request.set_header("Content-Type", "application/json");
  if (take) request.set_header("Accept", "text/event-stream");
  if (!last_event_id.empty()) request.set_header("Last-Event-ID", last_event_id);
  int status = 0;
  bool succeeded = false;
  std::string answer;
  bool too_large = false;
  bool ended = false;
  request.response_handler = [&](const httplib::Response& response) {
    status = response.status;
    succeeded = status / 100 == 2;
    return true;
  };
  request.content_receiver = [&](const char* data, std::size_t length, std::uint64_t,
                                 std::uint64_t) {
    if (take && succeeded) {
      ended = stopped_ || !take({data, length});
      return !ended;
    }
    const std::size_t most = succeeded ? api::kMaxAnswerBytes : kMaxErrorBytes;
    too_large = answer.size() + length > most;
    if (!too_large) answer.append(data, length);
    return !too_large;
  };
  client_->set_read_timeout(take ? kFollowSeconds : kAnswerSeconds);
  const httplib::Result result = client_->send(request);
  if (too_large) return fail("the agent's answer is too large");
  // Of an answer without a body the library says nothing before its end.
  if (result) {
    status = result->status;
    succeeded = status / 100 == 2;
  }
  if (!result && !ended) {
    if (result.error() == httplib::Error::Connection ||
        result.error() == httplib::Error::ConnectionTimeout) {
      return std::unexpected(connection_error(socket_));
    }
    return fail("the agent at " + printable(socket_) + " did not answer: it may have been stopped");
  }
  if (!succeeded) return std::unexpected(error_of(status, answer));
  return answer;
}

Result<void> AgentClient::follow(const std::string& path, const std::string& last_event_id,
                                 const Take& take) {
  const auto followed = ask("GET", path, "", take, last_event_id);
  if (!followed && !stopped_) return std::unexpected(followed.error());
  return {};
}

void AgentClient::stop() {
  stopped_ = true;
  client_->stop();
}

Error agent_socket_error(const std::string& path, int code) {
  const std::string shown = printable(path, 200);
  const std::string nobody = "no agent answers at " + shown +
                             ": is mcast-agent running? (or name its socket: --agent=SOCKET)";
  const std::string group = group_of(path);
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return {nobody, 0};
    case ECONNREFUSED:
      return {nobody + "; the socket is there, but nobody listens on it", 0};
    case EACCES:
    case EPERM:
      return {"no permission to use the agent at " + shown + ": it may be used by root" +
                  (group.empty() || group == "root" ? " alone" : " and the group " + group),
              0};
    case ENAMETOOLONG:
      return {"the name of a socket has 1 to 107 bytes, not " + std::to_string(path.size()) + ": " +
                  shown,
              0};
    case 0:
    case EAGAIN:
      return {"the agent at " + shown + " did not take the connection in time", 0};
    default:
      return {"cannot reach an agent at " + shown + ": " + errno_text(code), 0};
  }
}

}  // namespace mcast::cli
