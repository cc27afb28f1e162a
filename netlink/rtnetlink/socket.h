// One netlink socket, of rtnetlink unless told otherwise, for questions and their answers, or for
// notifications. The only place that calls libmnl's socket functions. One thread at a time.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "netlink/types.h"

struct mnl_socket;

namespace mcast::netlink {

struct Message {
  nlmsghdr header{};
  Bytes payload;  // what follows the netlink header
};
// Takes the next message off the front of a datagram; nullopt at its end. An error where
// one claims more than is there, or bytes are left over. Pure, any thread.
[[nodiscard]] Result<std::optional<Message>> take_message(Bytes& datagram);

class Socket {
 public:
  // `groups`: a mask of RTMGRP_* to subscribe to, 0 for questions only.
  [[nodiscard]] static Result<Socket> open(std::uint32_t groups = 0, int protocol = NETLINK_ROUTE);

  // Called with each message of an answer: its type and what follows the
  // netlink header. An error ends the reading.
  using OnMessage = std::function<Result<void>(std::uint16_t type, Bytes payload)>;

  // Asks for everything of a kind (encode_request() in attributes.h) and hands over each
  // entry. A dump that changed while it was read (NLM_F_DUMP_INTR) is
  // asked for again; `on_start` is called before each try, so that the caller
  // can forget the last one.
  [[nodiscard]] Result<void> dump(std::vector<std::uint8_t> request,
                                  const std::function<void()>& on_start,
                                  const OnMessage& on_message);
  // Asks one question that has one answer.
  [[nodiscard]] Result<void> ask(std::vector<std::uint8_t> request, const OnMessage& on_message);

  // For subscriptions.
  [[nodiscard]] int fd() const;
  // Hands over each datagram that waits, without waiting itself; nullopt where the kernel
  // had to drop some, or one did not fit.
  [[nodiscard]] Result<void> drain(const std::function<void(std::optional<Bytes>)>& on_datagram);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  explicit Socket(mnl_socket* socket);

  [[nodiscard]] Result<void> send(std::vector<std::uint8_t>& request, unsigned flags);
  // True when the answer is complete, false when it has to be asked for again.
  [[nodiscard]] Result<bool> receive(bool is_dump, const OnMessage& on_message);

  std::unique_ptr<mnl_socket, Close> socket_;
  std::uint32_t sequence_ = 0;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace mcast::netlink
