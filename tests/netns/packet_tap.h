// One end of a cable, held in the hand: sees every frame that arrives on an
// interface and puts frames on it. For interfaces whose offloads are switched off
// (topology.h), so that a frame is what a wire would carry.
//
// The kernel writes arriving frames into a ring of memory that it shares with this
// process (packet(7), PACKET_RX_RING). The ring is as large as it is asked to be for
// everybody: a socket's buffer ends at net.core.rmem_max unless the owner is root
// outside any user namespace, and then a burst loses half of its frames unseen.
//
// One thread reads and sends; missed() and its text may be asked for by any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "tests/netns/namespace.h"

namespace mcast::test {

class PacketTap {
 public:
  using Frame = std::span<const std::uint8_t>;

  // Room for `frames` arriving frames of up to kLongestFrame bytes.
  PacketTap(const Namespace& where, const std::string& interface, std::size_t frames);
  PacketTap(const PacketTap&) = delete;
  PacketTap& operator=(const PacketTap&) = delete;
  ~PacketTap();

  // Becomes readable, as poll(2) has it, when a frame waits.
  [[nodiscard]] int fd() const { return socket_.get(); }
  // Hands over the waiting frames in the order of arrival, at most `limit`, and says
  // how many; with each, when it arrived (CLOCK_REALTIME, the kernel's stamp). A frame
  // is valid during the call. Own frames do not come back.
  using Handler = std::function<void(Frame frame, Nanoseconds realtime)>;
  std::size_t read(std::size_t limit, const Handler& handle);
  // Whether the kernel took it; false is counted.
  bool send(Frame frame);
  // poll(2) reports an interface that was down or went away until this is called.
  void forget_error();

  // What went by without being handed over or sent, since the beginning.
  struct Missed {
    std::uint64_t overrun = 0;     // the ring was full
    std::uint64_t unreadable = 0;  // longer than kLongestFrame, or not as on a wire
    std::uint64_t unsent = 0;      // send() was refused
  };
  [[nodiscard]] Missed missed() const;

  // A jumbo frame does not fit; that is a matter of memory alone.
  static constexpr std::size_t kLongestFrame = 1900;

 private:
  [[nodiscard]] std::uint8_t* slot(std::size_t i) const;

  FileDescriptor socket_;
  std::size_t frames_;
  std::uint8_t* ring_ = nullptr;
  std::size_t next_ = 0;
  std::atomic<std::uint64_t> unreadable_ = 0;
  std::atomic<std::uint64_t> unsent_ = 0;
  // The kernel's count starts anew whenever it is read.
  mutable std::mutex mutex_;
  mutable std::uint64_t overrun_ = 0;
};

}  // namespace mcast::test
