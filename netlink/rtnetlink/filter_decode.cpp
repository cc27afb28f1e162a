#include "netlink/rtnetlink/filter_decode.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <string_view>

#include "netlink/rtnetlink/attributes.h"

namespace mcast::netlink {
namespace {

using Kind = FilterStep::Kind;

constexpr std::string_view kTable = "netlink table";
constexpr std::string_view kChain = "netlink chain";
constexpr std::string_view kRule = "netlink rule";
constexpr std::size_t kNameCapacity = 256;  // NFT_NAME_MAXLEN, and of an interface less

constexpr std::uint16_t type_of(std::uint16_t message) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8U | message);
}

std::vector<std::uint8_t> request(std::uint16_t message) {
  return encode_request(type_of(message),
                        nfgenmsg{.nfgen_family = NFPROTO_UNSPEC, .version = 0, .res_id = 0});
}

template <typename Wire>
Wire swapped(Wire value) {
  return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

// nftables writes its numbers in network order.
template <typename Wire, typename Out>
auto number(std::uint16_t type, Out& out) {
  return Row{type, [&out](const nlattr& attribute, std::string_view what) -> Result<void> {
               if (::mnl_attr_validate2(&attribute, MNL_TYPE_UNSPEC, sizeof(Wire)) != 0) {
                 return wrong(attribute, what);
               }
               out = static_cast<Out>(swapped(load<Wire>(payload_of(attribute))));
               return {};
             }};
}

auto bytes(std::uint16_t type, std::vector<std::uint8_t>& out) {
  return each(type, [&out](Bytes payload) -> Result<void> {
    return read_attributes(payload, kRule,
                           each(NFTA_DATA_VALUE, [&out](Bytes data) -> Result<void> {
                             out.assign(data.begin(), data.end());
                             return {};
                           }));
  });
}

Result<void> read_verdict(Bytes data, FilterStep& step) {
  return read_attributes(
      data, kRule,
      nested(NFTA_DATA_VERDICT, number<std::uint32_t>(NFTA_VERDICT_CODE, step.verdict),
             text(NFTA_VERDICT_CHAIN, kNameCapacity, step.chain)));
}

// The attributes of each expression: only those that its kind has are there.
Result<void> read_data(std::string_view name, Bytes data, FilterStep& step) {
  if (name == "payload") {
    step.kind = Kind::kPayload;
    // Without a register to write to, it changes the packet.
    return read_attributes(data, kRule, number<std::uint32_t>(NFTA_PAYLOAD_DREG, step.to),
                           number<std::uint32_t>(NFTA_PAYLOAD_BASE, step.key),
                           number<std::uint32_t>(NFTA_PAYLOAD_OFFSET, step.offset),
                           number<std::uint32_t>(NFTA_PAYLOAD_LEN, step.length));
  }
  if (name == "meta") {
    step.kind = Kind::kMeta;
    return read_attributes(data, kRule, number<std::uint32_t>(NFTA_META_DREG, step.to),
                           number<std::uint32_t>(NFTA_META_KEY, step.key));
  }
  if (name == "cmp") {
    step.kind = Kind::kCompare;
    return read_attributes(data, kRule, number<std::uint32_t>(NFTA_CMP_SREG, step.from),
                           number<std::uint32_t>(NFTA_CMP_OP, step.key),
                           bytes(NFTA_CMP_DATA, step.data));
  }
  if (name == "bitwise") {
    step.kind = Kind::kMask;
    std::uint32_t operation = 0;
    auto read =
        read_attributes(data, kRule, number<std::uint32_t>(NFTA_BITWISE_SREG, step.from),
                        number<std::uint32_t>(NFTA_BITWISE_DREG, step.to),
                        number<std::uint32_t>(NFTA_BITWISE_OP, operation),
                        bytes(NFTA_BITWISE_MASK, step.data), bytes(NFTA_BITWISE_XOR, step.data2));
    // A shift has neither: what it makes is not known.
    if (operation != NFT_BITWISE_BOOL) step.data.clear();
    return read;
  }
  if (name == "immediate") {
    auto read = read_attributes(
        data, kRule, number<std::uint32_t>(NFTA_IMMEDIATE_DREG, step.to),
        each(NFTA_IMMEDIATE_DATA, [&](Bytes value) { return read_verdict(value, step); }),
        bytes(NFTA_IMMEDIATE_DATA, step.data));
    step.kind = step.to == NFT_REG_VERDICT ? Kind::kVerdict : Kind::kConstant;
    return read;
  }
  // Not the objects that a rule may name: a quota or a limit among them decides.
  constexpr std::array<std::string_view, 5> kActions{"counter", "log", "notrack", "last", "dup"};
  if (name == "reject") {
    step.kind = Kind::kVerdict;
    step.verdict = NF_DROP;
  } else if (std::ranges::find(kActions, name) != kActions.end()) {
    step.kind = Kind::kAction;
  }
  return {};
}

Result<void> read_step(Bytes expression, std::vector<FilterStep>& steps) {
  std::string name;
  Bytes data;
  auto read = read_attributes(expression, kRule, text(NFTA_EXPR_NAME, kNameCapacity, name),
                              each(NFTA_EXPR_DATA, [&](Bytes payload) -> Result<void> {
                                data = payload;
                                return {};
                              }));
  if (!read) return read;
  return read_data(name, data, steps.emplace_back());
}

}  // namespace

const std::uint16_t kNewTable = type_of(NFT_MSG_NEWTABLE);
const std::uint16_t kNewChain = type_of(NFT_MSG_NEWCHAIN);
const std::uint16_t kNewRule = type_of(NFT_MSG_NEWRULE);

std::vector<std::uint8_t> encode_table_request() {
  return request(NFT_MSG_GETTABLE);
}

std::vector<std::uint8_t> encode_chain_request() {
  return request(NFT_MSG_GETCHAIN);
}

std::vector<std::uint8_t> encode_rule_request() {
  return request(NFT_MSG_GETRULE);
}

Result<FilterTable> decode_table(Bytes message) {
  FilterTable table{.family = header_of<nfgenmsg>(message).nfgen_family};
  std::uint32_t flags = 0;
  auto read =
      read_message<nfgenmsg>(message, kTable, text(NFTA_TABLE_NAME, kNameCapacity, table.name),
                             number<std::uint32_t>(NFTA_TABLE_FLAGS, flags));
  if (!read) return std::unexpected(read.error());
  table.is_dormant = (flags & NFT_TABLE_F_DORMANT) != 0;
  return table;
}

Result<FilterChain> decode_chain(Bytes message) {
  FilterChain chain{.family = header_of<nfgenmsg>(message).nfgen_family, .table = {}, .name = {}};
  std::uint32_t policy = NF_ACCEPT;
  // One device stands in both places.
  const auto add_device = [&](Bytes name) -> Result<void> {
    const auto end = std::ranges::find(name, std::uint8_t{0});
    chain.devices.emplace_back(name.begin(), end);
    return {};
  };
  const auto read_hook = [&](Bytes hook) -> Result<void> {
    chain.is_base = true;
    return read_attributes(hook, kChain, number<std::uint32_t>(NFTA_HOOK_HOOKNUM, chain.hook),
                           number<std::uint32_t>(NFTA_HOOK_PRIORITY, chain.priority),
                           each(NFTA_HOOK_DEV, add_device),
                           nested(NFTA_HOOK_DEVS, each(NFTA_DEVICE_NAME, add_device)));
  };
  auto read = read_message<nfgenmsg>(
      message, kChain, text(NFTA_CHAIN_TABLE, kNameCapacity, chain.table),
      text(NFTA_CHAIN_NAME, kNameCapacity, chain.name), each(NFTA_CHAIN_HOOK, read_hook),
      number<std::uint32_t>(NFTA_CHAIN_POLICY, policy));
  if (!read) return std::unexpected(read.error());
  chain.drops = policy == NF_DROP;
  return chain;
}

Result<FilterRule> decode_rule(Bytes message) {
  FilterRule rule{.table = {}, .chain = {}, .family = header_of<nfgenmsg>(message).nfgen_family};
  auto read = read_message<nfgenmsg>(
      message, kRule, text(NFTA_RULE_TABLE, kNameCapacity, rule.table),
      text(NFTA_RULE_CHAIN, kNameCapacity, rule.chain),
      number<std::uint64_t>(NFTA_RULE_HANDLE, rule.handle),
      nested(NFTA_RULE_EXPRESSIONS,
             each(NFTA_LIST_ELEM, [&](Bytes step) { return read_step(step, rule.steps); })));
  if (!read) return std::unexpected(read.error());
  return rule;
}

}  // namespace mcast::netlink
