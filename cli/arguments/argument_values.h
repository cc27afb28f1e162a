// One argument's text -> one checked value. Pure. An error's message says what was
// wrong, what is allowed, and gives an example where that helps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "probe/stream_settings.h"

namespace mcast::cli {

// `name` is how the person gave it, for the message ("--ttl", "DURATION").
[[nodiscard]] Result<std::uint64_t> whole_number(std::string_view name, std::string_view text,
                                                 std::uint64_t low, std::uint64_t high);
// A time as base/number.h takes it, not below `low` and not above `high`.
[[nodiscard]] Result<Nanoseconds> duration(std::string_view name, std::string_view text,
                                           Nanoseconds low, Nanoseconds high);
// 0 to 100, decimal, a '%' after it allowed.
[[nodiscard]] Result<double> percent(std::string_view name, std::string_view text);
// Multicast, a zone behind it allowed.
[[nodiscard]] Result<ZonedAddress> group(std::string_view name, std::string_view text);
// "239.1.1.1", "239.5.5.5:5004", "ff15::1", "[ff02::1%eth1]:5004", or several of these with commas
// between them.
struct GroupAndPort {
  IpAddress group;
  std::optional<std::uint16_t> port = {};
  std::string zone = {};  // the name of an interface

  friend bool operator==(const GroupAndPort&, const GroupAndPort&) = default;
};
[[nodiscard]] Result<std::vector<GroupAndPort>> groups(std::string_view name,
                                                       std::string_view text);
// Unicast, without a zone.
[[nodiscard]] Result<IpAddress> host_address(std::string_view name, std::string_view text);
// A name that the kernel takes; whether there is such an interface is known later.
[[nodiscard]] Result<std::string> interface_name(std::string_view name, std::string_view text);
// What a stream may be called: as in the agent's configuration.
[[nodiscard]] Result<std::string> stream_name(std::string_view name, std::string_view text);
// The path of an agent's Unix socket.
[[nodiscard]] Result<std::string> agent_socket(std::string_view name, std::string_view text);
// How long a command runs; 0 stands for no end.
[[nodiscard]] Result<Nanoseconds> run_time(std::string_view name, std::string_view text);

// The parser of a time that a stream's key may be, which probe/stream_settings.h tells.
[[nodiscard]] inline auto duration_of(std::string_view key) {
  return [&limits = stream_key(key)](std::string_view name, std::string_view text) {
    return duration(name, text, static_cast<Nanoseconds>(limits.low),
                    static_cast<Nanoseconds>(limits.high));
  };
}

// The parser of a whole number that a stream's key may be, which probe/stream_settings.h tells.
[[nodiscard]] inline auto number_of(std::string_view key) {
  return [&limits = stream_key(key)](std::string_view name, std::string_view text) {
    return whole_number(name, text, limits.low, limits.high);
  };
}

}  // namespace mcast::cli
