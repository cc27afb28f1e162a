#include "bench/cable.h"

#include "tests/netns/topology.h"

namespace mcast::bench {

Cable::Cable() {
  test::connect(sending, kInterface, "10.1.1.1/24", receiving, kInterface, "10.1.1.2/24");
  sending_ifindex = static_cast<int>(sending.interface_index(kInterface));
  receiving_ifindex = static_cast<int>(receiving.interface_index(kInterface));
}

std::vector<IpAddress> groups(std::size_t count) {
  constexpr IpAddress kFirst = IpAddress::v4(0xEF010000);
  std::vector<IpAddress> result;
  result.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(kFirst.plus(static_cast<std::uint32_t>(i)));
  }
  return result;
}

}  // namespace mcast::bench
