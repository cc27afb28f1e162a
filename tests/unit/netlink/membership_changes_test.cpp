#include "netlink/membership_changes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace mcast::netlink {
namespace {

const IpAddress kOne = IpAddress::v4(0xEF000001);
const IpAddress kTwo = IpAddress::v4(0xEF000002);

const IpAddress kSix = IpAddress::parse("ff15::1").value();
constexpr MembershipChanges::Read kBoth{};

Link link(int index, std::string name) {
  Link result;
  result.index = index;
  result.name = std::move(name);
  return result;
}

TEST(MembershipChanges, CountFromTheFirstListOn) {
  MembershipChanges changes;
  const std::vector links{link(3, "eth1"), link(4, "eth2")};
  changes.update({{.ifindex = 3, .group = kOne}}, links, kBoth);
  ASSERT_EQ(changes.totals().size(), 4U);
  EXPECT_EQ(changes.totals()[0].joins, 0U);
  changes.update({{.ifindex = 3, .group = kTwo}, {.ifindex = 4, .group = kOne}}, links, kBoth);
  EXPECT_EQ(changes.totals()[0].joins, 1U);
  EXPECT_EQ(changes.totals()[0].leaves, 1U);
  EXPECT_EQ(changes.totals()[2].joins, 1U);
  EXPECT_EQ(changes.totals()[2].leaves, 0U);
}

TEST(MembershipChanges, AreNoneWhileUsersComeAndGo) {
  MembershipChanges changes;
  const std::vector links{link(3, "eth1")};
  changes.update({{.ifindex = 3, .group = kOne, .users = 1}}, links, kBoth);
  changes.update({{.ifindex = 3, .group = kOne, .users = 2}}, links, kBoth);
  EXPECT_EQ(changes.totals()[0].joins, 0U);
}

TEST(MembershipChanges, StayWithTheNameWhenAnInterfaceComesBackWithAnotherIndex) {
  MembershipChanges changes;
  changes.update({{.ifindex = 3, .group = kOne}}, {link(3, "eth1")}, kBoth);
  changes.update({}, {}, kBoth);
  changes.update({{.ifindex = 9, .group = kOne}}, {link(9, "eth1")}, kBoth);
  ASSERT_EQ(changes.totals().size(), 2U);
  EXPECT_EQ(changes.totals()[0].leaves, 1U);
  EXPECT_EQ(changes.totals()[0].joins, 1U);
}

TEST(MembershipChanges, AreNoneOfAFamilyThatCannotBeRead) {
  MembershipChanges changes;
  const std::vector links{link(3, "eth1")};
  const Membership four{.ifindex = 3, .group = kOne};
  const Membership six{.ifindex = 3, .group = kSix};
  changes.update({four, six}, links, kBoth);
  changes.update({}, links, {.ipv4 = true, .ipv6 = false});
  EXPECT_EQ(changes.totals()[0].leaves, 1U);
  changes.update({four, six}, links, kBoth);
  EXPECT_EQ(changes.totals()[0].joins, 1U);
  EXPECT_EQ(changes.totals()[1].family, Family::kIpv6);
  EXPECT_EQ(changes.totals()[1].joins, 0U);
  changes.update({four}, links, kBoth);
  EXPECT_EQ(changes.totals()[0].leaves, 1U);
  EXPECT_EQ(changes.totals()[1].leaves, 1U);
}

TEST(MembershipChanges, OfAFamilyCountFromItsFirstListOn) {
  MembershipChanges changes;
  const std::vector links{link(3, "eth1")};
  changes.update({}, links, {.ipv4 = true, .ipv6 = false});
  changes.update({{.ifindex = 3, .group = kSix}}, links, kBoth);
  EXPECT_EQ(changes.totals()[1].joins, 0U);
  changes.update({}, links, kBoth);
  EXPECT_EQ(changes.totals()[1].leaves, 1U);
}

TEST(MembershipChanges, KeepABoundedNumberOfInterfacesThatAreGone) {
  MembershipChanges changes;
  const Link eth1 = link(1, "eth1");
  changes.update({}, {eth1}, kBoth);
  changes.update({{.ifindex = 1, .group = kOne}}, {eth1}, kBoth);
  for (int i = 2; i < 2'000; ++i) {
    changes.update({{.ifindex = 1, .group = kOne}, {.ifindex = i, .group = kOne}},
                   {eth1, link(i, "veth" + std::to_string(i))}, kBoth);
    ASSERT_LE(changes.totals().size(), 2 * (MembershipChanges::kMaxGone + 2));
    // The one that is there loses nothing.
    ASSERT_EQ(changes.totals()[0].interface, "eth1");
    ASSERT_EQ(changes.totals()[0].joins, 1U);
  }
  // Those that went last are remembered.
  const auto totals = changes.totals();
  EXPECT_TRUE(std::ranges::any_of(totals, [](const auto& e) { return e.interface == "veth1998"; }));
  EXPECT_FALSE(std::ranges::any_of(totals, [](const auto& e) { return e.interface == "veth2"; }));
}

TEST(MembershipChanges, KeepEveryInterfaceThatIsThereHoweverMany) {
  MembershipChanges changes;
  std::vector<Link> links;
  for (int i = 1; i <= 1'000; ++i) links.push_back(link(i, "eth" + std::to_string(i)));
  changes.update({}, links, kBoth);
  EXPECT_EQ(changes.totals().size(), 2'000U);
}

// --- what the kernel tells of, between two lists and beside them

class NotedChanges : public testing::Test {
 protected:
  NotedChanges() { list({}); }

  void list(const std::vector<Membership>& memberships) {
    changes_.update(memberships, {link(3, "eth1"), link(4, "eth2")}, kBoth);
  }
  void note(const IpAddress& group, bool joined) { changes_.note("eth1", group, joined); }
  // Of IPv4; none of IPv6 but for `ipv6_joins`.
  void expect(std::uint64_t joins, std::uint64_t leaves, std::uint64_t ipv6_joins = 0) const {
    const auto totals = changes_.totals();
    ASSERT_EQ(totals.size(), 4U);
    EXPECT_EQ(totals[0].joins, joins);
    EXPECT_EQ(totals[0].leaves, leaves);
    EXPECT_EQ(totals[1].joins, ipv6_joins);
    EXPECT_EQ(totals[1].leaves, 0U);
    EXPECT_EQ(totals[2].joins + totals[2].leaves + totals[3].joins + totals[3].leaves, 0U);
  }

  const Membership one_{.ifindex = 3, .group = kOne};
  MembershipChanges changes_;
};

TEST_F(NotedChanges, AreCountedThoughNoListHasThem) {
  for (int i = 0; i < 5; ++i) {
    note(kOne, true);
    note(kOne, false);
  }
  list({});
  expect(5, 5);
}

TEST_F(NotedChanges, AreNotCountedAgainByTheListAfterThem) {
  note(kOne, true);
  list({one_});
  expect(1, 0);
  note(kOne, false);
  list({});
  expect(1, 1);
}

TEST_F(NotedChanges, AreNotCountedAgainWhenTheListCameFirst) {
  list({one_});
  note(kOne, true);
  expect(1, 0);
  list({});
  note(kOne, false);
  expect(1, 1);
}

TEST_F(NotedChanges, OfWhichTheListShowsTheEndAloneAreAllCounted) {
  // Joined, left and joined once more, read before the first of them was heard.
  list({one_});
  note(kOne, true);
  note(kOne, false);
  note(kOne, true);
  expect(2, 1);
  list({one_});
  expect(2, 1);
  // Left, joined and left.
  list({});
  note(kOne, false);
  note(kOne, true);
  note(kOne, false);
  list({});
  expect(3, 3);
}

TEST_F(NotedChanges, OfOneGroupOrFamilyDoNotHideAnother) {
  list({one_});
  note(kTwo, true);
  note(kSix, true);
  expect(2, 0, 1);
  list({one_, {.ifindex = 3, .group = kTwo}, {.ifindex = 3, .group = kSix}});
  expect(2, 0, 1);
}

TEST_F(NotedChanges, WaitForTheFirstListAndForTheirInterface) {
  MembershipChanges fresh;
  fresh.note("eth1", kOne, true);
  EXPECT_TRUE(fresh.totals().empty());
  fresh.update({one_}, {link(3, "eth1")}, kBoth);
  EXPECT_EQ(fresh.totals()[0].joins, 0U);
  fresh.note("eth9", kOne, true);
  EXPECT_EQ(fresh.totals().size(), 2U);
}

}  // namespace
}  // namespace mcast::netlink
