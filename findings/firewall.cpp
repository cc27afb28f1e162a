#include "findings/firewall.h"

#include <netinet/in.h>
// Behind it: the kernel's headers give way to the library's, not the other way round.
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/text.h"

namespace mcast::findings {
namespace {

using netlink::FilterChain;
using netlink::FilterRule;
using netlink::FilterStep;
using Kind = FilterStep::Kind;
using Carries = FilteredPacket::Carries;
using Way = FilteredPacket::Way;

// Bytes of the packet; nullopt: not known.
using Known = std::vector<std::optional<std::uint8_t>>;

enum class Match : std::uint8_t { kNo, kMaybe, kYes };
enum class Fate : std::uint8_t { kGoesOn, kAccepted, kDropped };

constexpr int kMaxJumps = 16;           // as the kernel's NFT_JUMP_STACK_SIZE
constexpr std::size_t kNameSize = 16;   // IFNAMSIZ
constexpr std::size_t kMaxLoaded = 16;  // NFT_REG_SIZE
constexpr int kMaxRules = 20'000;       // looked at, again where several jumps lead to them

void append(Known& known, const auto& bytes) {
  known.insert(known.end(), bytes.begin(), bytes.end());
}

Known number(std::uint32_t value, std::size_t bytes) {
  Known known;
  for (std::size_t i = bytes; i-- > 0;) {
    known.emplace_back(static_cast<std::uint8_t>(value >> (8U * i)));
  }
  return known;
}

std::uint8_t protocol_of(const FilteredPacket& packet) {
  if (packet.carries == Carries::kMldQuery) return IPPROTO_ICMPV6;
  return packet.carries == Carries::kUdp ? IPPROTO_UDP : IPPROTO_IGMP;
}

Known header_of(const FilteredPacket& packet, std::uint32_t which) {
  Known known;
  if (which == NFT_PAYLOAD_NETWORK_HEADER) {
    const bool v4 = packet.group.is_v4();
    // What stands before UDP in a packet of IPv6 is not known: options, or a fragment's header.
    known.resize(v4 ? 9 : 8);
    if (v4) known.emplace_back(protocol_of(packet));
    known.resize(v4 ? 12 : 8);
    if (packet.source) append(known, packet.source->bytes());
    known.resize(v4 ? 16 : 24);
    append(known, packet.group.bytes());
  } else if (which == NFT_PAYLOAD_LL_HEADER) {
    known.resize(12);
    append(known, number(packet.group.is_v4() ? ETH_P_IP : ETH_P_IPV6, 2));
  } else if (which == NFT_PAYLOAD_TRANSPORT_HEADER && packet.carries != Carries::kUdp) {
    known.emplace_back(packet.carries == Carries::kIgmpQuery ? std::uint8_t{0x11}
                                                             : std::uint8_t{130});
  } else if (which == NFT_PAYLOAD_TRANSPORT_HEADER && packet.port != 0) {
    known.resize(2);
    append(known, number(packet.port, 2));
  }
  return known;
}

// `interface`: as the chain sees it, "" where that is not known.
Known meta_of(const FilteredPacket& packet, std::uint32_t key, const std::string& interface) {
  const bool out = packet.way == Way::kOut;
  const bool v4 = packet.group.is_v4();
  switch (key) {
    case NFT_META_PROTOCOL:
      return number(v4 ? ETH_P_IP : ETH_P_IPV6, 2);
    case NFT_META_NFPROTO:
      return number(v4 ? NFPROTO_IPV4 : NFPROTO_IPV6, 1);
    case NFT_META_L4PROTO:
      return number(protocol_of(packet), 1);
    case NFT_META_PKTTYPE:
      return out ? Known() : number(PACKET_MULTICAST, 1);
    case NFT_META_IIFNAME:
    case NFT_META_OIFNAME: {
      if ((key == NFT_META_OIFNAME) != out || interface.empty()) return {};
      Known name(interface.begin(), interface.end());
      name.resize(kNameSize, std::uint8_t{0});
      return name;
    }
    default:
      return {};
  }
}

Match compare(const Known& known, const FilterStep& step) {
  const bool is_order = step.key != NFT_CMP_EQ && step.key != NFT_CMP_NEQ;
  bool unknown = known.size() < step.data.size();
  int order = 0;
  for (std::size_t i = 0; i < std::min(known.size(), step.data.size()); ++i) {
    if (!known[i]) {
      unknown = true;
      if (is_order) break;
      continue;
    }
    if (*known[i] == step.data[i]) continue;
    order = *known[i] < step.data[i] ? -1 : 1;
    break;
  }
  // One byte that differs is enough; for an order, one before which all are known.
  if (unknown && (order == 0 || is_order)) return Match::kMaybe;
  const bool holds = step.key == NFT_CMP_EQ    ? order == 0
                     : step.key == NFT_CMP_NEQ ? order != 0
                     : step.key == NFT_CMP_LT  ? order < 0
                     : step.key == NFT_CMP_LTE ? order <= 0
                     : step.key == NFT_CMP_GT  ? order > 0
                                               : order >= 0;
  return holds ? Match::kYes : Match::kNo;
}

// Where a packet of that way meets a base chain, in order; nullopt: it does not.
std::optional<int> place_of(const FilterChain& chain, const FilteredPacket& packet) {
  if (!chain.is_base) return std::nullopt;
  const bool out = packet.way == Way::kOut;
  const auto is_here = [&] {
    return std::ranges::find(chain.devices, packet.interface) != chain.devices.end();
  };
  if (chain.family == NFPROTO_NETDEV) {
    if (!is_here() || (chain.hook != 0) != out) return std::nullopt;
    return out ? 20 : 0;
  }
  if (chain.family == NFPROTO_BRIDGE) {
    // NF_BR_PRE_ROUTING and NF_BR_LOCAL_IN have the numbers of their NF_INET_ namesakes.
    const bool passes = !packet.bridge_port.empty() && !out &&
                        (chain.hook == NF_INET_PRE_ROUTING || chain.hook == NF_INET_LOCAL_IN);
    return passes ? std::optional(2 + static_cast<int>(chain.hook)) : std::nullopt;
  }
  const auto own = packet.group.is_v4() ? NFPROTO_IPV4 : NFPROTO_IPV6;
  if (chain.family != NFPROTO_INET && chain.family != own) return std::nullopt;
  const bool leaves = chain.hook == NF_INET_LOCAL_OUT || chain.hook == NF_INET_POST_ROUTING;
  const bool enters = chain.hook == NF_INET_INGRESS || chain.hook == NF_INET_PRE_ROUTING;
  const bool ends = chain.hook == NF_INET_LOCAL_IN && packet.way == Way::kIn;
  if (!(out ? leaves : enters || ends)) return std::nullopt;
  if (chain.hook == NF_INET_INGRESS && !is_here()) return std::nullopt;
  return chain.hook == NF_INET_INGRESS ? 1 : 10 + static_cast<int>(chain.hook);
}

class Search {
 public:
  Search(const std::vector<FilterChain>& chains, const FilteredPacket& packet)
      : chains_(chains), packet_(packet) {}

  std::optional<Dropper> run() {
    std::vector<std::pair<int, const FilterChain*>> met;
    for (const FilterChain& chain : chains_) {
      if (const auto place = place_of(chain, packet_)) met.emplace_back(*place, &chain);
    }
    // Of one priority the newest comes first (nf_hook_entries_grow() in net/netfilter/core.c);
    // `chains_` has the oldest first.
    std::ranges::sort(met, {}, [this](const auto& chain) {
      return std::tuple(chain.first, chain.second->priority, &chains_.back() - chain.second);
    });
    for (const auto& [place, chain] : met) {
      // An accept ends one base chain, and not those behind it.
      doubt_ = rules_ > kMaxRules;
      const Fate fate = walk(*chain, Match::kYes, 0);
      if (fate == Fate::kDropped) break;
      if (fate == Fate::kGoesOn && chain->drops) {
        auto& dropper = doubt_ ? possible_ : certain_;
        if (!dropper) dropper = told(*chain, nullptr, !doubt_);
        if (!doubt_) break;
      }
    }
    return certain_ ? certain_ : possible_;
  }

 private:
  // The verdict of a rule, and whether it comes to it; nullptr: it has none, or it does not.
  std::pair<const FilterStep*, Match> judge(const FilterRule& rule) const {
    std::map<std::uint32_t, Known> registers;
    Match match = Match::kYes;
    for (const FilterStep& step : rule.steps) {
      switch (step.kind) {
        case Kind::kPayload: {
          Known header = header_of(packet_, step.key);
          const std::size_t begin = std::min<std::size_t>(step.offset, header.size());
          header.erase(header.begin(), header.begin() + static_cast<std::ptrdiff_t>(begin));
          header.resize(std::min<std::size_t>(step.length, kMaxLoaded));
          registers[step.to] = std::move(header);
          break;
        }
        case Kind::kMeta:
          registers[step.to] =
              meta_of(packet_, step.key,
                      rule.family == NFPROTO_BRIDGE ? packet_.bridge_port : packet_.interface);
          break;
        case Kind::kConstant:
          registers[step.to] = Known(step.data.begin(), step.data.end());
          break;
        case Kind::kMask: {
          Known value = registers[step.from];
          value.resize(step.data.size());
          for (std::size_t i = 0; i < value.size(); ++i) {
            const std::uint8_t flip = i < step.data2.size() ? step.data2[i] : std::uint8_t{0};
            if (step.data[i] == 0) value[i] = std::uint8_t{0};
            if (value[i]) value[i] = static_cast<std::uint8_t>((*value[i] & step.data[i]) ^ flip);
          }
          registers[step.to] = std::move(value);
          break;
        }
        case Kind::kCompare:
          match = std::min(match, compare(registers[step.from], step));
          if (match == Match::kNo) return {nullptr, match};
          break;
        case Kind::kVerdict:
          return {&step, match};
        case Kind::kAction:
          break;
        case Kind::kUnknown:
          registers.clear();
          match = Match::kMaybe;
          break;
      }
    }
    return {nullptr, Match::kNo};
  }

  // `comes`: whether the packet surely comes here.
  Fate walk(const FilterChain& chain, Match comes, int jumps) {
    for (const FilterRule& rule : chain.rules) {
      if (++rules_ > kMaxRules) {
        doubt_ = true;
        return Fate::kGoesOn;
      }
      const auto [step, matches] = judge(rule);
      if (step == nullptr) continue;
      const Match match = std::min(matches, comes);
      const bool sure = match == Match::kYes && !doubt_;
      const std::int32_t verdict = step->verdict;
      if (verdict == NF_DROP) {
        auto& dropper = sure ? certain_ : possible_;
        if (!dropper) dropper = told(chain, &rule, sure);
        if (sure) return Fate::kDropped;
      } else if (verdict == NFT_JUMP || verdict == NFT_GOTO) {
        const FilterChain* const target = chain_of(chain, step->chain);
        if (target == nullptr || jumps == kMaxJumps) continue;
        const Fate fate = walk(*target, match, jumps + 1);
        if (sure && (fate != Fate::kGoesOn || verdict == NFT_GOTO)) return fate;
      } else if (verdict == NF_ACCEPT || verdict == NFT_RETURN) {
        if (sure) return verdict == NF_ACCEPT ? Fate::kAccepted : Fate::kGoesOn;
        // What follows may not be reached.
        doubt_ = true;
      }
    }
    return Fate::kGoesOn;
  }

  [[nodiscard]] const FilterChain* chain_of(const FilterChain& from, const std::string& name) {
    if (by_name_.empty()) {
      for (const FilterChain& chain : chains_) {
        by_name_.emplace(Name(chain.family, chain.table, chain.name), &chain);
      }
    }
    const auto found = by_name_.find(Name(from.family, from.table, name));
    return found == by_name_.end() ? nullptr : found->second;
  }

  [[nodiscard]] Dropper told(const FilterChain& chain, const FilterRule* rule, bool sure) const {
    const bool v4 = packet_.group.is_v4();
    const char* const family = chain.family == NFPROTO_INET     ? "inet "
                               : chain.family == NFPROTO_NETDEV ? "netdev "
                               : chain.family == NFPROTO_BRIDGE ? "bridge "
                               : v4                             ? "ip "
                                                                : "ip6 ";
    const std::string table = printable(chain.table);
    const std::string name = printable(chain.name);
    const std::string place = " of chain " + name + " (table " + family + table + ")";
    const std::string words = family + shell_word(table) + " " + shell_word(name);
    Dropper dropper;
    const std::string number = rule != nullptr ? std::to_string(rule->handle) : "";
    dropper.seen = rule == nullptr ? "the policy" + place + " is drop" +
                                         (sure ? "" : ", and may be what drops them")
                   : sure ? "rule " + number + place + " drops them"
                          : "rule " + number + place + " may be what drops them";
    // A rule that may be for others, too, stays: the group is accepted before it.
    const bool is_specific =
        rule != nullptr && sure && std::ranges::any_of(rule->steps, [](const FilterStep& step) {
          return step.kind == Kind::kPayload;
        });
    dropper.remedy = is_specific ? "nft delete rule " + words + " handle " + number
                                 : "nft insert rule " + words + accepted() + " accept";
    return dropper;
  }

  // The packets to accept, as a rule names them.
  [[nodiscard]] std::string accepted() const {
    if (packet_.carries == Carries::kIgmpQuery) return " ip protocol igmp";
    if (packet_.carries == Carries::kMldQuery) return " icmpv6 type mld-listener-query";
    return (packet_.group.is_v4() ? " ip daddr " : " ip6 daddr ") + packet_.group.to_string() +
           (packet_.port != 0 ? " udp dport " + std::to_string(packet_.port) : "");
  }

  const std::vector<FilterChain>& chains_;
  const FilteredPacket& packet_;
  std::optional<Dropper> certain_;
  std::optional<Dropper> possible_;
  int rules_ = 0;
  bool doubt_ = false;  // the packet may have left this base chain already
  using Name = std::tuple<std::uint8_t, std::string_view, std::string_view>;
  std::map<Name, const FilterChain*> by_name_;  // filled for the first jump
};

}  // namespace

std::optional<Dropper> dropper_of(const std::vector<FilterChain>& chains,
                                  const FilteredPacket& packet) {
  return Search(chains, packet).run();
}

}  // namespace mcast::findings
