#include "netlink/proc/proc_routes.h"

#include <linux/route.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <tuple>

#include "netlink/proc/proc_text.h"

namespace mcast::netlink {
namespace {

bool holds(const TableRoute& route, const IpAddress& address) {
  if (route.destination.family() != address.family()) return false;
  const auto network = route.destination.bytes();
  const auto bytes = address.bytes();
  int left = route.prefix_length;
  for (std::size_t i = 0; i < bytes.size() && left > 0; ++i, left -= 8) {
    const unsigned mask = left >= 8 ? 0xFFU : (0xFF00U >> static_cast<unsigned>(left)) & 0xFFU;
    if (((network[i] ^ bytes[i]) & mask) != 0) return false;
  }
  return true;
}

std::optional<IpAddress> unless_unspecified(const IpAddress& address) {
  return address.is_unspecified() ? std::nullopt : std::optional(address);
}

}  // namespace

Result<std::vector<TableRoute>> parse_proc_route(std::string_view text) {
  std::vector<TableRoute> result;
  Lines lines(text);
  (void)lines.next();  // the title
  while (auto line = lines.next()) {
    const std::string_view interface = take_word(*line);
    const auto destination = parse_memory_hex(take_word(*line));
    const auto gateway = parse_memory_hex(take_word(*line));
    const auto flags = parse_number<std::uint32_t>(take_word(*line), 16);
    (void)take_word(*line);  // references and use: not counted any more
    (void)take_word(*line);
    const auto metric = parse_number<std::uint32_t>(take_word(*line));
    const auto mask = parse_memory_hex(take_word(*line));
    if (interface.empty() || !destination || !destination->is_v4() || !gateway ||
        !gateway->is_v4() || !flags || !metric || !mask || !mask->is_v4()) {
      return lines.error("not a route");
    }
    const std::uint32_t bits = mask->v4_host_order();
    const int length = std::countl_one(bits);
    if (std::popcount(bits) != length) return lines.error("not a mask of a route");
    if ((*flags & RTF_REJECT) != 0 || (*flags & RTF_UP) == 0) continue;
    result.push_back({.destination = *destination,
                      .prefix_length = length,
                      .gateway = unless_unspecified(*gateway),
                      .metric = *metric,
                      .interface = std::string(interface)});
  }
  return result;
}

Result<std::vector<TableRoute>> parse_proc_ipv6_route(std::string_view text) {
  constexpr int kMostBits = 128;
  std::vector<TableRoute> result;
  Lines lines(text);
  while (auto line = lines.next()) {
    const auto destination = parse_v6_hex(take_word(*line));
    const auto length = parse_number<int>(take_word(*line), 16);
    (void)take_word(*line);  // a source, with
    const auto source_length = parse_number<int>(take_word(*line), 16);
    const auto gateway = parse_v6_hex(take_word(*line));
    const auto metric = parse_number<std::uint32_t>(take_word(*line), 16);
    (void)take_word(*line);  // references and use
    (void)take_word(*line);
    const auto flags = parse_number<std::uint32_t>(take_word(*line), 16);
    const std::string_view interface = take_word(*line);
    if (!destination || !length || *length < 0 || *length > kMostBits || !source_length ||
        !gateway || !metric || !flags || interface.empty()) {
      return lines.error("not a route");
    }
    if ((*flags & RTF_REJECT) != 0 || (*flags & RTF_UP) == 0 || *source_length != 0) continue;
    result.push_back({.destination = *destination,
                      .prefix_length = *length,
                      .gateway = unless_unspecified(*gateway),
                      .metric = *metric,
                      .interface = std::string(interface)});
  }
  return result;
}

std::vector<TableRoute> best_routes(const std::vector<TableRoute>& table,
                                    const IpAddress& destination) {
  std::vector<TableRoute> best;
  const auto rank = [](const TableRoute& route) {
    return std::tuple(-route.prefix_length, route.metric);
  };
  for (const TableRoute& route : table) {
    if (!holds(route, destination)) continue;
    if (!best.empty() && rank(route) > rank(best.front())) continue;
    if (!best.empty() && rank(route) < rank(best.front())) best.clear();
    best.push_back(route);
  }
  return best;
}

}  // namespace mcast::netlink
