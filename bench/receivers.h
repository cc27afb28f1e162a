// Receivers of many groups that a benchmark compares: our engine, the least that
// any receiver with one socket has to do, and the way that programs are written
// that know one group. Each reads on one thread of its own.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/file_descriptor.h"
#include "bench/cable.h"
#include "bench/task_time.h"
#include "probe/event_queue.h"
#include "probe/group_joins.h"
#include "probe/receive_engine.h"

namespace mcast::bench {

class Receiver {
 public:
  Receiver() = default;
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;
  virtual ~Receiver() = default;

  [[nodiscard]] virtual pid_t thread() const = 0;
  struct Count {
    std::uint64_t packets = 0;
    std::uint64_t drops = 0;  // by its sockets
    std::uint64_t lost = 0;   // as the receiver itself sees it
  };
  // What it has received; asked after the traffic has ended.
  [[nodiscard]] virtual Count count() = 0;
};

// probe/'s engine, a stream a group.
class EngineReceiver final : public Receiver {
 public:
  // `clock` outlives this.
  EngineReceiver(const Cable& cable, const std::vector<IpAddress>& groups, const Clock& clock);

  [[nodiscard]] pid_t thread() const override { return thread_named("mcast-receive"); }
  [[nodiscard]] Count count() override;
  [[nodiscard]] ReceiveEngine& engine() { return *engine_; }

 private:
  EventQueue events_;
  std::unique_ptr<ReceiveEngine> engine_;
};

// One socket with the engine's options, recvmmsg, and nothing done with what
// comes: no look-up, no tracker, no control message looked at.
class BareReceiver final : public Receiver {
 public:
  // `gather_for`: how long it lets packets gather before it reads, 0: not at all.
  BareReceiver(const Cable& cable, const std::vector<IpAddress>& groups, Nanoseconds gather_for);
  ~BareReceiver() override;

  [[nodiscard]] pid_t thread() const override { return tid_; }
  [[nodiscard]] Count count() override;

 private:
  void run(Nanoseconds gather_for);

  GroupJoins joins_;
  FileDescriptor socket_;
  std::atomic<std::uint64_t> packets_{0};
  std::atomic<pid_t> tid_{0};
  std::atomic<bool> running_{true};
  std::thread thread_;
};

// A socket a group, epoll, and recvfrom for every packet.
class SocketPerGroupReceiver final : public Receiver {
 public:
  SocketPerGroupReceiver(const Cable& cable, const std::vector<IpAddress>& groups);
  ~SocketPerGroupReceiver() override;

  [[nodiscard]] pid_t thread() const override { return tid_; }
  [[nodiscard]] Count count() override;

 private:
  void run();

  std::vector<FileDescriptor> sockets_;
  FileDescriptor epoll_;
  std::atomic<std::uint64_t> packets_{0};
  std::atomic<pid_t> tid_{0};
  std::atomic<bool> running_{true};
  std::thread thread_;
};

}  // namespace mcast::bench
