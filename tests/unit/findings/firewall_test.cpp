// Which rule or policy drops a packet: the one that surely does, else one that may.
#include "findings/firewall.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/findings/example_evidence.h"

namespace mcast::findings::test {
namespace {

using netlink::FilterChain;
using netlink::FilterRule;
using netlink::FilterStep;
using Kind = FilterStep::Kind;

constexpr std::int32_t kDrop = 0;
constexpr std::int32_t kAccept = 1;
constexpr std::int32_t kJump = -3;
constexpr std::uint32_t kEqual = 0;
constexpr std::uint8_t kInet = 1;

FilterChain base(const std::string& name, std::uint32_t hook, bool drops = false) {
  return {.family = kInet,
          .table = "t",
          .name = name,
          .is_base = true,
          .hook = hook,
          .priority = 0,
          .drops = drops};
}
FilterRule rule(std::uint64_t handle, std::vector<FilterStep> steps, std::int32_t verdict,
                const std::string& chain = "") {
  steps.push_back({.kind = Kind::kVerdict, .verdict = verdict, .chain = chain});
  return {.table = "t", .chain = "", .family = kInet, .handle = handle, .steps = std::move(steps)};
}
// ip daddr == these bytes
std::vector<FilterStep> group(std::vector<std::uint8_t> bytes) {
  const auto length = static_cast<std::uint32_t>(bytes.size());
  return {{.kind = Kind::kPayload, .to = 1, .key = 1, .offset = 16, .length = length},
          {.kind = Kind::kCompare, .from = 1, .key = kEqual, .data = std::move(bytes)}};
}
std::vector<FilterStep> set() {
  return {{.kind = Kind::kPayload, .to = 1, .key = 1, .offset = 16, .length = 4},
          {.kind = Kind::kUnknown}};
}

std::string remedy(const std::vector<FilterChain>& chains,
                   FilteredPacket::Way way = FilteredPacket::Way::kIn, bool v4 = true,
                   const std::string& bridge_port = "") {
  const auto dropper = dropper_of(chains, {.way = way,
                                           .interface = "eth1",
                                           .bridge_port = bridge_port,
                                           .source = ip(v4 ? "10.1.1.1" : "2001:db8::1"),
                                           .group = ip(v4 ? "239.1.1.1" : "ff1e::8000:1"),
                                           .port = 5000});
  return dropper ? dropper->remedy : "nobody";
}

TEST(Firewall, APolicyAcceptsTheGroupAndARuleIsDeleted) {
  EXPECT_EQ(remedy({}), "nobody");
  EXPECT_EQ(remedy({base("in", 1, true)}),
            "nft insert rule inet t in ip daddr 239.1.1.1 udp dport 5000 accept");
  FilterChain in = base("in", 1);
  in.rules = {rule(3, group({239, 9}), kDrop), rule(4, group({239, 1, 1, 1}), kDrop)};
  EXPECT_EQ(remedy({in}), "nft delete rule inet t in handle 4");
  // A rule for everything stays, as does one that is reached only by others.
  in.rules = {rule(5, {}, kDrop)};
  EXPECT_EQ(remedy({in}), "nft insert rule inet t in ip daddr 239.1.1.1 udp dport 5000 accept");
  in.rules = {rule(6, group({239}), kAccept), rule(7, {}, kDrop)};
  EXPECT_EQ(remedy({in}), "nobody");
}

TEST(Firewall, TakesASureRuleBeforeOneThatMayDrop) {
  FilterChain in = base("in", 1);
  // It may be for others, too: it stays.
  in.rules = {rule(3, set(), kDrop)};
  EXPECT_EQ(remedy({in}), "nft insert rule inet t in ip daddr 239.1.1.1 udp dport 5000 accept");
  in.drops = true;
  EXPECT_EQ(remedy({in}), "nft insert rule inet t in ip daddr 239.1.1.1 udp dport 5000 accept");
  // What may accept it leaves the policy in doubt, and another chain may be sure.
  in.rules = {rule(3, set(), kAccept)};
  EXPECT_EQ(remedy({in}), "nft insert rule inet t in ip daddr 239.1.1.1 udp dport 5000 accept");
}

TEST(Firewall, NamesNoPolicyForSureBehindWhatMayHaveAccepted) {
  FilterChain in = base("in", 1, true);
  in.rules = {rule(3, set(), kAccept)};
  FilterChain other = base("other", 1);
  other.priority = 10;
  other.rules = {rule(4, group({239, 1, 1, 1}), kDrop)};
  // The policy may be it, and is what the packet meets.
  EXPECT_NE(remedy({in}).find("accept"), std::string::npos);
  in.drops = false;
  EXPECT_EQ(remedy({in, other}), "nft delete rule inet t other handle 4");
}

TEST(Firewall, OfOnePriorityTheNewestChainComesFirst) {
  FilterChain old = base("old", 1);
  old.rules = {rule(1, group({239, 1, 1, 1}), kDrop)};
  FilterChain young = base("young", 1);
  young.rules = {rule(2, group({239, 1, 1, 1}), kDrop)};
  EXPECT_EQ(remedy({old, young}), "nft delete rule inet t young handle 2");
}

TEST(Firewall, ChainsOfOtherDevicesAreNotMet) {
  FilterChain in = base("in", 0, true);
  in.family = 5;  // netdev
  in.devices = {"eth0", "eth2"};
  EXPECT_EQ(remedy({in}), "nobody");
  in.devices.emplace_back("eth1");
  EXPECT_NE(remedy({in}), "nobody");
}

TEST(Firewall, FollowsJumpsButNotForEver) {
  FilterChain in = base("in", 1);
  in.rules = {rule(2, {}, kJump, "lab")};
  FilterChain lab{.family = kInet, .table = "t", .name = "lab"};
  lab.rules = {rule(9, group({239, 1, 1, 1}), kDrop)};
  EXPECT_EQ(remedy({in, lab}), "nft delete rule inet t lab handle 9");
  lab.rules = {rule(9, {}, kJump, "lab"), rule(10, {}, kJump, "lab"),
               rule(11, {}, kJump, "nowhere")};
  EXPECT_EQ(remedy({in, lab}), "nobody");
}

TEST(Firewall, LooksOnlyAtHooksThatThePacketMeets) {
  const std::vector<FilterChain> out{base("out", 3, true), base("forward", 2, true)};
  EXPECT_EQ(remedy(out), "nobody");
  EXPECT_NE(remedy(out, FilteredPacket::Way::kOut), "nobody");
  EXPECT_EQ(remedy({base("in", 1, true)}, FilteredPacket::Way::kBeforeRouting), "nobody");
  EXPECT_NE(remedy({base("pre", 0, true)}, FilteredPacket::Way::kBeforeRouting), "nobody");
}

// What nft makes of "ip6 saddr 2001:db8::/32" and "ip6 daddr ff1e::8000:1" in a table of inet.
TEST(Firewall, KnowsTheHeaderOfIpv6) {
  const auto v6 = [](const std::vector<FilterChain>& chains) {
    return remedy(chains, FilteredPacket::Way::kIn, false);
  };
  const std::vector<std::uint8_t> group_bytes = {0xFF, 0x1E, 0, 0, 0,    0, 0, 0,
                                                 0,    0,    0, 0, 0x80, 0, 0, 1};
  const auto family = [](std::uint8_t number) -> std::vector<FilterStep> {
    return {{.kind = Kind::kMeta, .to = 1, .key = 15},
            {.kind = Kind::kCompare, .from = 1, .key = kEqual, .data = {number}}};
  };
  const auto at = [](std::uint32_t offset, const std::vector<std::uint8_t>& bytes) {
    std::vector<FilterStep> steps = group(bytes);
    steps[0].offset = offset;
    return steps;
  };
  FilterChain in = base("in", 1);
  const auto rule_of = [](std::vector<FilterStep> first, const std::vector<FilterStep>& then) {
    first.insert(first.end(), then.begin(), then.end());
    return rule(4, std::move(first), kDrop);
  };
  for (const auto& steps : {at(24, group_bytes), at(8, {0x20, 0x01, 0x0D, 0xB8})}) {
    in.rules = {rule_of(family(10), steps)};
    EXPECT_EQ(v6({in}), "nft delete rule inet t in handle 4");
    EXPECT_EQ(remedy({in}), "nobody");
  }
  // Of IPv4, and of another group.
  in.rules = {rule_of(family(2), group({239, 1, 1, 1}))};
  EXPECT_EQ(v6({in}), "nobody");
  in.rules = {rule_of(family(10), at(24, {0xFF, 0x15}))};
  EXPECT_EQ(v6({in}), "nobody");
  in.rules = {rule(5, {}, kDrop)};
  EXPECT_EQ(v6({in}), "nft insert rule inet t in ip6 daddr ff1e::8000:1 udp dport 5000 accept");
}

TEST(Firewall, TablesOfOneFamilyAreForItsPackets) {
  for (const bool v4 : {true, false}) {
    FilterChain in = base("in", 1, true);
    in.family = v4 ? 2 : 10;
    EXPECT_EQ(remedy({in}, FilteredPacket::Way::kIn, v4),
              v4 ? "nft insert rule ip t in ip daddr 239.1.1.1 udp dport 5000 accept"
                 : "nft insert rule ip6 t in ip6 daddr ff1e::8000:1 udp dport 5000 accept");
    EXPECT_EQ(remedy({in}, FilteredPacket::Way::kIn, !v4), "nobody");
  }
}

TEST(Firewall, TablesOfBridgesAreMetByWhatComesInOnAPort) {
  for (const bool v4 : {true, false}) {
    FilterChain in = base("in", 1);
    in.family = 7;
    // ether type, and the name of the port.
    in.rules = {rule(8,
                     {{.kind = Kind::kPayload, .to = 1, .key = 0, .offset = 12, .length = 2},
                      {.kind = Kind::kCompare,
                       .from = 1,
                       .key = kEqual,
                       .data = v4 ? std::vector<std::uint8_t>{0x08, 0x00}
                                  : std::vector<std::uint8_t>{0x86, 0xDD}},
                      {.kind = Kind::kMeta, .to = 1, .key = 6},
                      {.kind = Kind::kCompare, .from = 1, .key = kEqual, .data = {'p', '1', 0}}},
                     kDrop)};
    in.rules[0].family = 7;
    const auto of_port = [&](const char* port) {
      return remedy({in}, FilteredPacket::Way::kIn, v4, port);
    };
    EXPECT_EQ(of_port("p1"), "nft delete rule bridge t in handle 8");
    EXPECT_EQ(of_port("p2"), "nobody");
    EXPECT_EQ(of_port(""), "nobody");
    in.hook = 2;  // forward
    EXPECT_EQ(of_port("p1"), "nobody");
  }
}

TEST(Firewall, BearsRulesThatMakeNoSense) {
  FilterChain in = base("in", 1);
  const std::uint32_t huge = std::numeric_limits<std::uint32_t>::max();
  in.rules = {rule(1,
                   {{.kind = Kind::kPayload, .to = 1, .key = 1, .offset = huge, .length = huge},
                    {.kind = Kind::kMask, .from = 7, .to = 7, .data = {1, 2}},
                    {.kind = Kind::kCompare, .from = 9, .key = 77, .data = {}}},
                   kDrop)};
  EXPECT_EQ(remedy({in}), "nft delete rule inet t in handle 1");
}

}  // namespace
}  // namespace mcast::findings::test
