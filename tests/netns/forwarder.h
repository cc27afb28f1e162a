// A cable with faults that are known exactly. A thread of the test copies frames
// between two veths of a namespace of its own; to probe packets that go from A to
// B it does what a plan says, and it writes down what went out, and when.
//
//   sender eth1 === wire-a [forwarder] wire-b === eth1 receiver
//
// Offloads are off on all four ends, so every datagram is a frame of its own with
// its checksum, however the sender hands it to its kernel; see topology.h.
//
// Any thread may call any member function; the plan is called in the forwarder's
// own thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "tests/netns/namespace.h"
#include "tests/netns/packet_tap.h"
#include "tests/netns/probe_frame.h"

namespace mcast::test {

// What happens to one probe packet. The plan gets its place in the order in which
// probe packets come in, from 0. A packet that is both held and delayed goes on when
// both are over.
struct Treatment {
  unsigned copies = 1;    // 0: dropped
  unsigned held_for = 0;  // passed on behind so many later packets
  // Passed on so long after it came in, by the kernel's clock: what came in later than
  // its delay was over goes out behind it, however late the thread gets to run.
  std::chrono::nanoseconds delay{0};
};
using Plan = std::function<Treatment(std::uint64_t index)>;

// One probe packet that was put on B's side. Times are CLOCK_MONOTONIC, in ns.
struct Forwarded {
  std::uint32_t sender_id = 0;
  std::uint64_t sequence = 0;
  std::uint64_t send_time = 0;  // the sender's stamp
  Nanoseconds delay = 0;        // as the plan had it
  // The system call that hands it to the receiver's kernel, which stamps it
  // meanwhile: the receive time lies between the two.
  Nanoseconds sent_from = 0;
  Nanoseconds sent_to = 0;
};

class Forwarder {
 public:
  // Frames that wait for a thread that gets no time: half a second of 60,000 a second.
  static constexpr std::size_t kRing = 32'768;

  // Makes the two veths and starts. Addresses as connect() takes them.
  Forwarder(const Namespace& sender, const std::string& sender_address, const Namespace& receiver,
            const std::string& receiver_address, Plan plan, std::size_t ring = kRing);
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;
  ~Forwarder();

  // In the order in which they went out. Throws Failure if anything was missed():
  // then there is no truth.
  [[nodiscard]] std::vector<Forwarded> forwarded() const;
  [[nodiscard]] std::size_t forwarded_count() const;
  // Probe packets that came in from A and were treated.
  [[nodiscard]] std::uint64_t received() const;
  // How many of these are delayed now. Packets that are held wait for others and may wait for ever.
  [[nodiscard]] std::size_t delayed() const;

  // Frames of either direction for which the truth would be wrong: that came too
  // fast, could not be read or passed on, or that the kernel dropped behind the
  // forwarder's back; and probe packets in fragments, which no plan can treat. Since
  // the beginning, however often it is asked.
  [[nodiscard]] std::uint64_t missed() const;
  // The same, one by one.
  [[nodiscard]] std::string missed_text() const;

 private:
  struct Waiting {
    std::vector<std::uint8_t> frame;
    Forwarded probe;
    unsigned copies = 0;
    Nanoseconds due = 0;
    std::uint64_t release_at = 0;  // index of the last packet that goes before it
  };
  struct Fault {
    const char* what;
    std::uint64_t count;
  };

  void run();
  void treat(PacketTap::Frame frame, const ProbeFrame& probe, Nanoseconds arrival);
  // Passes it on, or keeps it until it is due.
  void release(Waiting waiting, Nanoseconds now);
  void pass(PacketTap::Frame frame, Forwarded probe, unsigned copies);
  void pass_all_due(Nanoseconds now);
  void set_timer();
  [[nodiscard]] std::vector<Fault> faults() const;

  Namespace wire_;
  Plan plan_;
  PacketTap a_;
  PacketTap b_;
  FileDescriptor stop_;
  FileDescriptor timer_;

  // The thread's own.
  std::uint64_t index_ = 0;
  std::deque<Waiting> held_;
  std::multimap<Nanoseconds, Waiting> delayed_;  // by due time, then as they came
  Nanoseconds timer_set_to_ = 0;

  mutable std::mutex mutex_;
  std::uint64_t received_ = 0;
  std::size_t delayed_count_ = 0;
  std::uint64_t fragments_ = 0;
  std::vector<Forwarded> forwarded_;

  std::thread thread_;
};

}  // namespace mcast::test
