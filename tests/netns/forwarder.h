// A cable with faults that are known exactly. A thread of the test copies frames
// between two veths of a namespace of its own; to probe packets that go from A to
// B it does what a plan says, and it writes down what came in and what went out.
//
//   sender eth1 === a [forwarder] b === eth1 receiver
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/file_descriptor.h"
#include "tests/netns/namespace.h"

namespace mcast::test {

// What happens to one probe packet. The plan gets its place in the order in which
// probe packets come in, from 0.
struct Treatment {
  unsigned copies = 1;    // 0: dropped
  unsigned held_for = 0;  // passed on behind so many later packets
};
using Plan = std::function<Treatment(std::uint64_t index)>;

// One probe packet that was put on B's side.
struct Forwarded {
  std::uint32_t sender_id = 0;
  std::uint64_t sequence = 0;
  std::uint64_t send_time = 0;
};

class Forwarder {
 public:
  // Makes the two veths and starts. Addresses as connect() takes them.
  Forwarder(const Namespace& sender, const std::string& sender_address, const Namespace& receiver,
            const std::string& receiver_address, Plan plan);
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;
  ~Forwarder();

  // In the order in which they went out.
  [[nodiscard]] std::vector<Forwarded> forwarded() const;
  // Probe packets that came in from A.
  [[nodiscard]] std::uint64_t received() const;
  // Frames that this program itself was too slow for: then its truth is none.
  [[nodiscard]] std::uint64_t missed() const;

 private:
  struct Held {
    std::vector<std::uint8_t> frame;
    Forwarded probe;
    unsigned copies = 0;
    std::uint64_t release_at = 0;
  };
  void run();
  void copy_frames(const FileDescriptor& from, const FileDescriptor& to, bool with_plan);
  void treat(std::vector<std::uint8_t> frame, const Forwarded& probe);
  void pass(const std::vector<std::uint8_t>& frame, const Forwarded& probe, unsigned copies);

  Namespace wire_{"wire"};
  Plan plan_;
  FileDescriptor a_;
  FileDescriptor b_;
  FileDescriptor stop_;
  std::deque<Held> held_;  // the thread's own
  mutable std::mutex mutex_;
  std::uint64_t received_ = 0;
  std::vector<Forwarded> forwarded_;
  std::thread thread_;
};

}  // namespace mcast::test
