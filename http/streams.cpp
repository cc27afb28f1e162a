#include "http/streams.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

namespace mcast::agent {
namespace {

// A client that takes nothing for so long is gone.
constexpr int kNoProgressMilliseconds = 60'000;
// Small, so that a slow client shows in the agent's own queue of events, which tells
// it what it has missed, and not in the kernel's.
constexpr int kSendBufferBytes = 64 << 10;

bool is_stopping(int stop_fd) {
  pollfd polled{.fd = stop_fd, .events = POLLIN, .revents = 0};
  return ::poll(&polled, 1, 0) > 0;
}

// False: the client is gone, takes nothing, or all is to end.
bool send_all(HttpTransport& transport, std::string_view bytes, int stop_fd) {
  while (!bytes.empty()) {
    const auto [io, sent] = transport.write(bytes);
    if (io == Io::kEnd) return false;
    if (io == Io::kDone) {
      bytes.remove_prefix(sent);
      continue;
    }
    const auto wanted = static_cast<short>(io == Io::kWaitToWrite ? POLLOUT : POLLIN);
    std::array polled{pollfd{.fd = transport.fd(), .events = wanted, .revents = 0},
                      pollfd{.fd = stop_fd, .events = POLLIN, .revents = 0}};
    const int ready = ::poll(polled.data(), polled.size(), kNoProgressMilliseconds);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 || polled[1].revents != 0) return false;
  }
  return true;
}

// What a client says on a stream means nothing, but that it has ended does.
bool is_gone(HttpTransport& transport) {
  std::array<char, 1024> unheard{};
  for (int reads = 0; reads < 16; ++reads) {
    const auto [io, bytes] = transport.read(unheard);
    if (io == Io::kEnd) return true;
    if (io != Io::kDone) return false;
  }
  return false;
}

void run(HttpTransport& transport, const std::string& first, const HttpStreams::More& more,
         int stop_fd) {
  if (!send_all(transport, first, stop_fd)) return;
  while (!is_stopping(stop_fd) && !is_gone(transport)) {
    const std::optional<std::string> next = more();
    if (!next) break;
    if (!send_all(transport, *next, stop_fd)) return;
  }
  transport.finish_writing();
}

}  // namespace

void HttpStreams::reap() {
  for (auto stream = streams_.begin(); stream != streams_.end();) {
    bool ended = false;
    {
      const std::scoped_lock lock(mutex_);
      ended = stream->ended;
    }
    if (ended) {
      stream->thread.join();
      stream = streams_.erase(stream);
    } else {
      ++stream;
    }
  }
}

bool HttpStreams::has_room(Way way) {
  reap();
  return std::ranges::count(streams_, way, &Stream::way) < static_cast<std::ptrdiff_t>(kMost);
}

bool HttpStreams::start(Way way, HttpTransport& transport, std::string& first, More& more) {
  (void)::setsockopt(transport.fd(), SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes,
                     sizeof kSendBufferBytes);
  struct Taken {
    HttpTransport transport;
    std::string first;
    More more;
  };
  auto taken = std::make_shared<Taken>(std::move(transport), std::move(first), std::move(more));
  Stream& stream = streams_.emplace_back();
  stream.way = way;
  try {
    stream.thread = std::thread([this, taken, &stream]() mutable {
      block_sigpipe();
      run(taken->transport, taken->first, taken->more, stop_fd_);
      taken.reset();
      const std::scoped_lock lock(mutex_);
      stream.ended = true;
    });
    taken.reset();
    return true;
  } catch (const std::system_error&) {
    streams_.pop_back();
    transport = std::move(taken->transport);
    first = std::move(taken->first);
    more = std::move(taken->more);
    return false;
  }
}

void HttpStreams::stop() {
  for (Stream& stream : streams_) stream.thread.join();
  streams_.clear();
}

}  // namespace mcast::agent
