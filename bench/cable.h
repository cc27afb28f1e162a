// Two hosts and a cable, for everything here that sends packets:
//
//   sending eth1 10.1.1.1/24, 2001:db8:1:1::1/64 --- eth1 10.1.1.2/24, 2001:db8:1:1::2/64 receiving
#pragma once

#include <cstddef>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "tests/netns/failure.h"
#include "tests/netns/namespace.h"

namespace mcast::bench {

struct Cable {
  Cable();

  test::Namespace sending{"sending"};
  test::Namespace receiving{"receiving"};
  int sending_ifindex = 0;
  int receiving_ifindex = 0;
};

inline constexpr const char* kInterface = "eth1";

// 239.1.0.0 and on, or ff1e::8000:0 and on.
[[nodiscard]] std::vector<IpAddress> groups(std::size_t count, Family family = Family::kIpv4);

// What went wrong ends the benchmark.
template <typename T>
T value_of(Result<T> result) {
  if (!result) test::fail_with(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace mcast::bench
