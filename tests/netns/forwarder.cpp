#include "tests/netns/forwarder.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <span>
#include <utility>

#include "tests/netns/failure.h"
#include "tests/netns/topology.h"

namespace mcast::test {
namespace {

constexpr std::size_t kEthernet = 14;
constexpr std::size_t kUdp = 8;
constexpr std::size_t kProbeHeader = 32;
constexpr std::uint16_t kPort = 19779;

using Frame = std::span<std::uint8_t>;

std::uint64_t number(std::span<const std::uint8_t> bytes, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8U | bytes[offset + i];
  return value;
}

// Where the UDP header of a whole IPv4 datagram to the probe port begins.
std::optional<std::size_t> udp_offset(Frame frame) {
  if (frame.size() < kEthernet + 20 || number(frame, 12, 2) != ETH_P_IP) return std::nullopt;
  const std::size_t header = std::size_t{4} * (frame[kEthernet] & 0x0FU);
  const std::size_t udp = kEthernet + header;
  const bool fragment = (number(frame, kEthernet + 6, 2) & 0x3FFFU) != 0;
  if (frame[kEthernet + 9] != IPPROTO_UDP || fragment || frame.size() < udp + kUdp ||
      number(frame, udp + 2, 2) != kPort) {
    return std::nullopt;
  }
  return udp;
}

std::optional<Forwarded> probe_in(Frame frame) {
  const auto udp = udp_offset(frame);
  if (!udp || frame.size() < *udp + kUdp + kProbeHeader) return std::nullopt;
  const auto payload = frame.subspan(*udp + kUdp);
  if (number(payload, 0, 4) != 0x4D434153) return std::nullopt;
  return Forwarded{.sender_id = static_cast<std::uint32_t>(number(payload, 24, 4)),
                   .sequence = number(payload, 8, 8),
                   .send_time = number(payload, 16, 8)};
}

// A veth hands over datagrams whose UDP checksum its other end would have left to
// hardware. It is finished here, or the receiver would throw them away.
void finish_udp_checksum(Frame frame) {
  const auto udp = udp_offset(frame);
  if (!udp) return;
  const std::size_t length = number(frame, *udp + 4, 2);
  if (length < kUdp || frame.size() < *udp + length) return;
  frame[*udp + 6] = frame[*udp + 7] = 0;
  std::uint64_t sum = IPPROTO_UDP + length;
  for (std::size_t i = 0; i < 8; i += 2) sum += number(frame, kEthernet + 12 + i, 2);
  for (std::size_t i = 0; i < length; i += 2) {
    sum += i + 1 < length ? number(frame, *udp + i, 2) : std::uint64_t{frame[*udp + i]} << 8U;
  }
  while (sum >> 16U != 0) sum = (sum & 0xFFFFU) + (sum >> 16U);
  const auto checksum = static_cast<std::uint16_t>(~sum);
  const std::uint16_t sent = checksum == 0 ? std::uint16_t{0xFFFF} : checksum;
  frame[*udp + 6] = static_cast<std::uint8_t>(sent >> 8U);
  frame[*udp + 7] = static_cast<std::uint8_t>(sent);
}

FileDescriptor open_tap(const Namespace& where, const std::string& interface) {
  FileDescriptor socket = where.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL));
  const int buffer = 64 << 20;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(where.interface_index(interface));
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail_with_errno("bind AF_PACKET to " + interface, errno);
  }
  return socket;
}

}  // namespace

Forwarder::Forwarder(const Namespace& sender, const std::string& sender_address,
                     const Namespace& receiver, const std::string& receiver_address, Plan plan)
    : plan_(std::move(plan)) {
  connect(sender, "eth1", sender_address, wire_, "wire-a", "");
  connect(wire_, "wire-b", "", receiver, "eth1", receiver_address);
  a_ = open_tap(wire_, "wire-a");
  b_ = open_tap(wire_, "wire-b");
  stop_ = FileDescriptor(::eventfd(0, EFD_CLOEXEC));
  if (!stop_) fail_with_errno("eventfd", errno);
  thread_ = std::thread([this] { run(); });
}

Forwarder::~Forwarder() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void Forwarder::run() {
  std::array polled{pollfd{.fd = stop_.get(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = a_.get(), .events = POLLIN, .revents = 0},
                    pollfd{.fd = b_.get(), .events = POLLIN, .revents = 0}};
  while (::poll(polled.data(), polled.size(), -1) >= 0 || errno == EINTR) {
    if (polled[0].revents != 0) return;
    copy_frames(a_, b_, true);
    copy_frames(b_, a_, false);
  }
}

void Forwarder::copy_frames(const FileDescriptor& from, const FileDescriptor& to, bool with_plan) {
  std::array<std::uint8_t, 65'600> buffer;
  for (;;) {
    sockaddr_ll source{};
    socklen_t source_length = sizeof source;
    const ssize_t length = ::recvfrom(from.get(), buffer.data(), buffer.size(), 0,
                                      reinterpret_cast<sockaddr*>(&source), &source_length);
    if (length <= 0) return;
    // What this program sent itself.
    if (source.sll_pkttype == PACKET_OUTGOING) continue;
    const Frame frame(buffer.data(), static_cast<std::size_t>(length));
    finish_udp_checksum(frame);
    const auto probe = with_plan ? probe_in(frame) : std::nullopt;
    if (probe) {
      treat({frame.begin(), frame.end()}, *probe);
    } else {
      (void)::send(to.get(), frame.data(), frame.size(), 0);
    }
  }
}

void Forwarder::treat(std::vector<std::uint8_t> frame, const Forwarded& probe) {
  std::uint64_t index = 0;
  {
    const std::scoped_lock lock(mutex_);
    index = received_++;
  }
  const Treatment treatment = plan_(index);
  if (treatment.held_for > 0) {
    held_.push_back(Held{.frame = std::move(frame),
                         .probe = probe,
                         .copies = treatment.copies,
                         .release_at = index + treatment.held_for});
  } else {
    pass(frame, probe, treatment.copies);
  }
  for (auto held = held_.begin(); held != held_.end();) {
    if (held->release_at > index) {
      ++held;
      continue;
    }
    pass(held->frame, held->probe, held->copies);
    held = held_.erase(held);
  }
}

void Forwarder::pass(const std::vector<std::uint8_t>& frame, const Forwarded& probe,
                     unsigned copies) {
  const std::scoped_lock lock(mutex_);
  for (unsigned i = 0; i < copies; ++i) {
    forwarded_.push_back(probe);
    if (::send(b_.get(), frame.data(), frame.size(), 0) < 0) {
      forwarded_.pop_back();
    }
  }
}

std::vector<Forwarded> Forwarder::forwarded() const {
  const std::scoped_lock lock(mutex_);
  return forwarded_;
}

std::uint64_t Forwarder::received() const {
  const std::scoped_lock lock(mutex_);
  return received_;
}

std::uint64_t Forwarder::missed() const {
  tpacket_stats statistics{};
  socklen_t length = sizeof statistics;
  if (::getsockopt(a_.get(), SOL_PACKET, PACKET_STATISTICS, &statistics, &length) != 0) {
    fail_with_errno("getsockopt PACKET_STATISTICS", errno);
  }
  return statistics.tp_drops;
}

}  // namespace mcast::test
