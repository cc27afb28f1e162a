// What records say, and which network namespace they are of.
#include "netlink/forcing/forcing_record.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace mcast::netlink {
namespace {

ForcingRecord record() {
  return {.network = {.boot_id = "0f0d3c5a-7d0c-4c0e-9a59-6a2b1c3d4e5f",
                      .device = 4,
                      .inode = 4026532317,
                      .cookie = 4174},
          .ifindex = 7,
          .interface = "eth1",
          .before = -5,
          .forced = 2,
          .process = 1234};
}

TEST(ForcingRecord, IsReadAsItWasWritten) {
  const std::string text = encode_forcing_record(record());
  EXPECT_LE(text.size(), kForcingRecordSize);
  EXPECT_EQ(decode_forcing_record(text), record());
}

TEST(ForcingRecord, SaysWhichProtocolItIsOf) {
  ForcingRecord mld = record();
  mld.family = Family::kIpv6;
  EXPECT_EQ(decode_forcing_record(encode_forcing_record(mld)), mld);
  EXPECT_TRUE(encode_forcing_record(mld).starts_with("mcast-agent forced MLD version, format 2\n"));
  EXPECT_TRUE(
      encode_forcing_record(record()).starts_with("mcast-agent forced IGMP version, format 2\n"));
  EXPECT_NE(forcing_record_name(mld.network, mld.family, 7),
            forcing_record_name(mld.network, Family::kIpv4, 7));
}

TEST(ForcingRecord, HasRoomForTheLongestOfEverything) {
  ForcingRecord longest = record();
  longest.network.device = longest.network.inode = longest.network.cookie = ~std::uint64_t{0};
  longest.ifindex = longest.before = 0x7FFFFFFF;
  longest.interface = "abcdefghijklmno";
  longest.process = 0x7FFFFFFF;
  EXPECT_LE(encode_forcing_record(longest).size(), kForcingRecordSize);
  EXPECT_EQ(decode_forcing_record(encode_forcing_record(longest)), longest);
}

TEST(ForcingRecord, IsRefusedWhenCutForgedOrPadded) {
  const std::string text = encode_forcing_record(record());
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_FALSE(decode_forcing_record(text.substr(0, length))) << length;
  }
  EXPECT_FALSE(decode_forcing_record(text + " "));
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char forged : {'\0', '\n', '/', 'x', '9', '\xFF'}) {
      std::string other = text;
      other[i] = forged;
      const auto read = decode_forcing_record(other);
      // Where it still reads, it says what stands there.
      EXPECT_TRUE(!read || encode_forcing_record(*read) == other);
    }
  }
}

TEST(ForcingRecord, IsRefusedWithWhatCannotBe) {
  for (const auto change :
       {+[](ForcingRecord& r) { r.forced = 0; }, +[](ForcingRecord& r) { r.forced = 4; },
        +[](ForcingRecord& r) {
          r.forced = 3;
          r.family = Family::kIpv6;
        },
        +[](ForcingRecord& r) { r.ifindex = 0; }, +[](ForcingRecord& r) { r.interface = "../x"; },
        +[](ForcingRecord& r) { r.interface = ""; }}) {
    ForcingRecord wrong = record();
    change(wrong);
    EXPECT_FALSE(decode_forcing_record(encode_forcing_record(wrong)));
  }
}

TEST(NetworkNamespace, IsGoneOnlyWhenThatIsProven) {
  const NetworkNamespace current = record().network;
  EXPECT_FALSE(is_gone(current, current));
  NetworkNamespace other = current;
  other.inode += 1;
  EXPECT_FALSE(is_gone(other, current));
  // Its inode number is another one's now.
  other = current;
  other.cookie += 1;
  EXPECT_TRUE(is_gone(other, current));
  // Before Linux 5.14 there are no cookies.
  other.cookie = 0;
  EXPECT_FALSE(is_gone(other, current));
  other = current;
  other.boot_id.front() = '1';
  EXPECT_TRUE(is_gone(other, current));
}

TEST(NetworkNamespace, OfTheKernelIsTheSameEachTime) {
  const NetworkView view = NetworkView::of_kernel("/proc");
  const auto once = view.network_namespace();
  ASSERT_TRUE(once) << once.error().message;
  EXPECT_EQ(view.network_namespace(), *once);
  EXPECT_NE(once->inode, 0U);
  EXPECT_EQ(view.name_of(view.index_of("lo")), "lo");
  EXPECT_EQ(view.index_of("no-such-thing"), 0);
  EXPECT_EQ(view.name_of(0x7FFFFFFF), "");
}

TEST(NetworkNamespace, WithoutABootIdIsAnError) {
  const auto none = NetworkView::of_kernel("/nonexistent").network_namespace();
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("boot_id"), std::string::npos);
}

}  // namespace
}  // namespace mcast::netlink
