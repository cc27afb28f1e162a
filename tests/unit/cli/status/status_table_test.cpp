// What is put together, what is shown of it, and how: the whole table and JSON.
#include "streams/membership_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/status/status_report.h"
#include "cli/terminal/screen.h"
#include "tests/unit/cli/status/status_fixture.h"

namespace mcast::cli::test {
namespace {

std::string table(const MembershipSelection& selection) {
  return plain_text(status_table(selected(report(), selection)));
}

TEST(StatusTable, HidesWhatEveryHostHasAndTheLoopbackInterfaceSaveOurStreams) {
  EXPECT_EQ(
      table({}),
      R"(INTERFACE  VERSION  FORCED  GROUP         USERS  CLASS                        SOURCES                          STREAMS
lo         IGMPv3   -       239.0.0.1         1  admin-scoped                 any                              mcast-agent[417] demo
eth1       IGMPv3   -       232.5.5.5         2  SSM                          10.1.1.1, 10.1.1.3               mcast-agent[417] one
eth1       IGMPv3   -       239.0.10.101     12  admin-scoped                 any                              mcast-agent[417] video
eth1       MLDv2    -       ff15::1234        1  transient, site-local scope  any
eth2       IGMPv2   2       233.1.1.1         2  GLOP                         any but 10.2.2.3, also 10.2.2.2
größe0     -        -       none
)");
}

TEST(StatusTable, OfTheLoopbackInterfaceIsThereForWhoAsks) {
  EXPECT_EQ(table({.all = false, .interface = "lo"}),
            R"(INTERFACE  VERSION  FORCED  GROUP      USERS  CLASS         SOURCES  STREAMS
lo         IGMPv3   -       239.0.0.1      1  admin-scoped  any      mcast-agent[417] demo
lo         IGMPv3   -       239.0.0.2      1  admin-scoped  any
)");
}

TEST(StatusTable, OfOneInterfaceWithAll) {
  EXPECT_EQ(
      table({.all = true, .interface = "eth2"}),
      R"(INTERFACE  VERSION  FORCED  GROUP      USERS  CLASS                                      SOURCES                          STREAMS
eth2       IGMPv2   2       224.0.0.1      1  link-local                                 any
eth2       IGMPv2   2       233.1.1.1      2  GLOP                                       any but 10.2.2.3, also 10.2.2.2
eth2       MLDv1    1       ff02::1        1  well-known, link-local scope (not routed)  any
)");
}

TEST(StatusTable, OfNothingIsATitle) {
  EXPECT_EQ(plain_text(status_table({})),
            "INTERFACE  VERSION  FORCED  GROUP  USERS  CLASS  SOURCES  STREAMS\n");
}

TEST(StatusTable, ShowsNoControlCharactersAndCutsLongLists) {
  MembershipReport report{.interfaces = {{.ifindex = 1, .name = "e\x1b[2J", .memberships = {}}}};
  HeldMembership membership{.group = address("239.1.1.1"),
                            .users = 9,
                            .sources = {},
                            .joined_sources = {},
                            .holders = {}};
  membership.mode = FilterMode::kInclude;
  for (std::uint32_t i = 1; i <= 6; ++i) {
    membership.sources.push_back(IpAddress::v4(0x0A000000 + i));
    membership.holders.push_back(
        {.pid = 7,
         .program = "mcast-\n",
         .join = {.stream = "\x9b" + std::to_string(i), .group = {}, .source = {}}});
  }
  report.interfaces[0].memberships.push_back(membership);
  const std::string text = plain_text(status_table(report));
  EXPECT_EQ(text.substr(text.find('\n') + 1),
            "e?[2J      -        -       239.1.1.1      9  admin-scoped  "
            "10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 2 more  "
            "mcast-?[7] ?1, mcast-?[7] ?2, mcast-?[7] ?3, mcast-?[7] ?4, 2 more\n");
}

TEST(StatusTable, HasColourOnlyWhereItIsAskedFor) {
  const Screen screen = status_table(selected(report(), {}));
  EXPECT_EQ(plain_text(screen).find('\033'), std::string::npos);
  const std::string coloured = ansi_text(screen);
  EXPECT_NE(coloured.find("\033[33m2     \033[0m"), std::string::npos) << "forced version";
  EXPECT_NE(coloured.find("\033[32mmcast-agent[417] demo\033[0m"), std::string::npos);
}

TEST(MembershipReport, KnowsTheFilterModeFromUsersAndFilters) {
  const auto mode_of = [](std::uint32_t users, bool ours_takes_any) {
    auto changed = host();
    for (auto& entry : changed.memberships) {
      if (entry.group == address("232.5.5.5")) entry.users = users;
    }
    auto running_streams = streams();
    if (ours_takes_any) running_streams.streams.push_back(running("any", 2, "232.5.5.5"));
    MembershipReport made = membership_report(changed, running_streams);
    return membership(made, 2, "232.5.5.5").mode;
  };
  EXPECT_EQ(mode_of(2, false), FilterMode::kInclude);
  // One socket with both sources.
  EXPECT_EQ(mode_of(1, false), FilterMode::kInclude);
  // A third user has no source.
  EXPECT_EQ(mode_of(3, false), FilterMode::kExclude);
  EXPECT_EQ(mode_of(2, true), FilterMode::kExclude);
}

TEST(MembershipReport, HidesWhatEveryHostIsIn) {
  for (const char* group :
       {"224.0.0.1", "224.0.0.251", "239.255.255.250", "ff01::1", "ff02::1", "ff02::1:ff12:3456"}) {
    EXPECT_TRUE(is_everyday_group(address(group))) << group;
  }
  for (const char* group :
       {"224.0.0.2", "224.0.0.22", "239.1.1.1", "232.5.5.5", "ff02::16", "ff02::2:ff12:3456",
        "ff05::1:ff00:1", "ff05::1", "ff15::1", "ff0e::fb", "ff02::fb", "ff02::c", "ff01::2"}) {
    EXPECT_FALSE(is_everyday_group(address(group))) << group;
  }
}

// The original's, for both families.
TEST(MembershipReport, HidesWhatTheVectorsSay) {
  std::ifstream file(MCAST_VECTORS "/ipv6-vectors.json");
  const auto vectors = nlohmann::json::parse(file);
  for (const auto& entry : vectors["classes"]) {
    const auto group = ZonedAddress::parse(entry["group"].get<std::string>());
    ASSERT_TRUE(group) << entry;
    EXPECT_EQ(is_everyday_group(group->address), entry["hidden_by_default"].get<bool>()) << entry;
  }
}

TEST(StatusJson, HoldsAllOfIt) {
  const auto json =
      nlohmann::json::parse(status_json(selected(report(), {.all = false, .interface = "eth1"})));
  EXPECT_EQ(json, nlohmann::json::parse(R"({
    "tool": "mcast-status", "version": "0.1.0", "unreadable_programs": 0,
    "interfaces": [{"name": "eth1", "ifindex": 2, "igmp_version": 3, "forced_version": 0,
      "mld_version": 2, "forced_mld_version": 0,
      "memberships": [
        {"group": "232.5.5.5", "family": "ipv4", "class": "SSM", "users": 2,
         "filter_mode": "include", "sources": ["10.1.1.1", "10.1.1.3"], "joined_sources": [],
         "streams": [{"program": "mcast-agent", "pid": 417, "stream": "one",
                      "source": "10.1.1.1", "port": 19779}]},
        {"group": "239.0.10.101", "family": "ipv4", "class": "admin-scoped", "users": 12,
         "filter_mode": "exclude", "sources": [], "joined_sources": [],
         "streams": [{"program": "mcast-agent", "pid": 417, "stream": "video",
                      "source": null, "port": 19779}]},
        {"group": "ff15::1234", "family": "ipv6", "class": "transient, site-local scope", "users": 1,
         "filter_mode": "exclude", "sources": [], "joined_sources": [], "streams": []}]}]})"));
}

TEST(StatusJson, BeginsWithToolAndVersionAndFitsOneLine) {
  const std::string line = status_json(report());
  EXPECT_TRUE(line.starts_with(R"({"tool":"mcast-status","version":")"));
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
}

TEST(StatusJson, OfNamesThatAreNoUtf8IsStillJson) {
  MembershipReport strange;
  strange.interfaces.push_back({.ifindex = 1, .name = "e\xFF\x1b", .memberships = {}});
  const auto json = nlohmann::json::parse(status_json(strange));
  EXPECT_EQ(json["interfaces"][0]["name"], "e??");
}

TEST(StatusJson, OfNothingHasAnEmptyList) {
  const auto json = nlohmann::json::parse(status_json({}));
  EXPECT_EQ(json["interfaces"], nlohmann::json::array());
}

}  // namespace
}  // namespace mcast::cli::test
