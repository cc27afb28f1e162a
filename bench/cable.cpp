#include "bench/cable.h"

#include "tests/netns/net.h"
#include "tests/netns/topology.h"

namespace mcast::bench {

Cable::Cable() {
  test::connect(sending, kInterface, test::addresses(1, 1), receiving, kInterface,
                test::addresses(1, 2));
  sending_ifindex = static_cast<int>(sending.interface_index(kInterface));
  receiving_ifindex = static_cast<int>(receiving.interface_index(kInterface));
}

std::vector<IpAddress> groups(std::size_t count, Family family) {
  const IpAddress first = family == Family::kIpv4 ? IpAddress::v4(0xEF010000)
                                                  : value_of(IpAddress::parse("ff1e::8000:0"));
  std::vector<IpAddress> result;
  result.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back(first.plus(static_cast<std::uint32_t>(i)));
  }
  return result;
}

}  // namespace mcast::bench
