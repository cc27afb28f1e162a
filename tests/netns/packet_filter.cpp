#include "tests/netns/packet_filter.h"

#include <sstream>

#include "tests/netns/failure.h"

namespace mcast::test {

void nft(const Namespace& where, std::string_view rules) {
  RunOptions options;
  options.input = rules;
  where.run({"nft", "-f", "-"}, options);
}

void filter(const Namespace& where, const Net& net, const std::string& hook,
            const std::string& rules) {
  nft(where, "table " + net.nft + " fault {\n  counter hits {\n  }\n  chain " + hook +
                 " {\n    type filter hook " + hook + " priority 0; policy accept;\n    " + rules +
                 "\n  }\n}\n");
}

std::uint64_t filter_hits(const Namespace& where, const Net& net) {
  return nft_counter(where, net.nft + " fault", "hits");
}

std::uint64_t nft_counter(const Namespace& where, const std::string& table,
                          const std::string& counter) {
  const std::string text = where.run({"nft", "list counter " + table + " " + counter});
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    std::uint64_t packets = 0;
    if (word == "packets" && words >> packets) return packets;
  }
  fail_with("nft lists no packets of counter " + counter + ": " + text);
}

}  // namespace mcast::test
