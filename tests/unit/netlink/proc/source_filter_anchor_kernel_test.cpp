// What /proc/net/mcfilter shows with and without the anchor, on the kernel that this
// runs on, in a network namespace that ends with the process.
//
//   lo      up, nothing else
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_descriptor.h"
#include "netlink/proc/proc_net.h"
#include "netlink/proc/source_filter_anchor.h"
#include "netlink/proc/sysctls.h"

namespace mcast::test {
namespace {

using netlink::is_source_filter_anchor;
using netlink::SourceFilter;
using netlink::SourceFilterAnchor;

class SourceFilterAnchorKernel : public testing::Test {
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
    // (S,G), and then (*,G): the newest group of the interface has no source.
    ip_mreq_source ssm{};
    ssm.imr_multiaddr.s_addr = htonl(0xE8050505);
    ssm.imr_interface.s_addr = htonl(INADDR_LOOPBACK);
    ssm.imr_sourceaddr.s_addr = htonl(0x0A010101);
    ASSERT_EQ(::setsockopt(socket_.get(), IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &ssm, sizeof ssm),
              0);
    ip_mreqn asm_join{};
    asm_join.imr_multiaddr.s_addr = htonl(0xEF010101);
    asm_join.imr_ifindex = 1;
    ASSERT_EQ(
        ::setsockopt(socket_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &asm_join, sizeof asm_join), 0);
  }
  static std::vector<SourceFilter> filters() {
    const auto text = netlink::read_proc_file("/proc/net/mcfilter").value();
    auto all = netlink::parse_proc_mcfilter(text).value();
    std::erase_if(all, [](const SourceFilter& filter) {
      return is_source_filter_anchor(filter.ifindex, filter.group);
    });
    return all;
  }
  FileDescriptor socket_;
};

TEST_F(SourceFilterAnchorKernel, ShowsASourceThatALaterJoinHid) {
  const SourceFilter expected{.ifindex = 1,
                              .group = IpAddress::v4(0xE8050505),
                              .source = IpAddress::v4(0x0A010101),
                              .includes = 1,
                              .excludes = 0};
  {
    const SourceFilterAnchor anchor;
    EXPECT_EQ(filters(), std::vector{expected});
  }
  // Two at a time, as two programs have them.
  const SourceFilterAnchor one;
  const SourceFilterAnchor two;
  EXPECT_EQ(filters(), std::vector{expected});
}

TEST_F(SourceFilterAnchorKernel, LeavesNothingBehind) {
  {
    const SourceFilterAnchor anchor;
  }
  const auto igmp =
      netlink::parse_proc_igmp(netlink::read_proc_file("/proc/net/igmp").value()).value();
  for (const netlink::Membership& membership : igmp.memberships) {
    EXPECT_FALSE(is_source_filter_anchor(membership.ifindex, membership.group));
  }
}

TEST(SourceFilterAnchor, IsOnlyItsOwnGroupOnTheLoopbackInterface) {
  EXPECT_TRUE(is_source_filter_anchor(1, IpAddress::v4(0xE8FFFFFF)));
  EXPECT_TRUE(is_source_filter_anchor(1, IpAddress::parse("ff31::ffff:ffff").value()));
  EXPECT_FALSE(is_source_filter_anchor(2, IpAddress::v4(0xE8FFFFFF)));
  EXPECT_FALSE(is_source_filter_anchor(1, IpAddress::v4(0xE8FFFFFE)));
}

}  // namespace
}  // namespace mcast::test
