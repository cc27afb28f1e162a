// Listen addresses as Prometheus exporters take them: ":19779", "127.0.0.1:19779",
// "[::1]:19779", "localhost:19779".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mcast::agent {

struct ListenAddress {
  std::string host;        // empty: every address, IPv6 and IPv4
  std::uint16_t port = 0;  // 0: any free one

  // "[::1]:80" for IPv6, else "host:port".
  [[nodiscard]] std::string to_string() const;
};

[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace mcast::agent
