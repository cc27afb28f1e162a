#include "probe/send_batch.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <cerrno>
#include <cstring>

namespace mcast {

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103  // include/uapi/linux/udp.h
#endif

SendBatch::SendBatch()
    : padding_(kMaxDatagramSize - kMaxHeaderSize, kProbePadding),
      segments_(std::make_unique_for_overwrite<std::uint8_t[]>(kMaxSegmentedBytes)) {}

SendBatch::Outcome SendBatch::send_each(int socket, std::size_t count, std::size_t size) {
  const std::size_t header = header_size(size);
  for (std::size_t i = 0; i < count; ++i) {
    vectors_[2 * i] = {.iov_base = headers_[i].data(), .iov_len = header};
    vectors_[2 * i + 1] = {.iov_base = padding_.data(), .iov_len = size - header};
    messages_[i].msg_hdr.msg_iov = &vectors_[2 * i];
    messages_[i].msg_hdr.msg_iovlen = 2;
  }
  Outcome outcome;
  while (outcome.sent < count) {
    const int sent = ::sendmmsg(socket, &messages_[outcome.sent],
                                static_cast<unsigned>(count - outcome.sent), MSG_DONTWAIT);
    // Stopped midway, the kernel reports the reason with the next call only.
    if (sent < 0) {
      outcome.error = errno;
      break;
    }
    outcome.sent += static_cast<std::size_t>(sent);
  }
  return outcome;
}

void SendBatch::lay_out(std::size_t count, std::size_t size) {
  if (padded_for_ != size) {
    std::memset(segments_.get(), kProbePadding, kMaxSegmentedBytes);
    padded_for_ = size;
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(segments_.get() + i * size, headers_[i].data(), header_size(size));
  }
}

SendBatch::Outcome SendBatch::send_segmented(int socket, std::size_t count, std::size_t size) {
  lay_out(count, size);
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  iovec whole{.iov_base = segments_.get(), .iov_len = count * size};
  msghdr message{};
  message.msg_iov = &whole;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const segment = CMSG_FIRSTHDR(&message);
  segment->cmsg_level = SOL_UDP;
  segment->cmsg_type = UDP_SEGMENT;
  segment->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
  const auto segment_size = static_cast<std::uint16_t>(size);
  std::memcpy(CMSG_DATA(segment), &segment_size, sizeof segment_size);
  if (::sendmsg(socket, &message, MSG_DONTWAIT) < 0) return {.sent = 0, .error = errno};
  return {.sent = count, .error = 0};
}

}  // namespace mcast
