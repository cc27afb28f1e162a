#include "base/address.h"

#include <gtest/gtest.h>

#include <compare>
#include <cstddef>
#include <set>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "tests/unit/base/vectors.h"

namespace mcast::test {
namespace {

IpAddress address(std::string_view text) {
  return IpAddress::parse(text).value();
}

TEST(Address, ReadsAndWritesBothFamilies) {
  for (const char* text :
       {"0.0.0.0", "10.1.2.3", "239.255.255.255", "::", "ff3e::8000:1", "fe80::1"}) {
    EXPECT_EQ(address(text).to_string(), text);
  }
  EXPECT_EQ(address("FF02:0::1").to_string(), "ff02::1");
}

TEST(Address, RefusesWhatIsNotExactlyAnAddress) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view(" 10.0.0.1"), std::string_view("10.0.0.1 "),
        std::string_view("10.0.0"), std::string_view("10.0.0.256"), std::string_view("010.0.0.1"),
        std::string_view("10.0.0.1/24"), std::string_view("fe80::1%lo"), std::string_view("host"),
        std::string_view("10.0.0.1\0x", 10)}) {
    EXPECT_FALSE(IpAddress::parse(text).has_value()) << text;
  }
}

TEST(Address, KeepsNetworkOrder) {
  const IpAddress a = IpAddress::v4(0x0A010203);
  EXPECT_EQ(a.to_string(), "10.1.2.3");
  EXPECT_EQ(a.v4_host_order(), 0x0A010203U);
  ASSERT_EQ(a.bytes().size(), 4U);
  EXPECT_EQ(a.bytes()[0], 10);
  EXPECT_EQ(a.bytes()[3], 3);
  EXPECT_EQ(a.plus(256).to_string(), "10.1.3.3");
  EXPECT_EQ(address("ff02::1").v4_host_order(), 0U);
}

TEST(Address, TakesFourOrSixteenBytesAndNoOtherNumber) {
  const std::vector<std::uint8_t> bytes(17, 0xFF);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const auto a = IpAddress::from_bytes(std::span(bytes).first(size));
    EXPECT_EQ(a.has_value(), size == 4 || size == 16) << size;
    EXPECT_EQ(a ? a->bytes().size() : size, size);
  }
}

TEST(Address, KnowsMulticastFromItsNeighbours) {
  for (const char* text : {"224.0.0.0", "239.255.255.255", "ff02::1", "ff3e::1"}) {
    EXPECT_TRUE(address(text).is_multicast()) << text;
    EXPECT_FALSE(address(text).is_unicast()) << text;
  }
  for (const char* text : {"223.255.255.255", "240.0.0.0", "fe80::1", "::"}) {
    EXPECT_FALSE(address(text).is_multicast()) << text;
  }
}

TEST(Address, KnowsTheSsmRangeFromItsNeighbours) {
  for (const char* text : {"232.0.0.0", "232.255.255.255", "ff3e::1", "ff35::1"}) {
    EXPECT_TRUE(address(text).is_ssm()) << text;
  }
  for (const char* text : {"231.255.255.255", "233.0.0.0", "ff0e::1", "ff3e:1::1"}) {
    EXPECT_FALSE(address(text).is_ssm()) << text;
  }
}

TEST(Address, KnowsWhatIsNeverRoutedFromItsNeighbours) {
  for (const char* text : {"224.0.0.0", "224.0.0.255", "ff02::fb", "ff12::1"}) {
    EXPECT_TRUE(address(text).is_never_routed()) << text;
  }
  for (const char* text : {"224.0.1.0", "225.0.0.1", "ff05::1", "fe80::1"}) {
    EXPECT_FALSE(address(text).is_never_routed()) << text;
  }
}

TEST(Address, IsOrderedByFamilyAndThenByteByByte) {
  // Each differs from the next in one byte that counts more than those behind it.
  const std::vector<IpAddress> ascending{
      address("0.0.0.0"),     address("0.0.0.255"), address("0.0.1.0"),   address("1.0.0.0"),
      address("127.255.0.1"), address("128.0.0.0"), address("255.0.0.0"), address("::"),
      address("::1"),         address("::1:0"),     address("0:0:0:1::"), address("0:0:0:1::1"),
      address("0:0:0:100::"), address("1::"),       address("ff15::1")};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(ascending[i] <=> ascending[j], i <=> j)
          << ascending[i].to_string() << " " << ascending[j].to_string();
    }
  }
}

TEST(Address, HasAClassByItsScope) {
  for (const auto& [text, name] :
       std::vector<std::pair<const char*, const char*>>{{"224.0.0.5", "link-local"},
                                                        {"232.1.1.1", "SSM"},
                                                        {"233.1.1.1", "GLOP"},
                                                        {"239.1.1.1", "admin-scoped"},
                                                        {"225.1.1.1", "any-source"},
                                                        {"10.1.1.1", "not multicast"}}) {
    EXPECT_EQ(multicast_class(address(text)), name) << text;
  }
}

TEST(Address, HasTheClassThatTheOriginalPrintsOfAnIpv6Group) {
  const auto vectors = read_vectors("ipv6-vectors.json");
  for (const auto& vector : vectors.at("classes")) {
    const auto group = ZonedAddress::parse(vector.at("group").get<std::string>());
    ASSERT_TRUE(group.has_value()) << vector;
    const std::string name = multicast_class(group->address);
    EXPECT_EQ(name, vector.at("class").get<std::string>()) << vector;
    EXPECT_EQ(name.starts_with("SSM"), vector.at("ssm").get<bool>()) << vector;
    EXPECT_EQ(group->address.is_never_routed(), name.ends_with("(not routed)")) << vector;
  }
}

TEST(Address, SaysWhichGroupsAreOthersOnEachInterface) {
  for (const char* text : {"ff01::1", "ff02::1", "ff12::42", "ff32::1"}) {
    EXPECT_TRUE(address(text).needs_interface()) << text;
  }
  for (const char* text : {"ff03::1", "ff05::1", "ff3e::1", "224.0.0.5", "fe80::1"}) {
    EXPECT_FALSE(address(text).needs_interface()) << text;
  }
}

TEST(Address, ReadsTheZoneBehindAnIpv6Address) {
  const auto zoned = ZonedAddress::parse("fe80::1%eth1");
  ASSERT_TRUE(zoned.has_value());
  EXPECT_EQ(zoned->address, address("fe80::1"));
  EXPECT_EQ(zoned->zone, "eth1");
  EXPECT_EQ(ZonedAddress::parse("10.0.0.1").value().zone, "");
  for (const char* text : {"10.0.0.1%eth1", "fe80::1%", "%eth1", "", "fe80::x%eth1"}) {
    EXPECT_FALSE(ZonedAddress::parse(text).has_value()) << text;
  }
}

TEST(Address, WritesZoneAndPortBehindIt) {
  EXPECT_EQ(with_zone(address("fe80::1"), "eth1"), "fe80::1%eth1");
  EXPECT_EQ(with_zone(address("fe80::1"), ""), "fe80::1");
  EXPECT_EQ(with_zone(address("2001:db8::1"), "eth1"), "2001:db8::1");
  EXPECT_EQ(with_zone(address("169.254.0.1"), "eth1"), "169.254.0.1");
  EXPECT_EQ(with_port(address("10.0.0.1"), 5004), "10.0.0.1:5004");
  EXPECT_EQ(with_port(address("ff15::1"), 5004), "[ff15::1]:5004");
}

TEST(Address, CountsRangesInItsLastFourBytes) {
  EXPECT_EQ(address("ff15::8000:fffe").plus(3), address("ff15::8001:1"));
  EXPECT_EQ(address("239.1.1.255").plus(1), address("239.1.2.0"));
  EXPECT_EQ(address("ff15::1:2").low_bits(), 0x10002U);
  EXPECT_EQ(address("ff15::1:2").with_low_bits(0x80000000U), address("ff15::8000:0"));
}

TEST(Address, NamesItsFamilyAsLabelsDo) {
  EXPECT_EQ(to_string(address("10.0.0.1").family()), "ipv4");
  EXPECT_EQ(to_string(address("::1").family()), "ipv6");
}

}  // namespace
}  // namespace mcast::test
