#include "netlink/membership_changes.h"

#include <gtest/gtest.h>

namespace mcast::netlink {
namespace {

const IpAddress kOne = IpAddress::v4(0xEF000001);
const IpAddress kTwo = IpAddress::v4(0xEF000002);

Link link(int index, const char* name) {
  Link result;
  result.index = index;
  result.name = name;
  return result;
}

TEST(MembershipChanges, CountFromTheFirstListOn) {
  MembershipChanges changes;
  const std::vector links{link(3, "eth1"), link(4, "eth2")};
  changes.update({{.ifindex = 3, .group = kOne}}, links);
  ASSERT_EQ(changes.totals().size(), 2U);
  EXPECT_EQ(changes.totals()[0].joins, 0U);
  changes.update({{.ifindex = 3, .group = kTwo}, {.ifindex = 4, .group = kOne}}, links);
  EXPECT_EQ(changes.totals()[0].joins, 1U);
  EXPECT_EQ(changes.totals()[0].leaves, 1U);
  EXPECT_EQ(changes.totals()[1].joins, 1U);
  EXPECT_EQ(changes.totals()[1].leaves, 0U);
}

TEST(MembershipChanges, AreNoneWhileUsersComeAndGo) {
  MembershipChanges changes;
  const std::vector links{link(3, "eth1")};
  changes.update({{.ifindex = 3, .group = kOne, .users = 1}}, links);
  changes.update({{.ifindex = 3, .group = kOne, .users = 2}}, links);
  EXPECT_EQ(changes.totals()[0].joins, 0U);
}

TEST(MembershipChanges, StayWithTheNameWhenAnInterfaceComesBackWithAnotherIndex) {
  MembershipChanges changes;
  changes.update({{.ifindex = 3, .group = kOne}}, {link(3, "eth1")});
  changes.update({}, {});
  changes.update({{.ifindex = 9, .group = kOne}}, {link(9, "eth1")});
  ASSERT_EQ(changes.totals().size(), 1U);
  EXPECT_EQ(changes.totals()[0].leaves, 1U);
  EXPECT_EQ(changes.totals()[0].joins, 1U);
}

}  // namespace
}  // namespace mcast::netlink
