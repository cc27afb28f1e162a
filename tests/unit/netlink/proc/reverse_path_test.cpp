#include "netlink/proc/sysctls.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace mcast::netlink {
namespace {

class ReversePath : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "mcast-proc-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void set(const std::string& interface, const std::string& name, int value) const {
    const auto folder = root_ / "sys/net/ipv4/conf" / interface;
    std::filesystem::create_directories(folder);
    std::ofstream(folder / name) << value << "\n";
  }

  std::filesystem::path root_;
};

TEST_F(ReversePath, IsTheLargerOneOfAllAndTheInterface) {
  constexpr auto kOff = ReversePathFilter::kOff;
  constexpr auto kStrict = ReversePathFilter::kStrict;
  constexpr auto kLoose = ReversePathFilter::kLoose;
  constexpr std::array kExpected{std::array{kOff, kStrict, kLoose},
                                 std::array{kStrict, kStrict, kLoose},
                                 std::array{kLoose, kLoose, kLoose}};
  for (int all = 0; all < 3; ++all) {
    for (int own = 0; own < 3; ++own) {
      set("all", "rp_filter", all);
      set("eth0", "rp_filter", own);
      EXPECT_EQ(reverse_path_filter(root_, "eth0").value(),
                kExpected.at(static_cast<std::size_t>(all)).at(static_cast<std::size_t>(own)));
    }
  }
}

TEST_F(ReversePath, IsAnErrorWhereThereIsNoSuchInterface) {
  set("all", "rp_filter", 1);
  EXPECT_EQ(reverse_path_filter(root_, "eth0").error().code, ENOENT);
  EXPECT_EQ(reverse_path_filter(root_, "../eth0").error().code, EINVAL);
}

TEST_F(ReversePath, SaysWhetherMulticastIsForwarded) {
  EXPECT_FALSE(is_multicast_router(root_).value());
  set("all", "mc_forwarding", 1);
  set("eth0", "mc_forwarding", 1);
  set("eth1", "mc_forwarding", 0);
  EXPECT_TRUE(is_multicast_router(root_).value());
  EXPECT_TRUE(forwards_multicast(root_, "eth0").value());
  EXPECT_FALSE(forwards_multicast(root_, "eth1").value());
  set("all", "mc_forwarding", 0);
  EXPECT_FALSE(forwards_multicast(root_, "eth0").value());
}

}  // namespace
}  // namespace mcast::netlink
