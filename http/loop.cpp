#include "http/loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include "http/socket_peer.h"

namespace mcast::agent {
namespace {

using std::chrono::milliseconds;

// Ids of connections begin above these.
constexpr std::uint64_t kWakeId = 0;
constexpr std::uint64_t kStopId = 1;
constexpr std::uint64_t kFirstListenerId = 2;
constexpr std::uint64_t kFirstClientId = 1000;

// Deadlines are looked at so often; they need not be more exact.
constexpr milliseconds kLookEvery{100};
constexpr int kMostAcceptsAtOnce = 64;
constexpr int kMostTurns = 32;
// Answers that are nearly there are sent before the end.
constexpr milliseconds kPatience{200};

std::size_t index(HttpStreams::Way way) {
  return static_cast<std::size_t>(way);
}

FileDescriptor event_fd() {
  return FileDescriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

void signal(const FileDescriptor& event) {
  const std::uint64_t one = 1;
  // Full means that it is readable already.
  (void)!::write(event.get(), &one, sizeof one);
}

}  // namespace

HttpLoop::HttpLoop(Parts parts, FileDescriptor epoll, FileDescriptor wake, FileDescriptor stop)
    : parts_(std::move(parts)),
      epoll_(std::move(epoll)),
      wake_(std::move(wake)),
      stop_(std::move(stop)),
      next_id_(kFirstClientId),
      streams_(stop_.get()) {}

Result<std::unique_ptr<HttpLoop>> HttpLoop::start(Parts parts) {
  FileDescriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
  FileDescriptor wake = event_fd();
  FileDescriptor stop = event_fd();
  if (!epoll || !wake || !stop) return fail_errno("cannot make descriptors for HTTP", errno);
  for (const auto& [fd, id] : {std::pair(wake.get(), kWakeId), std::pair(stop.get(), kStopId)}) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = id}};
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
      return fail_errno("cannot wait for HTTP", errno);
    }
  }
  auto loop = std::make_unique<HttpLoop>(std::move(parts), std::move(epoll), std::move(wake),
                                         std::move(stop));
  loop->watch_listeners(true);
  if (auto started = loop->workers_.start(); !started) return std::unexpected(started.error());
  try {
    loop->thread_ = std::thread([raw = loop.get()] { raw->run(); });
  } catch (const std::system_error& error) {
    return fail(std::string("cannot start an HTTP thread: ") + error.what());
  }
  return loop;
}

void HttpLoop::stop() {
  if (!thread_.joinable()) return;
  stopping_.request_stop();
  signal(stop_);
  thread_.join();
  workers_.stop();
  streams_.stop();
  // With them go handlers' answers that nobody waits for any more.
  clients_.clear();
  outcomes_.clear();
  parts_.tcp.clear();
  parts_.api_socket.reset();
}

void HttpLoop::set_web(std::shared_ptr<const WebConfig> web) {
  const std::scoped_lock lock(mutex_);
  if (web->auth && parts_.web->auth) web->auth->remember_as(*parts_.web->auth);
  parts_.web = std::move(web);
}

std::shared_ptr<const WebConfig> HttpLoop::web() {
  const std::scoped_lock lock(mutex_);
  return parts_.web;
}

// ---- the loop ----

void HttpLoop::run() {
  block_sigpipe();
  std::array<epoll_event, 128> events{};
  std::optional<HttpTime> end;
  now_ = std::chrono::steady_clock::now();
  for (;;) {
    const bool hurry = !again_.empty();
    const int timeout = hurry ? 0 : clients_.empty() && accepts_ ? -1 : int{kLookEvery.count()};
    const int ready =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), timeout);
    now_ = std::chrono::steady_clock::now();
    for (int i = 0; i < ready; ++i) {
      const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;
      if (id == kWakeId) {
        take_outcomes();
      } else if (id == kStopId) {
        // Stays readable for the streams; here it has been heard.
        (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, stop_.get(), nullptr);
        watch_listeners(false);
        end = now_ + kPatience;
      } else if (id < kFirstClientId) {
        const std::size_t listener = id - kFirstListenerId;
        if (listener < parts_.tcp.size()) {
          accept_from(parts_.tcp[listener].get(), Way::kTcp);
        } else {
          accept_from(parts_.api_socket->fd(), Way::kUnix);
        }
      } else {
        drive(id);
      }
    }
    std::deque<Id> again;
    again.swap(again_);
    for (const Id id : again) drive(id);
    if (now_ >= next_look_) check_deadlines();
    if (!end) continue;
    const bool at_work = std::ranges::any_of(clients_, [](const auto& entry) {
      const auto state = entry.second->connection.state();
      return state == HttpConnection::State::kHeld || state == HttpConnection::State::kAnswer;
    });
    if (!at_work || now_ >= *end) return;
  }
}

void HttpLoop::drive(Id id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  try {
    Client& client = *found->second;
    // A client that sends one request after the other lets others have their turn.
    int turns = 0;
    for (bool goes_on = true; goes_on;) {
      if (++turns > kMostTurns) return again_.push_back(id);
      const HttpConnection::Step step = client.connection.advance(now_);
      if (client.connection.answer_bytes() == 0) free_answer(client);
      goes_on = take_step(id, client, step);
    }
  } catch (const std::exception& error) {
    // Out of memory: this client's request was too much.
    if (parts_.on_error) parts_.on_error(error.what());
    close(id);
  }
}

// True: it can go on at once.
bool HttpLoop::take_step(Id id, Client& client, HttpConnection::Step step) {
  switch (step) {
    case HttpConnection::Step::kWait:
      if (client.connection.state() == HttpConnection::State::kHeld) {
        watch(id, client, 0);
      } else {
        watch(id, client, client.connection.wants_to_write() ? EPOLLOUT : EPOLLIN);
      }
      return false;
    case HttpConnection::Step::kAgain:
      again_.push_back(id);
      return false;
    case HttpConnection::Step::kHead:
      on_head(id, client);
      return true;
    case HttpConnection::Step::kBody:
      on_body(id, client);
      return true;
    case HttpConnection::Step::kFault: {
      const HttpFault& fault = client.connection.fault();
      answer(client, write_answer(error_response(client.connection.seems_in_api(), fault.status,
                                                 fault.message),
                                  {.headers = web()->headers}));
      return true;
    }
    case HttpConnection::Step::kEnd:
      break;
  }
  close(id);
  return false;
}

// What an answer took of the memory for all of them.
void HttpLoop::free_answer(Client& client) {
  answer_bytes_[index(client.way)] -= std::exchange(client.answer_budget, 0);
}

void HttpLoop::watch(Id id, Client& client, std::uint32_t events) {
  if (client.watched == events) return;
  epoll_event event{.events = events, .data = {.u64 = id}};
  const int what =
      events == 0 ? EPOLL_CTL_DEL : (client.watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD);
  // Fails for want of memory alone; then its deadline ends the connection.
  if (::epoll_ctl(epoll_.get(), what, client.connection.fd(), &event) == 0) {
    client.watched = events;
  }
}

void HttpLoop::close(Id id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = *found->second;
  // Half an answer: the kernel need not keep it for a client that does not read.
  if (client.connection.state() == HttpConnection::State::kAnswer) {
    constexpr linger kAtOnce{.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(client.connection.fd(), SOL_SOCKET, SO_LINGER, &kAtOnce, sizeof kAtOnce);
  }
  body_bytes_[index(client.way)] -= client.body_budget;
  free_answer(client);
  --open_[index(client.way)];
  clients_.erase(found);
  if (!accepts_) watch_listeners(true);
}

void HttpLoop::check_deadlines() {
  next_look_ = now_ + kLookEvery;
  if (!accepts_) watch_listeners(true);
  std::vector<Id> late;
  for (const auto& [id, client] : clients_) {
    if (client->connection.state() != HttpConnection::State::kHeld &&
        client->connection.deadline() <= now_) {
      late.push_back(id);
    }
  }
  for (const Id id : late) {
    const auto found = clients_.find(id);
    if (found == clients_.end()) continue;
    Client& client = *found->second;
    if (!client.connection.give_up()) {
      close(id);
    } else if (take_step(id, client, HttpConnection::Step::kFault)) {
      drive(id);
    }
  }
}

// ---- accepting ----

void HttpLoop::watch_listeners(bool on) {
  if (on && stopping_.stop_requested()) return;
  accepts_ = on;
  std::uint64_t id = kFirstListenerId;
  const auto set = [&](int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = id++}};
    (void)::epoll_ctl(epoll_.get(), on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd, &event);
  };
  for (const FileDescriptor& socket : parts_.tcp) set(socket.get());
  if (parts_.api_socket) set(parts_.api_socket->fd());
}

void HttpLoop::accept_from(int listener, Way way) {
  for (int i = 0; i < kMostAcceptsAtOnce; ++i) {
    FileDescriptor socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket) {
      const std::size_t most =
          way == Way::kTcp ? parts_.limits.tcp_connections : parts_.limits.unix_connections;
      // With all of them at work the new one is let go.
      if (open_[index(way)] < most || make_room(way)) add(std::move(socket), way);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    // Out of descriptors or memory: room is made, or accepting waits for a moment,
    // since the listener would stay ready.
    if (errno != EAGAIN && errno != EWOULDBLOCK && !make_room(way)) watch_listeners(false);
    return;
  }
}

// Closes a connection of the address that has most of them, so that one client cannot take
// the place of all others: the one that has been in its state for longest, be it that its
// request does not come or that its answer is not read. Those at work are left alone.
bool HttpLoop::make_room(Way way) {
  std::map<std::string_view, std::size_t> connections;
  for (const auto& [id, client] : clients_) {
    if (client->way == way) ++connections[client->host()];
  }
  Id chosen = 0;
  std::size_t most = 0;
  HttpTime since = HttpTime::max();
  for (const auto& [id, client] : clients_) {
    if (client->way != way || client->connection.state() == HttpConnection::State::kHeld) continue;
    const std::size_t of_its_host = connections[client->host()];
    if (of_its_host < most || (of_its_host == most && client->connection.since() >= since))
      continue;
    chosen = id;
    most = of_its_host;
    since = client->connection.since();
  }
  if (chosen != 0) close(chosen);
  return chosen != 0;
}

void HttpLoop::add(FileDescriptor socket, Way way) {
  std::string peer;
  std::string refusal;
  SslSession session;
  if (way == Way::kUnix) {
    const auto who = unix_peer(socket.get());
    if (!who) return;
    peer = who->to_string();
    refusal = refuse_peer(*who, ::geteuid(), parts_.api_socket->group()).value_or("");
  } else {
    peer = tcp_peer(socket.get());
    const int on = 1;
    (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (const auto config = web(); config->tls) {
      session = config->tls->session(socket.get());
      if (!session) return;
    }
  }
  const Id id = next_id_++;
  clients_.emplace(
      id, std::make_unique<Client>(Client{
              .connection = HttpConnection(HttpTransport(std::move(socket), std::move(session)),
                                           parts_.limits.deadlines, now_),
              .way = way,
              .peer = std::move(peer),
              .refusal = std::move(refusal)}));
  ++open_[index(way)];
  // Most have sent their request by now.
  drive(id);
}

}  // namespace mcast::agent
