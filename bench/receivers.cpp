#include "bench/receivers.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>

#include "probe/receive_batch.h"
#include "probe/socket_options.h"
#include "probe/stream_spec.h"

namespace mcast::bench {
namespace {

// How soon a receiver's thread sees that it is over.
constexpr int kWaitMilliseconds = 100;

void wait_for_start(const std::atomic<pid_t>& tid) {
  while (tid == 0) std::this_thread::yield();
}

}  // namespace

EngineReceiver::EngineReceiver(const Cable& cable, const std::vector<IpAddress>& groups,
                               const Clock& clock)
    : engine_(value_of(ReceiveEngine::start(clock, events_))) {
  // Sockets belong to the namespace of the thread that opens them.
  cable.receiving.enter([&] {
    for (const IpAddress& group : groups) {
      ReceiverSpec spec;
      spec.group = group;
      const StreamId id = engine_->add(spec);
      value_of(engine_->attach(id, cable.receiving_ifindex, kInterface));
    }
  });
}

Receiver::Count EngineReceiver::count() {
  Count count;
  for (const ReceiverSnapshot& stream : engine_->snapshot()) {
    for (const SourceSnapshot& source : stream.sources) {
      count.packets += source.counters.packets;
      count.lost += source.counters.lost;
    }
  }
  for (const SocketSnapshot& socket : engine_->sockets()) count.drops += socket.drops;
  return count;
}

BareReceiver::BareReceiver(const Cable& cable, const std::vector<IpAddress>& groups,
                           Nanoseconds gather_for) {
  cable.receiving.enter([&] {
    socket_ = value_of(open_receive_socket(Family::kIpv4, kDefaultPort));
    for (const IpAddress& group : groups) {
      (void)value_of(joins_.join(group, std::nullopt, cable.receiving_ifindex));
    }
  });
  thread_ = std::thread([this, gather_for] { run(gather_for); });
  wait_for_start(tid_);
}

BareReceiver::~BareReceiver() {
  running_ = false;
  thread_.join();
}

void BareReceiver::run(Nanoseconds gather_for) {
  ReceiveBatch batch;
  tid_ = this_thread();
  pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  const timespec gather{.tv_sec = 0, .tv_nsec = gather_for};
  while (running_) {
    if (::poll(&readable, 1, kWaitMilliseconds) <= 0) continue;
    if (gather_for > 0) ::nanosleep(&gather, nullptr);
    std::size_t count = 0;
    do {
      count = batch.read(socket_.get());
      packets_.fetch_add(count, std::memory_order_relaxed);
    } while (count == ReceiveBatch::kSize);
  }
}

Receiver::Count BareReceiver::count() {
  return {.packets = packets_, .drops = value_of(socket_drops(socket_)), .lost = 0};
}

SocketPerGroupReceiver::SocketPerGroupReceiver(const Cable& cable,
                                               const std::vector<IpAddress>& groups)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) test::fail_with_errno("epoll_create1", errno);
  cable.receiving.enter([&] {
    for (const IpAddress& group : groups) {
      FileDescriptor socket = value_of(open_membership_socket(Family::kIpv4));
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(kDefaultPort);
      address.sin_addr.s_addr = htonl(group.v4_host_order());
      sockaddr_storage storage{};
      std::memcpy(&storage, &address, sizeof address);
      // The socket functions take every address family behind one pointer type.
      if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&storage), sizeof address) != 0) {
        test::fail_with_errno("bind to a group", errno);
      }
      value_of(join_group(socket, group, std::nullopt, cable.receiving_ifindex));
      epoll_event interest{};
      interest.events = EPOLLIN;
      interest.data.fd = socket.get();
      if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket.get(), &interest) != 0) {
        test::fail_with_errno("epoll_ctl", errno);
      }
      sockets_.push_back(std::move(socket));
    }
  });
  thread_ = std::thread([this] { run(); });
  wait_for_start(tid_);
}

SocketPerGroupReceiver::~SocketPerGroupReceiver() {
  running_ = false;
  thread_.join();
}

void SocketPerGroupReceiver::run() {
  std::array<epoll_event, 64> ready{};
  std::array<std::uint8_t, 2048> datagram{};
  tid_ = this_thread();
  while (running_) {
    const int count =
        ::epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), kWaitMilliseconds);
    for (int i = 0; i < count; ++i) {
      const int socket = ready[static_cast<std::size_t>(i)].data.fd;
      if (::recvfrom(socket, datagram.data(), datagram.size(), 0, nullptr, nullptr) >= 0) {
        packets_.fetch_add(1, std::memory_order_relaxed);
      }
    }
  }
}

Receiver::Count SocketPerGroupReceiver::count() {
  Count count{.packets = packets_, .drops = 0, .lost = 0};
  for (const FileDescriptor& socket : sockets_) count.drops += value_of(socket_drops(socket));
  return count;
}

}  // namespace mcast::bench
