// One NETLINK_ROUTE socket for questions and their answers. The only place that
// calls libmnl's socket functions. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"

struct mnl_socket;

namespace mcast::netlink {

class Socket {
 public:
  // `groups`: a mask of RTMGRP_* to subscribe to, 0 for questions only.
  [[nodiscard]] static Result<Socket> open(std::uint32_t groups = 0);

  // Called with each message of an answer: its type and what follows the
  // netlink header. An error ends the reading.
  using OnMessage =
      std::function<Result<void>(std::uint16_t type, std::span<const std::uint8_t> payload)>;

  // Asks for everything of a kind and hands over each entry. `request` follows the
  // netlink header. A dump that changed while it was read (NLM_F_DUMP_INTR) is
  // asked for again; `on_start` is called before each try, so that the caller
  // can forget the last one.
  [[nodiscard]] Result<void> dump(std::uint16_t type, std::span<const std::uint8_t> request,
                                  const std::function<void()>& on_start,
                                  const OnMessage& on_message);
  // Asks one question that has one answer.
  [[nodiscard]] Result<void> ask(std::uint16_t type, std::span<const std::uint8_t> request,
                                 const OnMessage& on_message);

  // For subscriptions.
  [[nodiscard]] int fd() const;
  // Reads what has come without waiting. False: nothing there. ENOBUFS (the
  // kernel had to drop notifications) is an error with that code.
  [[nodiscard]] Result<bool> discard_one();

 private:
  struct Close {
    void operator()(mnl_socket* socket) const;
  };
  explicit Socket(mnl_socket* socket);

  [[nodiscard]] Result<void> send(std::uint16_t type, std::uint16_t flags,
                                  std::span<const std::uint8_t> request);
  // True when the answer is complete, false when it has to be asked for again.
  [[nodiscard]] Result<bool> receive(bool is_dump, const OnMessage& on_message);

  std::unique_ptr<mnl_socket, Close> socket_;
  std::uint32_t sequence_ = 0;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace mcast::netlink
