// One argument's text -> one checked value. Pure. An error's message says what was
// wrong, what is allowed, and gives an example where that helps.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "probe/stream_settings.h"

namespace mcast::cli {

// `name` is how the person gave it, for the message ("--ttl", "DURATION").
[[nodiscard]] Result<std::uint64_t> whole_number(std::string_view name, std::string_view text,
                                                 std::uint64_t low, std::uint64_t high);
// A decimal number of seconds, not below `low` and not above `high`.
[[nodiscard]] Result<Nanoseconds> seconds(std::string_view name, std::string_view text,
                                          Nanoseconds low, Nanoseconds high);
// The same with a unit, "3s", "500ms", "2m"; a number without one is of seconds.
[[nodiscard]] Result<Nanoseconds> duration(std::string_view name, std::string_view text,
                                           Nanoseconds low, Nanoseconds high);
// 0 to 100, decimal, a '%' after it allowed.
[[nodiscard]] Result<double> percent(std::string_view name, std::string_view text);
// IPv4 multicast.
[[nodiscard]] Result<IpAddress> group(std::string_view name, std::string_view text);
// IPv4 unicast.
[[nodiscard]] Result<IpAddress> host_address(std::string_view name, std::string_view text);
// A name that the kernel takes; whether there is such an interface is known later.
[[nodiscard]] Result<std::string> interface_name(std::string_view name, std::string_view text);
// What a stream may be called: as in the agent's configuration.
[[nodiscard]] Result<std::string> stream_name(std::string_view name, std::string_view text);
// The path of an agent's Unix socket.
[[nodiscard]] Result<std::string> agent_socket(std::string_view name, std::string_view text);
// Whole seconds; 0 stands for no end.
[[nodiscard]] Result<std::uint64_t> run_time(std::string_view name, std::string_view text);

// The parser of a whole number that a stream's key may be, which probe/stream_settings.h tells.
[[nodiscard]] inline auto number_of(std::string_view key) {
  return [&limits = stream_key(key)](std::string_view name, std::string_view text) {
    return whole_number(name, text, limits.low, limits.high);
  };
}

}  // namespace mcast::cli
