// From the bytes of nfnetlink messages about nftables to values, and the questions that they
// answer: pure functions, any thread. Every length is checked.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "netlink/types.h"

namespace mcast::netlink {

// For all tables, all chains and all rules, of every family; and the types of the answers'
// messages.
[[nodiscard]] std::vector<std::uint8_t> encode_table_request();
[[nodiscard]] std::vector<std::uint8_t> encode_chain_request();
[[nodiscard]] std::vector<std::uint8_t> encode_rule_request();
extern const std::uint16_t kNewTable;
extern const std::uint16_t kNewChain;
extern const std::uint16_t kNewRule;

// NFT_MSG_NEWTABLE: struct nfgenmsg and NFTA_TABLE_* attributes; nf_tables_fill_table_info().
[[nodiscard]] Result<FilterTable> decode_table(Bytes message);
// NFT_MSG_NEWCHAIN: struct nfgenmsg and NFTA_CHAIN_* attributes; nf_tables_fill_chain_info()
// in net/netfilter/nf_tables_api.c.
[[nodiscard]] Result<FilterChain> decode_chain(Bytes message);
// NFT_MSG_NEWRULE: struct nfgenmsg and NFTA_RULE_* attributes; nf_tables_fill_rule_info().
[[nodiscard]] Result<FilterRule> decode_rule(Bytes message);

}  // namespace mcast::netlink
