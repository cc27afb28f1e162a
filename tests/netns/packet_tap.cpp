#include "tests/netns/packet_tap.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cerrno>

#include "tests/netns/failure.h"

namespace mcast::test {
namespace {

constexpr std::size_t kSlot = 2048;
constexpr std::size_t kBlock = std::size_t{64} << 10U;
constexpr std::size_t kSlotsPerBlock = kBlock / kSlot;
// In front of a frame in its slot: the header, the address, and room that puts the
// network header on an even boundary.
static_assert(PacketTap::kLongestFrame + sizeof(tpacket2_hdr) + sizeof(sockaddr_ll) + 32 <= kSlot);

template <typename T>
void set_option(const FileDescriptor& socket, int option, const T& value, const char* name) {
  if (::setsockopt(socket.get(), SOL_PACKET, option, &value, sizeof value) != 0) {
    fail_with_errno(std::string("setsockopt ") + name, errno);
  }
}

}  // namespace

PacketTap::PacketTap(const Namespace& where, const std::string& interface, std::size_t frames)
    // Protocol 0: nothing comes in before it is bound to the interface.
    : socket_(where.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK)),
      frames_((frames + kSlotsPerBlock - 1) / kSlotsPerBlock * kSlotsPerBlock) {
  set_option(socket_, PACKET_VERSION, int{TPACKET_V2}, "PACKET_VERSION");
  set_option(socket_, PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
  tpacket_req request{};
  request.tp_block_size = kBlock;
  request.tp_block_nr = static_cast<unsigned>(frames_ / kSlotsPerBlock);
  request.tp_frame_size = kSlot;
  request.tp_frame_nr = static_cast<unsigned>(frames_);
  set_option(socket_, PACKET_RX_RING, request, "PACKET_RX_RING");
  void* const memory =
      ::mmap(nullptr, frames_ * kSlot, PROT_READ | PROT_WRITE, MAP_SHARED, socket_.get(), 0);
  if (memory == MAP_FAILED) fail_with_errno("mmap of a packet ring", errno);
  ring_ = static_cast<std::uint8_t*>(memory);

  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(where.interface_index(interface));
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int code = errno;
    ::munmap(memory, frames_ * kSlot);
    fail_with_errno("bind AF_PACKET to " + interface, code);
  }
}

PacketTap::~PacketTap() {
  ::munmap(ring_, frames_ * kSlot);
}

std::uint8_t* PacketTap::slot(std::size_t i) const {
  return ring_ + i * kSlot;
}

std::size_t PacketTap::read(std::size_t limit, const Handler& handle) {
  std::size_t count = 0;
  while (count < limit) {
    std::uint8_t* const start = slot(next_);
    auto& header = *reinterpret_cast<tpacket2_hdr*>(start);
    // The kernel hands a slot over by its status word, and takes it back by it.
    const std::atomic_ref<std::uint32_t> status(header.tp_status);
    const std::uint32_t flags = status.load(std::memory_order_acquire);
    if ((flags & TP_STATUS_USER) == 0) break;
    // A checksum that hardware should have finished, or a VLAN tag beside the frame:
    // passed on like this it would be another frame.
    constexpr std::uint32_t kNotAsOnAWire = TP_STATUS_CSUMNOTREADY | TP_STATUS_VLAN_VALID;
    if ((flags & kNotAsOnAWire) != 0 || header.tp_snaplen < header.tp_len) {
      ++unreadable_;
    } else {
      handle(Frame(start + header.tp_mac, header.tp_snaplen),
             Nanoseconds{header.tp_sec} * kSecond + Nanoseconds{header.tp_nsec});
    }
    status.store(TP_STATUS_KERNEL, std::memory_order_release);
    next_ = (next_ + 1) % frames_;
    ++count;
  }
  return count;
}

bool PacketTap::send(Frame frame) {
  const ssize_t sent = ::send(socket_.get(), frame.data(), frame.size(), 0);
  if (sent == static_cast<ssize_t>(frame.size())) return true;
  ++unsent_;
  return false;
}

void PacketTap::forget_error() {
  int code = 0;
  socklen_t length = sizeof code;
  (void)::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &code, &length);
}

PacketTap::Missed PacketTap::missed() const {
  const std::scoped_lock lock(mutex_);
  tpacket_stats statistics{};
  socklen_t length = sizeof statistics;
  if (::getsockopt(socket_.get(), SOL_PACKET, PACKET_STATISTICS, &statistics, &length) != 0) {
    fail_with_errno("getsockopt PACKET_STATISTICS", errno);
  }
  overrun_ += statistics.tp_drops;
  return {.overrun = overrun_, .unreadable = unreadable_, .unsent = unsent_};
}

}  // namespace mcast::test
