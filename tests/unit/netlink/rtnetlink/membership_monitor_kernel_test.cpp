// What the kernel that this runs on says of joins, in a network namespace that ends
// with the process.
//
//   lo      10.1.1.1/32
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>

#include "base/file_descriptor.h"
#include "netlink/rtnetlink/membership_monitor.h"

namespace mcast::test {
namespace {

using netlink::MembershipEvent;
using netlink::MembershipMonitor;

class MembershipMonitorKernel : public testing::Test {
 protected:
  void SetUp() override {
    if (::unshare(CLONE_NEWNET) != 0) {
      GTEST_SKIP() << "no permission to make a network namespace";
    }
    socket_ = FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq loopback{};
    std::string_view("lo").copy(loopback.ifr_name, IFNAMSIZ - 1);
    loopback.ifr_flags = IFF_UP;
    ASSERT_EQ(::ioctl(socket_.get(), SIOCSIFFLAGS, &loopback), 0);
    auto monitor = MembershipMonitor::open();
    if (!monitor && monitor.error().code == EOPNOTSUPP) GTEST_SKIP() << "Linux before 6.14";
    ASSERT_TRUE(monitor) << monitor.error().message;
    monitor_.emplace(std::move(*monitor));
  }

  [[nodiscard]] int change(int option, std::uint32_t group, int socket) const {
    ip_mreqn request{};
    request.imr_multiaddr.s_addr = htonl(group);
    request.imr_ifindex = 1;
    return ::setsockopt(socket, IPPROTO_IP, option, &request, sizeof request);
  }
  void join(std::uint32_t group) const {
    ASSERT_EQ(change(IP_ADD_MEMBERSHIP, group, socket_.get()), 0);
  }
  void leave(std::uint32_t group) const {
    ASSERT_EQ(change(IP_DROP_MEMBERSHIP, group, socket_.get()), 0);
  }
  // IPv6 may make joins of its own on lo meanwhile.
  std::vector<MembershipEvent> events() {
    auto changes = monitor_->drain().value();
    EXPECT_FALSE(changes.lost);
    std::erase_if(changes.events, [](const MembershipEvent& e) { return !e.group.is_v4(); });
    return changes.events;
  }

  FileDescriptor socket_;
  std::optional<MembershipMonitor> monitor_;
};

constexpr std::uint32_t kGroup = 0xEF010203;

TEST_F(MembershipMonitorKernel, HearsOfAJoinAndOfItsLeave) {
  EXPECT_TRUE(events().empty());
  join(kGroup);
  EXPECT_EQ(events(), (std::vector<MembershipEvent>{{true, 1, IpAddress::v4(kGroup)}}));
  leave(kGroup);
  join(kGroup + 1);
  EXPECT_EQ(events(), (std::vector<MembershipEvent>{{false, 1, IpAddress::v4(kGroup)},
                                                    {true, 1, IpAddress::v4(kGroup + 1)}}));
  EXPECT_TRUE(events().empty());
}

TEST_F(MembershipMonitorKernel, HearsNothingOfASecondUser) {
  join(kGroup);
  EXPECT_EQ(events().size(), 1U);
  {
    const FileDescriptor second(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(change(IP_ADD_MEMBERSHIP, kGroup, second.get()), 0);
  }
  EXPECT_TRUE(events().empty());
}

TEST_F(MembershipMonitorKernel, SaysThatEventsWereLost) {
  const int least = 1;
  ASSERT_EQ(::setsockopt(monitor_->fd(), SOL_SOCKET, SO_RCVBUF, &least, sizeof least), 0);
  for (int i = 0; i < 100; ++i) {
    join(kGroup);
    leave(kGroup);
  }
  EXPECT_TRUE(monitor_->drain().value().lost);
  // And goes on.
  join(kGroup);
  EXPECT_EQ(events().size(), 1U);
}

}  // namespace
}  // namespace mcast::test
