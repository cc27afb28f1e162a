#include "cli/arguments/argument_values.h"

#include <algorithm>
#include <optional>

#include "base/number.h"
#include "base/text.h"

namespace mcast::cli {
namespace {

constexpr std::size_t kMaxGroups = 1'000;  // in one list

std::unexpected<Error> refuse(std::string_view name, std::string_view text,
                              std::string_view allowed) {
  return fail(std::string(name) + ": '" + printable(text) + "' is not " + std::string(allowed));
}

std::optional<double> decimal(std::string_view text) {
  return text.starts_with('-') ? std::nullopt : parse_decimal(text);
}

}  // namespace

Result<std::uint64_t> whole_number(std::string_view name, std::string_view text, std::uint64_t low,
                                   std::uint64_t high) {
  const auto value = parse_number<std::uint64_t>(text);
  if (value && *value >= low && *value <= high) return *value;
  return refuse(name, text,
                "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
}

Result<Nanoseconds> duration(std::string_view name, std::string_view text, Nanoseconds low,
                             Nanoseconds high) {
  const auto value = parse_duration(text);
  if (value && *value >= low && *value <= high) return *value;
  return refuse(name, text,
                "a time from " + plain_duration(low) + " to " + plain_duration(high) +
                    ", for example 3, 1.5s or 500ms");
}

Result<double> percent(std::string_view name, std::string_view text) {
  const auto value = decimal(text.substr(0, text.size() - (text.ends_with('%') ? 1 : 0)));
  if (value && *value <= 100) return *value;
  return refuse(name, text,
                "a percentage from 0 to 100, for example " + std::string(name) + "=0.5");
}

Result<ZonedAddress> group(std::string_view name, std::string_view text) {
  auto address = ZonedAddress::parse(text);
  if (!address || !address->address.is_multicast()) {
    const bool is_v6 = text.find(':') != std::string_view::npos;
    return refuse(name, text,
                  is_v6 ? "a multicast group: one of ff00::/8, for example ff1e::8000:1"
                        : "a multicast group: 224.0.0.0 to 239.255.255.255, for example 239.1.1.1");
  }
  if (address->zone.empty() || is_valid_interface_name(address->zone)) return address;
  return refuse(name, text, "a group with the name of an interface behind the '%'");
}

Result<std::vector<GroupAndPort>> groups(std::string_view name, std::string_view text) {
  if (const auto range = parse_group_range(text)) {
    return fail(std::string(name) + ": '" + printable(text) + "' is a range; did you mean " +
                range->first.to_string() + " --groups " + std::to_string(range->count) + "?");
  }
  std::vector<GroupAndPort> result;
  for (bool is_last = false; !is_last;) {
    const std::size_t comma = text.find(',');
    is_last = comma == std::string_view::npos;
    const std::string_view one = text.substr(0, comma);
    text.remove_prefix(is_last ? text.size() : comma + 1);
    // An IPv6 address has more than one colon, and stands in brackets before a port.
    const bool in_brackets = one.starts_with('[');
    const std::size_t bracket = in_brackets ? one.find(']') : 0;
    const std::size_t colon = one.find(':', std::min(bracket, one.size()));
    const bool has_port =
        colon != std::string_view::npos && (in_brackets || colon == one.rfind(':'));
    const std::size_t end = has_port ? colon : one.size();
    if (in_brackets && bracket != end - 1) {
      return refuse(name, one, "a group in brackets with a port, for example [ff1e::8000:1]:5004");
    }
    const auto address = group(name, in_brackets ? one.substr(1, bracket - 1) : one.substr(0, end));
    if (!address) return std::unexpected(address.error());
    GroupAndPort& added = result.emplace_back(
        GroupAndPort{.group = address->address, .port = {}, .zone = address->zone});
    if (has_port) {
      const auto port = number_of("port")(std::string(name) + ": port", one.substr(colon + 1));
      if (!port) return std::unexpected(port.error());
      added.port = static_cast<std::uint16_t>(*port);
    }
    if (std::ranges::count(result, added) > 1) {
      return fail(std::string(name) + ": " + printable(one) + " is given twice");
    }
    if (result.size() > kMaxGroups) {
      return fail(std::string(name) + ": more than " + std::to_string(kMaxGroups) + " groups");
    }
  }
  return result;
}

Result<IpAddress> host_address(std::string_view name, std::string_view text) {
  const auto address = ZonedAddress::parse(text);
  if (address && !address->zone.empty()) {
    return fail(std::string(name) + ": '" + printable(text) +
                "': leave out the zone, --interface says where the address is");
  }
  // The original takes "::", which no packet carries.
  if (address && (address->address.is_unicast() || address->address == IpAddress::v6({}))) {
    return address->address;
  }
  return refuse(name, text, "the unicast address of a host, for example 10.1.1.1 or 2001:db8::1");
}

Result<std::string> interface_name(std::string_view name, std::string_view text) {
  if (is_valid_interface_name(text)) return std::string(text);
  return refuse(name, text,
                "an interface name: 1 to 15 bytes without '/', ':' and white space, for example "
                "eth1");
}

Result<std::string> stream_name(std::string_view name, std::string_view text) {
  if (is_stream_name(text)) return std::string(text);
  return refuse(
      name, text,
      "a valid stream name: 1 to 200 bytes, printable, without '/' and without white space "
      "around it");
}

Result<std::string> agent_socket(std::string_view name, std::string_view text) {
  // What a Unix socket's address has room for.
  constexpr std::size_t kLongest = 107;
  if (text.find_first_not_of("0123456789.:") == std::string_view::npos && !text.empty()) {
    return refuse(name, text,
                  "the path of a socket: an agent is asked on its own host, for example " +
                      std::string(name) + "=/run/mcast-agent/api.sock");
  }
  if (!text.empty() && text.size() <= kLongest && !has_control_characters(text)) {
    return std::string(text);
  }
  return fail(std::string(name) + ": the path of a socket has 1 to 107 bytes, not '" +
              printable(text) + "'");
}

Result<Nanoseconds> run_time(std::string_view name, std::string_view text) {
  const StreamKey& limits = stream_key("duration");
  if (parse_duration(text) == 0) return 0;
  return duration(name, text, static_cast<Nanoseconds>(limits.low),
                  static_cast<Nanoseconds>(limits.high));
}

}  // namespace mcast::cli
